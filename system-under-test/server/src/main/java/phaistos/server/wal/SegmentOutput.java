package phaistos.server.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import phaistos.environment.DiskFile;
import phaistos.formats.Lsn;
import phaistos.formats.wal.WalLayout;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/** Writes pages of the WAL buffers to the segments. Not thread-safe: one task flushes at a time. */
final class SegmentOutput {
  private static final int PAGE = 8192;

  private final WalFiles files;
  private final WalLayout layout;
  private final byte[] ring;
  private final Steps steps;
  private final WalCounters counters;
  private DiskFile segment;
  private long segmentNumber = -1;

  /**
   * @param ring the buffers: the byte at LSN n is at n modulo their length
   */
  SegmentOutput(WalFiles files, byte[] ring, Steps steps, WalCounters counters) {
    this.files = files;
    this.layout = files.layout();
    this.ring = ring;
    this.steps = steps;
    this.counters = counters;
  }

  /**
   * Writes the pages from that of {@code from} on.
   *
   * @param lastPage the page in which the WAL ends, since the buffers' own goes on to change
   */
  void write(int timeline, long from, long end, byte[] lastPage) throws IOException {
    long at = from & -(long) PAGE;
    long lastStart = end & -(long) PAGE;
    while (at < lastStart) {
      open(timeline, at);
      int in = (int) Long.remainderUnsigned(at, ring.length);
      int inSegment = layout.segmentOffset(new Lsn(at));
      long part = Math.min(lastStart - at, ring.length - in);
      part = Math.min(part, layout.segmentSize() - inSegment);
      segment.write(inSegment, ByteBuffer.wrap(ring, in, (int) part));
      counters.write();
      at += part;
    }
    if (end > lastStart) {
      open(timeline, lastStart);
      segment.write(layout.segmentOffset(new Lsn(lastStart)), ByteBuffer.wrap(lastPage));
      counters.write();
    }
  }

  /** Makes what was written durable. */
  void sync() throws IOException {
    segment.sync();
  }

  private void open(int timeline, long at) throws IOException {
    long number = layout.segmentNumber(new Lsn(at));
    if (number == segmentNumber) {
      return;
    }
    if (segment != null) {
      // bytes after the segment boundary must never be durable before those ahead of it
      steps.step(CommitSteps.WAL_SEGMENT_LEAVE_SYNC, new Lsn(at), () -> segment.sync());
      segment.close();
    }
    segment = files.openForWriting(timeline, new Lsn(at));
    segmentNumber = number;
  }
}
