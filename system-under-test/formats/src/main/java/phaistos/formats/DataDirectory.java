package phaistos.formats;

import java.io.IOException;
import java.util.List;

/**
 * Read-only view of a PostgreSQL data directory: a folder, a container's copy, or a simulated
 * image. Paths are relative, with {@code /} between names.
 */
public interface DataDirectory {
  /**
   * The names of the entries of a directory, sorted.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  List<String> list(String directory) throws IOException;

  /**
   * Size in bytes.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  long size(String path) throws IOException;

  /**
   * Up to {@code length} bytes from {@code offset} on; fewer only at the end of the file.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  byte[] read(String path, long offset, int length) throws IOException;

  /**
   * Reads from {@code offset} on into {@code into}, as much as fits: how many bytes, fewer only at
   * the end of the file.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  default int read(String path, long offset, byte[] into) throws IOException {
    byte[] bytes = read(path, offset, into.length);
    System.arraycopy(bytes, 0, into, 0, bytes.length);
    return bytes.length;
  }

  /** Where it comes from, for messages. */
  String describe();
}
