package phaistos.checker.linearizability;

import java.util.List;
import java.util.Optional;
import phaistos.histories.Edn;

/**
 * One key's history that is not linearizable. {@link #explain} works out why, in bounded time.
 *
 * @param key the key, if the history has independent ones
 */
public final class Failure<S, C> {
  private final Optional<Edn> key;
  private final Model<S, C> model;
  private final KeyLog<C> log;
  private final int rank;
  private final int leftOut;
  private final List<Collector.Fault> faults;

  /**
   * @param rank the return that no linearization gets past
   * @param leftOut how many operations of the history were left out of the log as unnecessary
   */
  Failure(
      Optional<Edn> key,
      Model<S, C> model,
      KeyLog<C> log,
      int rank,
      int leftOut,
      List<Collector.Fault> faults) {
    this.key = key;
    this.model = model;
    this.log = log;
    this.rank = rank;
    this.leftOut = leftOut;
    this.faults = faults;
  }

  public Optional<Edn> key() {
    return key;
  }

  /** The index of the completion that no linearization gets past. */
  public long stopIndex() {
    return log.completedAt(stopOperation());
  }

  private int stopOperation() {
    return log.returned(rank);
  }

  /** The explanation, computed within this time; parts not found in time are left out. */
  public Explanation explain(java.time.Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    Limits limits = new Limits(deadline, () -> false, Runtime.getRuntime().maxMemory() / 3);
    Problem<C> problem = Problem.of(model, log);
    return new Explainer<>(key, model, log, problem, rank, leftOut, limits).explain(faults);
  }

  /** One sentence. */
  String sentence() {
    int stop = stopOperation();
    return key.map(k -> "key " + phaistos.histories.EdnWriter.print(k) + ": ").orElse("")
        + "no order of the operations explains process "
        + log.processName(stop)
        + "'s "
        + model.describe(log.call(stop))
        + " (invoked at "
        + log.invokedAt(stop)
        + ", ok at "
        + log.completedAt(stop)
        + ")";
  }
}
