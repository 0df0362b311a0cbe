package phaistos.simulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;

/**
 * A disk as it is at each moment: the page cache that processes see, or the platter, which is what
 * a power cut would leave if no unsynced write had reached it. Reading it is no act of the
 * simulation. Only for tasks of the simulation.
 */
public final class DiskView {
  private final DiskNames names;
  private final boolean withUnsynced;

  DiskView(DiskNames names, boolean withUnsynced) {
    this.names = names;
    this.withUnsynced = withUnsynced;
  }

  /**
   * @throws NoSuchFileException if there is no such file
   */
  public long size(String path) throws IOException {
    return file(path).size(withUnsynced);
  }

  /**
   * Reads from {@code offset} on into {@code target}'s room; returns how many bytes, fewer only at
   * the end of the file.
   *
   * @throws NoSuchFileException if there is no such file
   */
  public int read(String path, long offset, ByteBuffer target) throws IOException {
    return file(path).read(withUnsynced, offset, target);
  }

  private SimulatedFile file(String path) throws NoSuchFileException {
    if (names.get(DiskNames.normalize(path), withUnsynced) instanceof SimulatedFile file) {
      return file;
    }
    throw new NoSuchFileException(path);
  }
}
