package phaistos.harness.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.harness.JudgedRun;
import phaistos.harness.Rerun;
import phaistos.harness.TestPlan;
import phaistos.simulator.Tail;

/**
 * The share of runs that have the violation, if the choices of the simulator are those of the run
 * up to some moment and drawn anew from there: bisection for the moment where it jumps. Calls and
 * faults come at their times. A recorded prefix is replayed by running the seed again, since a run
 * is a function of its seed.
 */
final class Inevitable {
  private static final int TAILS = 6;
  private static final int TAILS_AT_THE_JUMP = 12;

  /** From this share on it counts as inevitable. */
  private static final double SURE = 0.9;

  private final Attempts attempts;
  private final TestPlan plan;
  private final Moments moments;
  private final long loadNanos;
  private final Map<Integer, int[]> counts = new TreeMap<>();

  /**
   * @param plan has the violation
   * @param moments of its run
   * @param loadNanos when its load began, in simulated time
   */
  Inevitable(Attempts attempts, TestPlan plan, Moments moments, long loadNanos) {
    this.attempts = attempts;
    this.plan = plan;
    this.moments = moments;
    this.loadNanos = loadNanos;
  }

  /**
   * Bisects until one choice is left, or the time is up; {@link #curve} has what was seen.
   *
   * @param untilNanos simulated; the violation is there by then
   * @return the choice at which it becomes inevitable; empty if it is from the start
   */
  Optional<Integer> find(long untilNanos) {
    int low = moments.at(loadNanos);
    int high = moments.at(untilNanos);
    double first = share(low, TAILS);
    for (int part = 1; part < 4; part++) {
      share(low + (int) ((long) (high - low) * part / 4), TAILS);
    }
    if (first >= SURE) {
      return Optional.empty();
    }
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      double lowShare = share(low, TAILS);
      double middleShare = share(middle, TAILS);
      double highShare = high == moments.at(untilNanos) ? 1 : share(high, TAILS);
      if (middleShare - lowShare >= highShare - middleShare) {
        high = middle;
      } else {
        low = middle;
      }
    }
    share(low, TAILS_AT_THE_JUMP);
    share(high, TAILS_AT_THE_JUMP);
    return Optional.of(low);
  }

  /** Of runs whose choices are drawn anew from this one on. */
  private double share(int from, int tails) {
    int[] count = counts.computeIfAbsent(from, _ -> new int[2]);
    while (count[1] < tails) {
      long seed = 31L * from + count[1];
      boolean fails = attempts.fails(Rerun.withTail(plan, new Tail(from, seed)));
      count[0] += fails ? 1 : 0;
      count[1]++;
    }
    return (double) count[0] / count[1];
  }

  /** What was seen, by time. */
  List<Explanation.Point> curve() {
    List<Explanation.Point> points = new ArrayList<>();
    counts.forEach(
        (step, count) -> {
          if (count[1] > 0) {
            points.add(
                new Explanation.Point(moments.nanos(step) - loadNanos, step, count[0], count[1]));
          }
        });
    return points;
  }

  /** When a run's crash of all nodes began, since its load began; else its last event. */
  static long endNanos(JudgedRun run) {
    return run.faults().stream()
        .filter(fault -> fault.span().kind().equals("crash-all"))
        .map(fault -> fault.fromNanos())
        .findFirst()
        .orElse(run.endNanos());
  }
}
