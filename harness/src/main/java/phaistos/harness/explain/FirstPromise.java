package phaistos.harness.explain;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import phaistos.harness.Cutoff;
import phaistos.harness.Finding;
import phaistos.harness.Rerun;
import phaistos.harness.TestPlan;

/**
 * The first promise between the server's steps that a run breaks, found by running it once more as
 * it is. That is far cheaper than an explanation, and tells causes apart that show the same
 * violation.
 */
public final class FirstPromise {
  /** A run is only looked at here: no violation is looked for. */
  private static final List<Finding> NOTHING = List.of(new Finding("", "", "", List.of()));

  private FirstPromise() {}

  /**
   * Runs the plan, and looks.
   *
   * @param limit of real time for the run
   * @return empty if it breaks none, if the limit was reached, or the run is not simulated: others
   *     do not repeat themselves
   * @throws IOException if there is no place for temporary files
   */
  public static Optional<Explanation.Place> of(TestPlan plan, Duration limit) throws IOException {
    if (!plan.deployment().isSimulated()) {
      return Optional.empty();
    }
    try (Rerun rerun = Rerun.open()) {
      long end = System.nanoTime() + limit.toNanos();
      Blame blame = new Blame(new Attempts(rerun, NOTHING, end, new Cutoff()), plan);
      blame.findPromise();
      return blame.promise();
    } catch (Attempts.OverException _) {
      return Optional.empty();
    }
  }
}
