package phaistos.formats;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A data directory, or any folder with some of its files, on a real disk. */
public record FolderDataDirectory(Path root) implements DataDirectory {
  /**
   * Reads use one buffer outside the heap. Otherwise the JVM allocates one for each read, which
   * takes longer than the read. A buffer of this size stays in the processor's cache.
   */
  private static final ThreadLocal<ByteBuffer> CHUNK =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(1 << 17));

  @Override
  public List<String> list(String directory) throws IOException {
    Path folder = root.resolve(directory);
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public long size(String path) throws IOException {
    return Files.size(root.resolve(path));
  }

  @Override
  public byte[] read(String path, long offset, int length) throws IOException {
    try (FileChannel file = FileChannel.open(root.resolve(path), StandardOpenOption.READ)) {
      byte[] bytes = new byte[Math.clamp(file.size() - offset, 0, length)];
      int got = read(file, offset, bytes);
      return got < bytes.length ? Arrays.copyOf(bytes, got) : bytes;
    }
  }

  @Override
  public int read(String path, long offset, byte[] into) throws IOException {
    try (FileChannel file = FileChannel.open(root.resolve(path), StandardOpenOption.READ)) {
      return read(file, offset, into);
    }
  }

  private static int read(FileChannel file, long offset, byte[] into) throws IOException {
    ByteBuffer chunk = CHUNK.get();
    int got = 0;
    while (got < into.length) {
      chunk.clear().limit(Math.min(chunk.capacity(), into.length - got));
      int part = file.read(chunk, offset + got);
      if (part <= 0) {
        break;
      }
      chunk.get(0, into, got, part);
      got += part;
    }
    return got;
  }

  @Override
  public String describe() {
    return root.toString();
  }
}
