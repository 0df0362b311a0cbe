package phaistos.server.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import phaistos.environment.DiskFile;
import phaistos.formats.Lsn;

/**
 * Reads WAL for one reader, who mostly goes on where it stopped: the last segment stays open
 * (WALRead, xlogreader.c). Not thread-safe.
 */
public final class SegmentReader implements AutoCloseable {
  private final WalFiles files;
  private int timeline;
  private long number;

  /** Null if none is open. */
  private DiskFile file;

  public SegmentReader(WalFiles files) {
    this.files = files;
  }

  public WalFiles files() {
    return files;
  }

  /**
   * Bytes from one segment.
   *
   * @throws NoSuchFileException if it is not there
   */
  public byte[] read(int of, Lsn from, int length) throws IOException {
    long wanted = files.layout().segmentNumber(from);
    if (file == null || timeline != of || number != wanted) {
      close();
      file = files.open(of, from);
      timeline = of;
      number = wanted;
    }
    byte[] bytes = new byte[length];
    file.read(files.layout().segmentOffset(from), ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      DiskFile old = file;
      file = null;
      old.close();
    }
  }
}
