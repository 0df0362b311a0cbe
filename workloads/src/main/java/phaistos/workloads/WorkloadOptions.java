package phaistos.workloads;

import phaistos.histories.generators.Seed;

/**
 * The options that a test gives a workload.
 *
 * @param seed for the workload's draws
 * @param rate operations a second that the clients together begin
 * @param jdbc how the clients connect
 * @param readFrom where reads go, in workloads that let one choose
 */
public record WorkloadOptions(Seed seed, double rate, JdbcOptions jdbc, ReadFrom readFrom) {
  /** With {@link JdbcOptions#DEFAULT}; reads go to the primary. */
  public static WorkloadOptions of(Seed seed, double rate) {
    return new WorkloadOptions(seed, rate, JdbcOptions.DEFAULT, ReadFrom.PRIMARY);
  }

  public WorkloadOptions withSeed(Seed other) {
    return new WorkloadOptions(other, rate, jdbc, readFrom);
  }

  public WorkloadOptions withRate(double other) {
    return new WorkloadOptions(seed, other, jdbc, readFrom);
  }

  public WorkloadOptions withJdbc(JdbcOptions other) {
    return new WorkloadOptions(seed, rate, other, readFrom);
  }

  public WorkloadOptions withReadFrom(ReadFrom nodes) {
    return new WorkloadOptions(seed, rate, jdbc, nodes);
  }

  public Isolation isolation() {
    return jdbc.isolation();
  }

  /** The mean time between two operations, for {@code Generators.stagger}. */
  public long meanGapNanos() {
    return Math.max(1, (long) (1e9 / rate));
  }
}
