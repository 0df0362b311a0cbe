package phaistos.simulator;

import phaistos.environment.Randomness;
import phaistos.environment.SeededRandomness;

/** Seeded, and every draw is in the trace. */
final class SimulatedRandomness implements Randomness {
  private final Scheduler scheduler;
  private final SeededRandomness source;

  SimulatedRandomness(Scheduler scheduler, SeededRandomness source) {
    this.scheduler = scheduler;
    this.source = source;
  }

  @Override
  public long nextLong() {
    long drawn = source.nextLong();
    scheduler.enter("randomness.nextLong", drawn, 0);
    return drawn;
  }

  @Override
  public int nextInt(int bound) {
    int drawn = source.nextInt(bound);
    scheduler.enter("randomness.nextInt", drawn, bound);
    return drawn;
  }

  @Override
  public double nextDouble() {
    double drawn = source.nextDouble();
    scheduler.enter("randomness.nextDouble", Double.doubleToRawLongBits(drawn), 0);
    return drawn;
  }

  @Override
  public Randomness child(String name) {
    return new SimulatedRandomness(scheduler, source.child(name));
  }
}
