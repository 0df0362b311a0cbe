package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds few operations that together have no order. Leaving operations out arbitrarily would end
 * with a read of a value whose write was left out, which proves nothing. So it takes two steps.
 *
 * <p>First the <i>core</i>: operations are relaxed, from "returned then" to "may have happened at
 * any time after its invocation, or never", as long as there still is no linearization. Relaxing
 * only allows more orders, so the remaining operations cause the failure. Each operation of the
 * core is needed: with it relaxed too, the history is linearizable.
 *
 * <p>Then relaxed operations are left out, as long as the core still has no order and has one with
 * any of its operations relaxed. So a write that explains a read of the core stays. Both steps
 * halve groups (delta debugging, Zeller 1999). Not thread-safe.
 */
final class Minimizer<S, C> {
  private static final byte GONE = 0;
  private static final byte RELAXED = 1;
  private static final byte KEPT = 2;
  private static final long EXPANSIONS_MAX = 200_000;
  private static final int CORE_MAX_FOR_DROPPING = 40;

  private final Model<S, C> model;
  private final KeyLog<C> log;
  private final int stop;
  private final Limits limits;
  private final byte[] role;
  private boolean isCut;
  private boolean isCoreMinimal;
  private int considered;

  /**
   * @param leftOut how many operations were left out of the log as unnecessary
   */
  Minimizer(Model<S, C> model, KeyLog<C> log, int stop, int leftOut, Limits limits) {
    this.model = model;
    this.log = log;
    this.stop = stop;
    this.limits = limits;
    this.considered = leftOut;
    this.role = new byte[log.size()];
  }

  void minimize() {
    List<Integer> returned = new ArrayList<>();
    boolean isBefore = true;
    for (int i = 0; i < log.scheduled() && isBefore; i++) {
      int entry = log.schedule(i);
      if (entry >= 0 && log.outcome(entry) != KeyLog.FAILED) {
        role[entry] = RELAXED;
        considered++;
      } else if (entry < 0) {
        role[~entry] = KEPT;
        returned.add(~entry);
        isBefore = ~entry != stop;
      }
    }
    isCoreMinimal = reduce(returned, RELAXED, this::isStuck);
    if (core().size() <= CORE_MAX_FOR_DROPPING) {
      List<Integer> relaxed = new ArrayList<>();
      for (int i = 0; i < role.length; i++) {
        if (role[i] == RELAXED) {
          relaxed.add(i);
        }
      }
      reduce(relaxed.reversed(), GONE, this::isCoreNeeded);
    }
  }

  private interface Condition {
    boolean holds();
  }

  /**
   * Gives as many operations as possible the lower role while the condition holds, in shrinking
   * groups. Returns whether it completed: then no remaining operation can be lowered alone.
   */
  private boolean reduce(List<Integer> given, byte lower, Condition condition) {
    List<Integer> left = new ArrayList<>(given);
    int group = Math.max(1, left.size() / 2);
    while (!left.isEmpty()) {
      boolean isChanged = false;
      for (int from = 0; from < left.size(); ) {
        if (limits.exceeded(0).isPresent()) {
          isCut = true;
          return false;
        }
        List<Integer> part = List.copyOf(left.subList(from, Math.min(from + group, left.size())));
        byte[] before = role.clone();
        part.forEach(operation -> role[operation] = lower);
        if (condition.holds()) {
          left.subList(from, from + part.size()).clear();
          isChanged = true;
        } else {
          System.arraycopy(before, 0, role, 0, role.length);
          from += part.size();
        }
      }
      if (group > 1) {
        group /= 2;
      } else if (!isChanged) {
        return true;
      }
    }
    return true;
  }

  /** Whether the core, with the relaxed operations that are still there, has no order. */
  private boolean isStuck() {
    return decide().orElse(false);
  }

  private java.util.Optional<Boolean> decide() {
    KeyLog<C> candidate = new KeyLog<>(role.length);
    int[] copied = new int[role.length];
    Arrays.fill(copied, -1);
    for (int i = 0; i < log.scheduled(); i++) {
      int entry = log.schedule(i);
      if (entry >= 0 && role[entry] != GONE) {
        copied[entry] = candidate.invoke(log.process(entry), log.call(entry), log.invokedAt(entry));
      } else if (entry < 0 && role[~entry] == KEPT) {
        candidate.ok(copied[~entry], log.call(~entry), log.completedAt(~entry));
      }
    }
    java.util.Optional<Finding> finding = Monitor.find(model, candidate);
    if (finding.isPresent() && !(finding.get() instanceof Finding.Undecided)) {
      return java.util.Optional.of(finding.get() instanceof Finding.Violated);
    }
    Problem<C> problem = Problem.of(model, candidate);
    return Search.wgl(model, problem, limits)
        .run(EXPANSIONS_MAX)
        .filter(outcome -> !(outcome instanceof SearchOutcome.GivenUp))
        .map(SearchOutcome.Stuck.class::isInstance);
  }

  private boolean isCoreNeeded() {
    for (int operation : core()) {
      role[operation] = RELAXED;
      boolean isLinearizable = decide().map(stuck -> !stuck).orElse(false);
      role[operation] = KEPT;
      if (!isLinearizable) {
        return false;
      }
    }
    return true;
  }

  List<Integer> core() {
    return with(KEPT, KEPT);
  }

  /** The core and the operations that explain it, in the order of invocation. */
  List<Integer> kept() {
    return with(RELAXED, KEPT);
  }

  private List<Integer> with(byte least, byte most) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < role.length; i++) {
      if (role[i] >= least && role[i] <= most) {
        found.add(i);
      }
    }
    return found;
  }

  String note() {
    String size = kept().size() + " of " + considered + " operations";
    if (isCut || !isCoreMinimal) {
      return size + "; time was up before no more could be left out";
    }
    return core().size() == 1
        ? size + "; nothing before it can explain the marked one"
        : size + "; without any one of the " + core().size() + " marked ones there is an order";
  }
}
