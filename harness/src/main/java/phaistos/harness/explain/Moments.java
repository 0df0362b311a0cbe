package phaistos.harness.explain;

import java.util.Arrays;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.DataDirectory;
import phaistos.harness.SimulationWatch;
import phaistos.server.steps.Steps;

/**
 * When the scheduler chose which task in a run, and where a task stood when it was chosen at one
 * step. For one run.
 */
final class Moments implements SimulationWatch {
  private static final String SERVER = "phaistos.server.";
  private static final String STEPS = "phaistos.server.steps.";

  private final long wanted;
  private long[] nanos = new long[1 << 14];
  private int count;
  private Optional<Where> where = Optional.empty();

  /**
   * A task and its innermost place in the server, or in other code of ours if it is none of a
   * server's.
   *
   * @param task "n1/session 3"
   */
  record Where(String task, StepTrace.Source source) {}

  /**
   * @param wanted the step of the scheduler at which to look; -1 for none
   */
  Moments(long wanted) {
    this.wanted = wanted;
  }

  @Override
  public void starts(NodeId node, Steps steps, DataDirectory files) {}

  @Override
  public void called(long step, long timeNanos, String kind) {}

  @Override
  public void chosen(long step, long timeNanos, String task, Thread thread) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, count * 2);
    }
    nanos[count++] = timeNanos;
    if (step - 1 == wanted) {
      where = Optional.of(new Where(task, place(thread.getStackTrace())));
    }
  }

  private static StepTrace.Source place(StackTraceElement[] stack) {
    StepTrace.Source ours = StepTrace.Source.NONE;
    for (StackTraceElement frame : stack) {
      String name = frame.getClassName();
      boolean isOurs = name.startsWith("phaistos.") && !name.startsWith("phaistos.simulator.");
      if (isOurs && !name.startsWith(STEPS)) {
        StepTrace.Source source =
            new StepTrace.Source(
                StepTrace.file(name, frame.getFileName()) + ":" + frame.getLineNumber(),
                frame.getMethodName());
        if (name.startsWith(SERVER)) {
          return source;
        }
        ours = ours.equals(StepTrace.Source.NONE) ? source : ours;
      }
    }
    return ours;
  }

  Optional<Where> where() {
    return where;
  }

  /** How many times a task was chosen. */
  int count() {
    return count;
  }

  /** The simulated time of a choice. */
  long nanos(long step) {
    return nanos[Math.clamp(step, 0, Math.max(0, count - 1))];
  }

  /** The first choice at or after this simulated time. */
  int at(long simulatedNanos) {
    int found = Arrays.binarySearch(nanos, 0, count, simulatedNanos);
    return found >= 0 ? found : Math.min(count - 1, -found - 1);
  }
}
