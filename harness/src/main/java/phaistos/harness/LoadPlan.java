package phaistos.harness;

import java.time.Duration;
import java.util.Optional;
import phaistos.workloads.Isolation;
import phaistos.workloads.ReadFrom;

/**
 * How much the clients do, and how.
 *
 * @param timeLimit how long the load lasts
 * @param concurrency client threads
 * @param rate operations a second that all clients together begin
 * @param burst how many operations of a workload begin together, on average
 * @param isolation of every transaction
 * @param readFrom where reads go, in workloads that let one choose
 * @param budget how long the load may last until every goal is reached; empty: it goes on for at
 *     most twice the time limit (in a swarm four times, in a simulated one eight), until each goal
 *     has its minimum
 * @param script what is called, and when all nodes crash; empty: the workload and the seed say
 */
public record LoadPlan(
    Duration timeLimit,
    int concurrency,
    int rate,
    int burst,
    Isolation isolation,
    ReadFrom readFrom,
    Optional<Duration> budget,
    Optional<LoadScript> script) {
  public static final LoadPlan DEFAULT = new LoadPlan(Duration.ofSeconds(60), 10, 100);

  public LoadPlan {
    if (timeLimit.isNegative() || timeLimit.isZero() || concurrency < 1 || rate < 1 || burst < 1) {
      throw new IllegalArgumentException(
          "timeLimit=%s, concurrency=%d, rate=%d, burst=%d"
              .formatted(timeLimit, concurrency, rate, burst));
    }
  }

  /** READ COMMITTED, on the primary, without bursts. */
  public LoadPlan(Duration timeLimit, int concurrency, int rate) {
    this(
        timeLimit,
        concurrency,
        rate,
        1,
        Isolation.READ_COMMITTED,
        ReadFrom.PRIMARY,
        Optional.empty(),
        Optional.empty());
  }

  public LoadPlan withTimeLimit(Duration limit) {
    return new LoadPlan(limit, concurrency, rate, burst, isolation, readFrom, budget, script);
  }

  public LoadPlan withConcurrency(int threads) {
    return new LoadPlan(timeLimit, threads, rate, burst, isolation, readFrom, budget, script);
  }

  public LoadPlan withBurst(int together) {
    return new LoadPlan(
        timeLimit, concurrency, rate, together, isolation, readFrom, budget, script);
  }

  public LoadPlan withIsolation(Isolation level) {
    return new LoadPlan(timeLimit, concurrency, rate, burst, level, readFrom, budget, script);
  }

  public LoadPlan withReadFrom(ReadFrom nodes) {
    return new LoadPlan(timeLimit, concurrency, rate, burst, isolation, nodes, budget, script);
  }

  public LoadPlan withBudget(Optional<Duration> most) {
    return new LoadPlan(timeLimit, concurrency, rate, burst, isolation, readFrom, most, script);
  }

  /** Of one script, with as many client threads as it was written for. */
  public LoadPlan withScript(LoadScript load) {
    return new LoadPlan(
        timeLimit, concurrency, rate, burst, isolation, readFrom, budget, Optional.of(load));
  }
}
