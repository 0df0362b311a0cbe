package phaistos.simulator;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A frozen copy of a disk for an audit. Any thread may read it, during the run and after it. The
 * shape of its methods is that of {@code formats.DataDirectory}.
 */
public final class DiskImage {
  private final String description;

  /** Content by path; empty for a directory. */
  private final SortedMap<String, Optional<Pages>> entries;

  DiskImage(String description, SortedMap<String, Optional<Pages>> entries) {
    this.description = description;
    this.entries = entries;
  }

  /**
   * The names of the entries of a directory, sorted.
   *
   * @throws NoSuchFileException if there is none
   */
  public List<String> list(String directory) throws NoSuchFileException {
    return DiskNames.children(entries, directory, Optional::isEmpty);
  }

  /** The paths of all files, sorted. */
  public List<String> files() {
    List<String> files = new ArrayList<>();
    entries.forEach(
        (path, content) -> {
          if (content.isPresent()) {
            files.add(path);
          }
        });
    return files;
  }

  public boolean exists(String path) {
    return entries.containsKey(DiskNames.normalize(path));
  }

  /**
   * @throws NoSuchFileException if there is no such file
   */
  public long size(String path) throws NoSuchFileException {
    return content(path).size();
  }

  /**
   * Up to {@code length} bytes; fewer only at the end of the file.
   *
   * @throws NoSuchFileException if there is no such file
   */
  public byte[] read(String path, long offset, int length) throws NoSuchFileException {
    byte[] bytes = new byte[length];
    int count = content(path).read(offset, ByteBuffer.wrap(bytes));
    return count == length ? bytes : Arrays.copyOf(bytes, count);
  }

  /**
   * A number for names and content: two images with the same number are the same, but for a chance
   * of 2^-64.
   */
  public long key() {
    long key = 1;
    for (Map.Entry<String, Optional<Pages>> entry : entries.entrySet()) {
      for (byte part : entry.getKey().getBytes(StandardCharsets.UTF_8)) {
        key = CrashStates.mix(key, part);
      }
      key = CrashStates.mix(key, entry.getValue().isEmpty() ? 1 : 2);
      if (entry.getValue().isPresent()) {
        key = CrashStates.mix(key, entry.getValue().get().contentKey());
      }
    }
    return key;
  }

  SortedMap<String, Optional<Pages>> entries() {
    return entries;
  }

  public String describe() {
    return description;
  }

  private Pages content(String path) throws NoSuchFileException {
    Optional<Pages> content = entries.get(DiskNames.normalize(path));
    if (content == null || content.isEmpty()) {
      throw new NoSuchFileException(path);
    }
    return content.get();
  }
}
