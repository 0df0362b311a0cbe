package phaistos.cluster.simulated;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import phaistos.formats.DataDirectory;
import phaistos.simulator.DiskView;

/** A simulated disk as it is at each moment, as a {@link DataDirectory}. */
record ViewDirectory(DiskView view, String describe) implements DataDirectory {
  @Override
  public List<String> list(String directory) {
    throw new UnsupportedOperationException("the names on a disk that is in use are not listed");
  }

  @Override
  public long size(String path) throws IOException {
    return view.size(path);
  }

  @Override
  public byte[] read(String path, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    int count = read(path, offset, bytes);
    return count == length ? bytes : Arrays.copyOf(bytes, count);
  }

  @Override
  public int read(String path, long offset, byte[] into) throws IOException {
    return view.read(path, offset, ByteBuffer.wrap(into));
  }
}
