package phaistos.environment;

import java.time.Instant;

/** Time. Thread-safe. */
public interface Clock {
  /** Nanoseconds since an arbitrary moment; never goes back. For intervals and deadlines. */
  long monotonicNanos();

  /** The node's time of day, which may be wrong and may jump. */
  Instant wallClock();
}
