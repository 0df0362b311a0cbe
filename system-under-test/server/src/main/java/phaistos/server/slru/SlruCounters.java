package phaistos.server.slru;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** What pg_stat_slru counts for one SLRU. Thread-safe. */
public final class SlruCounters {
  private enum Event {
    ZEROED,
    HIT,
    READ,
    WRITTEN,
    EXISTS,
    FLUSH,
    TRUNCATE
  }

  private final AtomicLongArray events = new AtomicLongArray(Event.values().length);
  private final AtomicLong resetAt;

  SlruCounters(long resetAt) {
    this.resetAt = new AtomicLong(resetAt);
  }

  /**
   * The counts at one moment.
   *
   * @param resetAt since when they count, in microseconds since 2000
   */
  public record Counts(
      long zeroed,
      long hits,
      long reads,
      long writes,
      long exists,
      long flushes,
      long truncates,
      long resetAt) {}

  void zeroed() {
    count(Event.ZEROED);
  }

  void hit() {
    count(Event.HIT);
  }

  void read() {
    count(Event.READ);
  }

  void written() {
    count(Event.WRITTEN);
  }

  void exists() {
    count(Event.EXISTS);
  }

  void flushed() {
    count(Event.FLUSH);
  }

  void truncated() {
    count(Event.TRUNCATE);
  }

  private void count(Event event) {
    events.incrementAndGet(event.ordinal());
  }

  void reset(long now) {
    for (Event event : Event.values()) {
      events.set(event.ordinal(), 0);
    }
    resetAt.set(now);
  }

  public Counts counts() {
    return new Counts(
        of(Event.ZEROED),
        of(Event.HIT),
        of(Event.READ),
        of(Event.WRITTEN),
        of(Event.EXISTS),
        of(Event.FLUSH),
        of(Event.TRUNCATE),
        resetAt.get());
  }

  private long of(Event event) {
    return events.get(event.ordinal());
  }
}
