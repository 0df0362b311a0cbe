package phaistos.cluster.containers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import phaistos.formats.DataDirectory;

/** A data directory in a folder of this machine. */
record FolderDirectory(Path folder, String describe) implements DataDirectory {
  @Override
  public List<String> list(String directory) throws IOException {
    try (var entries = Files.list(folder.resolve(directory))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Override
  public long size(String path) throws IOException {
    return Files.size(folder.resolve(path));
  }

  @Override
  public byte[] read(String path, long offset, int length) throws IOException {
    try (FileChannel file = FileChannel.open(folder.resolve(path), StandardOpenOption.READ)) {
      byte[] bytes = new byte[(int) Math.max(0, Math.min(length, file.size() - offset))];
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        if (file.read(buffer, offset + buffer.position()) < 0) {
          return Arrays.copyOf(bytes, buffer.position());
        }
      }
      return bytes;
    }
  }
}
