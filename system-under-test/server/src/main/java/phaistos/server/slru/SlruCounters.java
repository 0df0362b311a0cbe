package phaistos.server.slru;

import java.util.concurrent.atomic.AtomicLong;

/** What pg_stat_slru counts for one SLRU. Thread-safe. */
public final class SlruCounters {
  private final AtomicLong zeroed = new AtomicLong();
  private final AtomicLong hits = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong flushes = new AtomicLong();

  /** The counts at one moment. */
  public record Counts(long zeroed, long hits, long reads, long writes, long flushes) {}

  void zeroed() {
    zeroed.incrementAndGet();
  }

  void hit() {
    hits.incrementAndGet();
  }

  void read() {
    reads.incrementAndGet();
  }

  void written() {
    writes.incrementAndGet();
  }

  void flushed() {
    flushes.incrementAndGet();
  }

  public Counts counts() {
    return new Counts(zeroed.get(), hits.get(), reads.get(), writes.get(), flushes.get());
  }
}
