package phaistos.environment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder of the machine. {@link #syncDirectory} opens the directory and forces it, which works on
 * Linux and macOS.
 */
public final class SystemDisk implements Disk {
  private final Path root;

  /** The first file or directory creates the root, too. */
  public SystemDisk(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  public Path root() {
    return root;
  }

  /** The machine's path of a path on this disk; refuses paths that lead out of the root. */
  public Path resolve(String path) {
    Path resolved = root.resolve(path).normalize();
    if (!resolved.startsWith(root)) {
      throw new IllegalArgumentException("path leads out of the disk: path=" + path);
    }
    return resolved;
  }

  @Override
  public DiskFile open(String path) throws IOException {
    return new SystemDiskFile(
        FileChannel.open(resolve(path), StandardOpenOption.READ, StandardOpenOption.WRITE),
        resolve(path));
  }

  @Override
  public DiskFile create(String path) throws IOException {
    return new SystemDiskFile(
        FileChannel.open(
            resolve(path),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE_NEW),
        resolve(path));
  }

  @Override
  public boolean exists(String path) {
    return Files.exists(resolve(path));
  }

  @Override
  public List<String> list(String directory) throws IOException {
    try (Stream<Path> entries = Files.list(resolve(directory))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (NotDirectoryException _) {
      throw new NoSuchFileException(directory);
    }
  }

  @Override
  public void createDirectories(String directory) throws IOException {
    Files.createDirectories(resolve(directory));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(
        resolve(from),
        resolve(to),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void delete(String path) throws IOException {
    Files.delete(resolve(path));
  }

  @Override
  public void syncDirectory(String directory) throws IOException {
    try (FileChannel channel = FileChannel.open(resolve(directory), StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private record SystemDiskFile(FileChannel channel, Path path) implements DiskFile {
    @Override
    public int read(long offset, ByteBuffer target) throws IOException {
      int total = 0;
      while (target.hasRemaining()) {
        int count = channel.read(target, offset + total);
        if (count < 0) {
          break;
        }
        total += count;
      }
      return total;
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
      long position = offset;
      while (source.hasRemaining()) {
        position += channel.write(source, position);
      }
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    /**
     * Shortens, or lengthens with zeroes, as ftruncate does; FileChannel's truncate only shortens.
     */
    @Override
    public void truncate(long size) throws IOException {
      long old = channel.size();
      if (size < old) {
        channel.truncate(size);
      } else if (size > old) {
        write(size - 1, ByteBuffer.allocate(1));
      }
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public void writeBack(long offset, long length) throws IOException {
      FileRanges.writeBack(path, offset, length);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
