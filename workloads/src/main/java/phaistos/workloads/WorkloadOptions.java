package phaistos.workloads;

import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;

/**
 * The options that a test gives a workload.
 *
 * @param seed for the workload's draws
 * @param rate operations a second that the clients together begin
 * @param burst how many operations begin together, on average
 * @param jdbc how the clients connect
 * @param readFrom where reads go, in workloads that let one choose
 */
public record WorkloadOptions(
    Seed seed, double rate, int burst, JdbcOptions jdbc, ReadFrom readFrom) {
  /** With {@link JdbcOptions#DEFAULT}, without bursts; reads go to the primary. */
  public static WorkloadOptions of(Seed seed, double rate) {
    return new WorkloadOptions(seed, rate, 1, JdbcOptions.DEFAULT, ReadFrom.PRIMARY);
  }

  public WorkloadOptions withSeed(Seed other) {
    return new WorkloadOptions(other, rate, burst, jdbc, readFrom);
  }

  public WorkloadOptions withRate(double other) {
    return new WorkloadOptions(seed, other, burst, jdbc, readFrom);
  }

  public WorkloadOptions withBurst(int other) {
    return new WorkloadOptions(seed, rate, other, jdbc, readFrom);
  }

  public WorkloadOptions withJdbc(JdbcOptions other) {
    return new WorkloadOptions(seed, rate, burst, other, readFrom);
  }

  public WorkloadOptions withReadFrom(ReadFrom nodes) {
    return new WorkloadOptions(seed, rate, burst, jdbc, nodes);
  }

  public Isolation isolation() {
    return jdbc.isolation();
  }

  /** The calls at the rate, and in the bursts, that are asked for. */
  public <C> Generator<C> paced(Generator<C> calls) {
    long meanGapNanos = Math.max(1, (long) (1e9 / rate));
    return Generators.bursts(seed.child("stagger"), meanGapNanos, burst, calls);
  }
}
