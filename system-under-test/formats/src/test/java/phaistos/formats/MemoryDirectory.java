package phaistos.formats;

import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A data directory in memory. */
public final class MemoryDirectory implements DataDirectory {
  private final Map<String, byte[]> files = new TreeMap<>();

  public MemoryDirectory put(String path, byte[] bytes) {
    files.put(path, bytes);
    return this;
  }

  public void remove(String path) {
    files.remove(path);
  }

  /** The file itself, not a copy. */
  public byte[] file(String path) {
    return files.get(path);
  }

  @Override
  public List<String> list(String directory) throws NoSuchFileException {
    String prefix = directory.isEmpty() ? "" : directory + "/";
    List<String> names =
        files.keySet().stream()
            .filter(path -> path.startsWith(prefix))
            .map(path -> path.substring(prefix.length()).split("/")[0])
            .distinct()
            .toList();
    if (names.isEmpty() && !directory.isEmpty()) {
      throw new NoSuchFileException(directory);
    }
    return names;
  }

  @Override
  public long size(String path) throws NoSuchFileException {
    return bytes(path).length;
  }

  @Override
  public byte[] read(String path, long offset, int length) throws NoSuchFileException {
    byte[] bytes = bytes(path);
    int from = (int) Math.min(offset, bytes.length);
    return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + length));
  }

  private byte[] bytes(String path) throws NoSuchFileException {
    byte[] bytes = files.get(path);
    if (bytes == null) {
      throw new NoSuchFileException(path);
    }
    return bytes;
  }

  @Override
  public String describe() {
    return "memory";
  }
}
