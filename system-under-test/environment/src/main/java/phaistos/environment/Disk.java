package phaistos.environment;

import java.io.IOException;
import java.util.List;

/**
 * A node's data directory. Paths are relative, with {@code /} between names: "pg_wal/00...01".
 *
 * <p>Writes reach the page cache; a crash (power cut) may lose, tear and reorder what was not
 * synced. A file that was created, renamed or deleted is durable in its directory only after {@link
 * #syncDirectory}.
 */
public interface Disk {
  /**
   * Opens an existing file for reading and writing.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  DiskFile open(String path) throws IOException;

  /**
   * Creates an empty file and opens it.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is one
   */
  DiskFile create(String path) throws IOException;

  boolean exists(String path) throws IOException;

  /**
   * The names of the entries of a directory, sorted.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  List<String> list(String directory) throws IOException;

  /** Creates a directory and its parents, unless they are there. */
  void createDirectories(String directory) throws IOException;

  /** Renames a file, replacing any file of the new name, in one step. */
  void rename(String from, String to) throws IOException;

  void delete(String path) throws IOException;

  void syncDirectory(String directory) throws IOException;
}
