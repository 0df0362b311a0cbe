package phaistos.harness.campaign;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import phaistos.harness.Violation;

/** Finds out why a run failed, with as many runs more as it needs. */
public interface Explainer {
  /**
   * What is known of a failure.
   *
   * @param step the step of the server at which the violation becomes inevitable, by its label:
   *     "wal-flush"; empty if no such step was found
   * @param source the place in the project's sources where that step is: "path/File.java:123"
   * @param shape of the shrunk schedule: its faults by kind, in order: "partition, crash"
   * @param command that runs the shrunk test
   * @param page the page that shows it all
   */
  record Explanation(
      Optional<String> step,
      Optional<String> source,
      String shape,
      String command,
      Optional<Path> page) {}

  /**
   * Explains a stored run that is invalid.
   *
   * @param folder the run's folder
   * @param options those of {@code run} that made it, seed and defect included
   * @param violation the one to be explained
   * @param limit of real time
   * @return empty if there is no answer within the limit
   */
  Optional<Explanation> explain(
      Path folder, List<String> options, Violation violation, Duration limit);
}
