package phaistos.harness.explain;

import java.util.List;
import java.util.Optional;
import phaistos.harness.Finding;
import phaistos.harness.LoadScript;
import phaistos.harness.TestPlan;
import phaistos.nemesis.Schedule;

/**
 * Why a run is invalid, as far as the time allowed.
 *
 * @param violation that is explained: the first of the run that names an operation, or the first
 * @param joined the losses and the faults on one time axis, in sentences; empty if no commit is
 *     lost or the history has no times
 * @param smaller a smaller run with the same violation; empty if none was found in time
 * @param promise the first promise between steps of the server that the smaller run breaks
 * @param jump where the share of runs with the violation jumps; empty if it was not found, or the
 *     violation comes from the start of the load on whatever the simulator chooses
 * @param curve the share by time
 * @param junit source of a test that fails as the smaller run does
 * @param open what is missing and why, one sentence each; empty if nothing is
 */
public record Explanation(
    Finding violation,
    List<String> joined,
    Optional<Smaller> smaller,
    Optional<Place> promise,
    Optional<Place> jump,
    List<Point> curve,
    Optional<String> junit,
    Effort effort,
    List<String> open) {
  /**
   * A smaller run with the same violation.
   *
   * @param plan runs it
   * @param calls of the clients under load; empty if the workload draws them
   * @param schedule of its faults; empty if the plan draws them
   * @param faults how many faults begin
   * @param reason the violation in its words
   * @param joined its losses and faults, as in {@link Explanation#joined}
   */
  public record Smaller(
      TestPlan plan,
      Optional<List<LoadScript.Call>> calls,
      Optional<Schedule> schedule,
      int faults,
      String shape,
      String reason,
      List<String> joined) {
    public Smaller {
      calls = calls.map(List::copyOf);
      joined = List.copyOf(joined);
    }

    /** Its load. */
    public LoadScript script() {
      return plan.load().script().orElseThrow();
    }
  }

  /**
   * A place in the smaller run and in the server's sources.
   *
   * @param nanos since the start of the load; negative before it
   * @param task "n1/session 3"
   * @param step label of the step of the server; empty if the task takes none
   * @param source "phaistos/server/wal/Wal.java:375"; empty if there is none of ours
   * @param sentence what was promised and what was seen; empty for a jump
   */
  public record Place(
      long nanos,
      String node,
      String task,
      String step,
      String source,
      String method,
      String sentence) {
    Place since(long time) {
      return new Place(time, node, task, step, source, method, sentence);
    }
  }

  /**
   * How many runs have the violation, if the choices are drawn anew from a moment on.
   *
   * @param nanos since the start of the load
   * @param choice of the scheduler
   */
  public record Point(long nanos, long choice, int failed, int runs) {
    public double share() {
      return (double) failed / runs;
    }
  }

  /**
   * What it cost.
   *
   * @param runs of variants
   */
  public record Effort(int runs, double seconds) {}

  /**
   * What runs with the same cause have in common, as far as it is known; its parts are text that
   * can be compared.
   *
   * @param violation "audit of the crash images: lost"
   * @param step of the server at which the violation becomes inevitable; empty if not known
   * @param shape of the smaller run; empty if there is none
   */
  public record Cause(String violation, String step, String shape) {}

  public Explanation {
    joined = List.copyOf(joined);
    curve = List.copyOf(curve);
    open = List.copyOf(open);
  }

  public boolean isComplete() {
    return open.isEmpty();
  }

  /** The step to look at: the one that broke its promise, or else that of the jump. */
  public Optional<Place> named() {
    return promise.or(() -> jump.filter(place -> !place.step.isEmpty()));
  }

  public Cause cause() {
    return new Cause(
        violation.part() + ": " + violation.kind(),
        named().map(Place::step).orElse(""),
        smaller.map(Smaller::shape).orElse(""));
  }
}
