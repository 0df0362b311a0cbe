package phaistos.harness.explain;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.harness.Cutoff;
import phaistos.harness.Finding;
import phaistos.harness.JudgedRun;
import phaistos.harness.Rerun;
import phaistos.harness.TestPlan;
import phaistos.simulator.SimulationResult;

/**
 * Runs cases and looks whether a violation is there, until the time is up or the end is requested:
 * at first any that the run had, then the one that a case has shown. A run that is under way at the
 * end is given up. Not thread-safe.
 */
final class Attempts {
  private static final Duration ROUND = Duration.ofMillis(100);
  private static final long STACK_BYTES = 16 << 20;

  private final Rerun rerun;
  private List<Finding> wanted;
  private long deadlineNanos;
  private final Cutoff cutoff;
  private final Map<TestPlan, Boolean> known = new HashMap<>();
  private int runs;
  private TestPlan lastPlan;
  private Optional<JudgedRun> last = Optional.empty();

  /** There is no time left for another run. */
  static final class OverException extends RuntimeException {
    OverException(String why) {
      super(why);
    }
  }

  /**
   * @param wanted those of the run, the one to look for first
   */
  Attempts(Rerun rerun, List<Finding> wanted, long deadlineNanos, Cutoff cutoff) {
    this.rerun = rerun;
    this.wanted = List.copyOf(wanted);
    this.deadlineNanos = deadlineNanos;
    this.cutoff = cutoff;
  }

  /** From now on the time is up at this moment, of {@link System#nanoTime}. */
  void until(long nanos) {
    deadlineNanos = nanos;
  }

  int runs() {
    return runs;
  }

  /** The one to look for, or the one that was seen. */
  Finding wanted() {
    return wanted.getFirst();
  }

  /** From now on only what the last run that failed has shown counts. */
  void settle() {
    seen(last).ifPresent(finding -> wanted = List.of(finding));
    known.clear();
  }

  private Optional<Finding> seen(Optional<JudgedRun> judged) {
    return wanted.stream()
        .filter(each -> judged.filter(run -> run.like(each).isPresent()).isPresent())
        .findFirst();
  }

  /** Whether the violation is there; a run that breaks has none. */
  boolean fails(TestPlan plan) {
    Boolean before = known.get(plan);
    if (before != null) {
      return before;
    }
    Optional<JudgedRun> judged = run(plan);
    boolean fails = seen(judged).isPresent();
    known.put(plan, fails);
    if (fails) {
      last = judged;
      lastPlan = plan;
    }
    return fails;
  }

  /** The run of the plan that had the violation last; empty if it was another plan. */
  Optional<JudgedRun> again(TestPlan plan) {
    return plan.equals(lastPlan) ? last : Optional.empty();
  }

  /**
   * The judged run; empty if it broke.
   *
   * @throws OverException if the time is up
   */
  Optional<JudgedRun> run(TestPlan plan) {
    requireTime();
    runs++;
    Attempt attempt = new Attempt(plan);
    // A thread of its own, since the end of the time interrupts it wherever it is.
    Thread runner = new Thread(null, attempt, "attempt", STACK_BYTES);
    runner.setDaemon(true);
    runner.start();
    boolean isLate = false;
    try {
      while (!runner.join(ROUND)) {
        if (!isLate && (cutoff.isRequested() || leftNanos() <= 0)) {
          isLate = true;
          runner.interrupt();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OverException("interrupted");
    }
    if (isLate) {
      requireTime();
    }
    return attempt.result();
  }

  private final class Attempt implements Runnable {
    private final TestPlan plan;
    private volatile Optional<JudgedRun> judged = Optional.empty();
    private volatile RuntimeException failure;

    Attempt(TestPlan plan) {
      this.plan = plan;
    }

    @Override
    public void run() {
      try {
        judged = Optional.of(rerun.run(plan));
      } catch (SimulationResult.BrokenException _) {
        // A variant that breaks has not the violation.
      } catch (RuntimeException e) {
        failure = e;
      }
    }

    Optional<JudgedRun> result() {
      if (failure != null) {
        throw failure;
      }
      return judged;
    }
  }

  void requireTime() {
    if (cutoff.isRequested()) {
      throw new OverException("ended by " + cutoff.cause().orElse("request"));
    }
    if (leftNanos() <= 0) {
      throw new OverException("the time limit was reached");
    }
  }

  long leftNanos() {
    return deadlineNanos - System.nanoTime();
  }
}
