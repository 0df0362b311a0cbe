package phaistos.cluster.simulated;

import java.io.IOException;
import java.util.List;
import phaistos.formats.DataDirectory;
import phaistos.simulator.DiskImage;

/** A simulated disk's image as a {@link DataDirectory}, for the readers of PostgreSQL's files. */
record ImageDirectory(DiskImage image) implements DataDirectory {
  @Override
  public List<String> list(String directory) throws IOException {
    return image.list(directory);
  }

  @Override
  public long size(String path) throws IOException {
    return image.size(path);
  }

  @Override
  public byte[] read(String path, long offset, int length) throws IOException {
    return image.read(path, offset, length);
  }

  @Override
  public String describe() {
    return image.describe();
  }
}
