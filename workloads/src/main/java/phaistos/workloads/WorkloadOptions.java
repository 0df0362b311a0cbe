package phaistos.workloads;

import phaistos.histories.generators.Seed;

/**
 * The options that a test gives a workload.
 *
 * @param seed for the workload's draws
 * @param rate operations a second that the clients together begin
 * @param jdbc how the clients connect
 */
public record WorkloadOptions(Seed seed, double rate, JdbcOptions jdbc) {
  /** With {@link JdbcOptions#DEFAULT}. */
  public static WorkloadOptions of(Seed seed, double rate) {
    return new WorkloadOptions(seed, rate, JdbcOptions.DEFAULT);
  }

  /** The mean time between two operations, for {@code Generators.stagger}. */
  public long meanGapNanos() {
    return Math.max(1, (long) (1e9 / rate));
  }
}
