package phaistos.checker.linearizability;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import phaistos.histories.Edn;

/**
 * Decides one key's history: by a monitor if the model has one and the history allows it, else by a
 * search. Both answers of a monitor are verified. {@link Replay} checks an order. For a
 * contradiction a separate search must fail on the suspects alone, unless that takes too long.
 */
final class Decider<S, C> {
  /** With more operations than this, the first return without an order is not searched. */
  private static final int EXACT_MAX = 200_000;

  /**
   * Up to this many operations are explained as they are, without leaving out others than suspects.
   */
  private static final int WHOLE_MAX = 60;

  private static final int REGISTER_SEARCHED_MAX = 300;

  private static final long SHORT = 50_000;

  private final Algorithm algorithm;
  private final Model<S, C> model;
  private final Semaphore spare;

  /** Histories with fewer operations go to the search at once. */
  private final int searched;

  Decider(Algorithm algorithm, Model<S, C> model, Semaphore spare) {
    this.algorithm = algorithm;
    this.model = model;
    this.spare = spare;
    searched =
        model
            .monitored()
            .map(m -> m.kind() == Monitored.Kind.REGISTER ? REGISTER_SEARCHED_MAX + 1 : 0)
            .orElse(Integer.MAX_VALUE);
  }

  SearchOutcome decide(KeyLog<C> log, Limits limits) {
    if (!isMonitored(log)) {
      return Search.run(algorithm, model, Problem.of(model, log), limits, spare);
    }
    Optional<SearchOutcome> known =
        Monitor.find(model, log)
            .filter(found -> !isContradicted(log, found, limits))
            .flatMap(found -> outcome(log, found));
    return known.orElseGet(
        () -> Search.run(algorithm, model, Problem.of(model, log), limits, spare));
  }

  /**
   * A search decides a register's short history at once. Most of these have a compare-and-set,
   * which no monitor accepts.
   */
  private boolean isMonitored(KeyLog<C> log) {
    return log.size() >= searched;
  }

  /** Whether a search finds an order although a monitor says that there is none. */
  private boolean isContradicted(KeyLog<C> log, Finding finding, Limits limits) {
    if (!(finding instanceof Finding.Violated(int[] suspects))) {
      return false;
    }
    KeyLog<C> few = Monitor.suspects(model.monitored().orElseThrow(), log, suspects);
    return Search.wgl(model, Problem.of(model, few), limits)
        .run(SHORT)
        .filter(SearchOutcome.Linearizable.class::isInstance)
        .isPresent();
  }

  private Optional<SearchOutcome> outcome(KeyLog<C> log, Finding finding) {
    return switch (finding) {
      case Finding.Holds(Optional<int[]> order) -> {
        boolean isTrue = order.isEmpty() || Replay.fault(model, log, order.get()).isEmpty();
        long replayed = order.map(o -> (long) o.length).orElse(0L);
        yield isTrue
            ? Optional.of(new SearchOutcome.Linearizable(log.returned(), replayed))
            : Optional.empty();
      }
      case Finding.Violated(int[] suspects) ->
          Optional.of(new SearchOutcome.Stuck(0, lastReturn(log, suspects), log.returned()));
      case Finding.Undecided _ -> Optional.empty();
    };
  }

  /** The rank of the last return of these operations. */
  private static int lastReturn(KeyLog<?> log, int[] operations) {
    boolean[] isOne = new boolean[log.size()];
    for (int operation : operations) {
      isOne[operation] = true;
    }
    int rank = -1;
    int last = 0;
    for (int i = 0; i < log.scheduled(); i++) {
      if (log.schedule(i) < 0) {
        rank++;
        last = isOne[~log.schedule(i)] ? rank : last;
      }
    }
    return last;
  }

  Failure<S, C> failure(
      Optional<Edn> key,
      KeyLog<C> log,
      SearchOutcome.Stuck stuck,
      Limits limits,
      List<Collector.Fault> faults) {
    int stop = stop(log, stuck, limits);
    if (log.size() > WHOLE_MAX && isMonitored(log)) {
      for (KeyLog<C> part : List.of(log.prefix(stop + 1), log)) {
        Optional<KeyLog<C>> few = Monitor.suspects(model, part);
        Optional<Failure<S, C>> failure =
            few.flatMap(f -> confirmed(key, f, log.size() - f.size(), limits, faults));
        if (failure.isPresent()) {
          return failure.get();
        }
      }
    }
    return new Failure<>(key, model, log, stop, 0, faults);
  }

  /** Empty if a search finds an order. */
  private Optional<Failure<S, C>> confirmed(
      Optional<Edn> key, KeyLog<C> few, int leftOut, Limits limits, List<Collector.Fault> faults) {
    Problem<C> problem = Problem.of(model, few);
    SearchOutcome outcome =
        Search.wgl(model, problem, limits)
            .run(SHORT)
            .orElse(new SearchOutcome.Stuck(problem.returns - 1, problem.returns - 1, 0));
    return outcome instanceof SearchOutcome.Linearizable
        ? Optional.empty()
        : Optional.of(
            new Failure<>(
                key,
                model,
                few,
                outcome instanceof SearchOutcome.Stuck found ? found.rank() : problem.returns - 1,
                leftOut,
                faults));
  }

  /**
   * The first return such that the history up to it has no order, by bisection. A search without
   * foresight gives it directly.
   */
  private int stop(KeyLog<C> log, SearchOutcome.Stuck stuck, Limits limits) {
    int good = stuck.rank();
    int bad = stuck.blocked() + 1;
    boolean isExact = log.size() <= EXACT_MAX || model.monitored().isEmpty();
    while (bad - good > 1 && isExact) {
      int middle = (good + bad) >>> 1;
      switch (decideShortly(log.prefix(middle), limits)) {
        case SearchOutcome.Stuck(int rank, int blocked, long _) -> {
          good = Math.max(good, rank);
          bad = Math.min(middle, blocked + 1);
        }
        case SearchOutcome.Linearizable _ -> good = middle;
        case SearchOutcome.GivenUp _ -> good = bad; // still true of this return, if not the first
      }
    }
    return bad - 1;
  }

  /** After a monitor's verdict a long search for the very first return is not worth its time. */
  private SearchOutcome decideShortly(KeyLog<C> log, Limits limits) {
    if (!isMonitored(log)) {
      return decide(log, limits);
    }
    Optional<SearchOutcome> known = Monitor.find(model, log).flatMap(found -> outcome(log, found));
    return known
        .or(() -> Search.wgl(model, Problem.of(model, log), limits).run(SHORT))
        .orElse(new SearchOutcome.GivenUp("it would take long", 0, SHORT));
  }
}
