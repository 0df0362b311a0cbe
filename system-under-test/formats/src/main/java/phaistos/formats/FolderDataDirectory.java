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
      ByteBuffer buffer = ByteBuffer.allocate(Math.clamp(file.size() - offset, 0, length));
      while (buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) > 0) {
        // reads on
      }
      return buffer.hasRemaining()
          ? Arrays.copyOf(buffer.array(), buffer.position())
          : buffer.array();
    }
  }

  @Override
  public String describe() {
    return root.toString();
  }
}
