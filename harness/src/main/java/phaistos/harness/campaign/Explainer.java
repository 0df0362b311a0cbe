package phaistos.harness.campaign;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import phaistos.harness.TestPlan;

/** Finds out why a run failed. */
public interface Explainer {
  /**
   * What is known of a failure.
   *
   * @param step the step of the server at which the violation becomes inevitable, by its label:
   *     "wal-flush"; empty if no such step was found
   * @param source the place in the project's sources where that step is: "path/File.java:123"
   * @param isPromise whether the step broke a promise; if not, it was found by drawing choices anew
   * @param shape of the smaller run: its faults by kind, in order; empty if it was not made smaller
   * @param isComplete whether the search came to its end; if not, the shape may become smaller
   * @param sentences for people
   */
  record Explanation(
      Optional<String> step,
      Optional<String> source,
      boolean isPromise,
      String shape,
      boolean isComplete,
      List<String> sentences) {
    public Explanation {
      sentences = List.copyOf(sentences);
    }

    /** Step or shape for comparison; empty if neither is known for sure. */
    String word() {
      return step.map(label -> "step " + label)
          .orElse(isComplete && !shape.isEmpty() ? "faults " + shape : "");
    }
  }

  /**
   * The first promise that the server breaks in a run that is invalid, from one run more.
   *
   * @param limit of real time
   * @return empty if none is found
   */
  Optional<BrokenPromise> promise(TestPlan plan, Duration limit);

  /**
   * Explains a stored run that is invalid, with as many runs more as it needs.
   *
   * @param folder the run's folder
   * @param options those of {@code run} that made it, without the seed
   * @param limit of real time
   * @return empty if there is no answer within the limit
   */
  Optional<Explanation> explain(Path folder, String options, long seed, Duration limit);
}
