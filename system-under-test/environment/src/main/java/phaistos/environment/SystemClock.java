package phaistos.environment;

import java.time.Instant;

/** The machine's clocks. */
public final class SystemClock implements Clock {
  private final long origin = System.nanoTime();

  @Override
  public long monotonicNanos() {
    return System.nanoTime() - origin;
  }

  @Override
  public Instant wallClock() {
    return Instant.now();
  }
}
