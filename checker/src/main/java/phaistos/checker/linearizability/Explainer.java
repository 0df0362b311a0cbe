package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.linearizability.Explanation.Configuration;
import phaistos.checker.linearizability.Explanation.Op;
import phaistos.checker.linearizability.Explanation.Path;
import phaistos.checker.linearizability.Explanation.PathStep;
import phaistos.histories.Edn;

/**
 * Works out an {@link Explanation}. The verdict is already certain; this only explains it, within a
 * time limit. Parts not found in time are left out, and the explanation says so. Not thread-safe.
 */
final class Explainer<S, C> {
  private static final int CONFIGURATIONS_MAX = 10;
  private static final int PATHS_MAX = 24;
  private static final int PATH_STEPS_MAX = 12;
  private static final int PATH_TRIES_MAX = 2_000;
  private static final int PREFIX_MAX = 200;
  private static final int AROUND_MAX = 120;

  private final Optional<Edn> key;
  private final Model<S, C> model;
  private final KeyLog<C> log;
  private final Problem<C> problem;
  private final int rank;
  private final int notNeeded;
  private final Limits limits;

  Explainer(
      Optional<Edn> key,
      Model<S, C> model,
      KeyLog<C> log,
      Problem<C> problem,
      int rank,
      int notNeeded,
      Limits limits) {
    this.key = key;
    this.model = model;
    this.log = log;
    this.problem = problem;
    this.rank = rank;
    this.notNeeded = notNeeded;
    this.limits = limits;
  }

  Explanation explain(List<Collector.Fault> faults) {
    int stop = problem.operationOf[rank];
    Problem<C> before = Problem.of(model, log.prefix(rank));
    List<Configuration> configurations = new ArrayList<>();
    int leftOut = configurations(before, configurations);
    List<Integer> order = Witness.order(model, before, rank, limits);
    int skipped = Math.max(0, order.size() - PREFIX_MAX);
    List<Op> prefix = new ArrayList<>();
    for (int operation : order.subList(skipped, order.size())) {
      prefix.add(op(operation, false));
    }
    Minimizer<S, C> minimizer = new Minimizer<>(model, log, stop, notNeeded, limits);
    minimizer.minimize();
    Set<Integer> core = new HashSet<>(minimizer.core());
    List<Op> minimal = new ArrayList<>();
    for (int operation : minimizer.kept()) {
      minimal.add(op(operation, core.contains(operation)));
    }
    return new Explanation(
        key,
        op(stop, true),
        rank == 0 ? Optional.empty() : Optional.of(op(problem.operationOf[rank - 1], false)),
        configurations,
        leftOut,
        prefix,
        skipped,
        minimal,
        minimizer.note(),
        around(minimizer.kept(), core),
        faults.stream()
            .map(f -> new Explanation.Fault(f.index(), f.process(), f.type(), f.text()))
            .toList());
  }

  /** The minimal operations, and the last operations open before the stop. */
  private List<Op> around(List<Integer> kept, Set<Integer> core) {
    Set<Integer> shown = new java.util.TreeSet<>(kept);
    long end = log.completedAt(stop());
    for (int i = log.size() - 1; i >= 0 && shown.size() < AROUND_MAX; i--) {
      if (log.invokedAt(i) < end && log.outcome(i) != KeyLog.FAILED) {
        shown.add(i);
      }
    }
    return shown.stream().map(operation -> op(operation, core.contains(operation))).toList();
  }

  private Op op(int operation, boolean isCore) {
    boolean isOk = log.outcome(operation) == KeyLog.OK;
    return new Op(
        log.process(operation),
        model.describe(log.call(operation)),
        log.invokedAt(operation),
        isOk ? log.completedAt(operation) : -1,
        isOk,
        isCore);
  }

