package phaistos.harness;

import java.time.Duration;

/**
 * How much the clients do.
 *
 * @param timeLimit how long the load lasts
 * @param concurrency client threads
 * @param rate operations a second that all clients together begin
 */
public record LoadPlan(Duration timeLimit, int concurrency, int rate) {
  public static final LoadPlan DEFAULT = new LoadPlan(Duration.ofSeconds(60), 10, 100);

  public LoadPlan {
    if (timeLimit.isNegative() || timeLimit.isZero() || concurrency < 1 || rate < 1) {
      throw new IllegalArgumentException(
          "timeLimit=%s, concurrency=%d, rate=%d".formatted(timeLimit, concurrency, rate));
    }
  }
}
