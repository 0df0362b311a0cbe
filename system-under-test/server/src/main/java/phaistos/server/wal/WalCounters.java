package phaistos.server.wal;

import java.util.concurrent.atomic.AtomicLong;

/** What pg_stat_wal counts. Thread-safe. */
public final class WalCounters {
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong images = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong full = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong syncs = new AtomicLong();

  /** The counts at one moment. */
  public record Counts(
      long records, long images, long bytes, long buffersFull, long writes, long syncs) {}

  void record(int length) {
    records.incrementAndGet();
    bytes.addAndGet(length);
  }

  void image() {
    images.incrementAndGet();
  }

  void buffersFull() {
    full.incrementAndGet();
  }

  void write() {
    writes.incrementAndGet();
  }

  void sync() {
    syncs.incrementAndGet();
  }

  public Counts counts() {
    return new Counts(
        records.get(), images.get(), bytes.get(), full.get(), writes.get(), syncs.get());
  }
}