  /** Orders that explain everything before the stop, as if the operations open then had crashed. */
  private int configurations(Problem<C> before, List<Configuration> into) {
    Transitions<S, C> transitions = new Transitions<>(model, before.calls);
    JustInTime<S, C> search = new JustInTime<>(before, transitions, limits.part(3), true);
    Optional<SearchOutcome> outcome = search.run(Long.MAX_VALUE);
    if (!(outcome.orElseThrow() instanceof SearchOutcome.Linearizable)) {
      return 0;
    }
    int leftOut = 0;
    for (int i = 0; i < search.count(); i++) {
      if (!search.isAlive(i)) {
        continue;
      }
      if (into.size() == CONFIGURATIONS_MAX) {
        leftOut++;
      } else {
        into.add(configuration(before, search, i, transitions.state(search.state(i))));
      }
    }
    return leftOut;
  }

  private Configuration configuration(
      Problem<C> before, JustInTime<S, C> search, int index, S state) {
    Set<Integer> used = new HashSet<>();
    for (int member = 0; member < before.crashed(); member++) {
      if (search.isUsed(index, member)) {
        used.add(before.crashedOperation[member]);
      }
    }
    List<Integer> pending = pending();
    pending.removeAll(used);
    Paths paths = new Paths();
    paths.walk(state, pending);
    return new Configuration(
        model.describeState(state),
        pending.stream().limit(PREFIX_MAX).map(o -> op(o, false)).toList(),
        paths.found,
        paths.isCapped);
  }

  /**
   * The operations open at the stop: the stopping one, then those that return later in that order,
   * then those that never return.
   */
  private List<Integer> pending() {
    List<Integer> pending = new ArrayList<>();
    long end = log.completedAt(stop());
    for (int i = 0; i < log.size() && log.invokedAt(i) < end; i++) {
      boolean isOpen = log.outcome(i) == KeyLog.OPEN && !model.isObservation(log.call(i));
      if (isOpen || log.outcome(i) == KeyLog.OK && log.completedAt(i) >= end) {
        pending.add(i);
      }
    }
    pending.sort(Comparator.comparing(this::end));
    return pending;
  }

  private long end(int operation) {
    return log.outcome(operation) == KeyLog.OK ? log.completedAt(operation) : Long.MAX_VALUE;
  }

  private int stop() {
    return problem.operationOf[rank];
  }

  /**
   * The continuations of a configuration. The stopping operation is tried first, then operations
   * that change the state. Equal calls of crashed operations count once, and states are visited
   * once.
   */
  private final class Paths {
    private final List<Path> found = new ArrayList<>();
    private final Set<S> seen = new HashSet<>();
    private final List<PathStep> steps = new ArrayList<>();
    private boolean isCapped;
    private int tries;

    void walk(S state, List<Integer> pending) {
      seen.add(state);
      go(state, pending);
    }

    private void go(S state, List<Integer> pending) {
      if (model.step(state, log.call(stop())) instanceof Step.Inconsistent<S> no) {
        List<PathStep> dead = new ArrayList<>(steps);
        dead.add(new PathStep(op(stop(), false), no.reason(), false));
        found.add(new Path(dead));
      }
      Set<C> tried = new HashSet<>();
      for (int operation : pending) {
        C call = log.call(operation);
        if (operation == stop() || !tried.add(call)) {
          continue;
        }
        if (found.size() >= PATHS_MAX
            || steps.size() >= PATH_STEPS_MAX
            || ++tries > PATH_TRIES_MAX) {
          isCapped = true;
          return;
        }
        switch (model.step(state, call)) {
          case Step.Inconsistent<S> no -> {
            if (steps.isEmpty() && log.outcome(operation) == KeyLog.OK) {
              PathStep dead = new PathStep(op(operation, false), no.reason(), false);
              found.add(new Path(List.of(dead)));
            }
          }
          case Step.Next<S> next -> {
            if (seen.add(next.state())) {
              String after = model.describeState(next.state());
              steps.add(new PathStep(op(operation, false), after, true));
              List<Integer> fewer = new ArrayList<>(pending);
              fewer.remove(Integer.valueOf(operation));
              go(next.state(), fewer);
              steps.removeLast();
            }
          }
        }
      }
    }
  }
}
