package phaistos.harness;

import java.nio.file.Path;
import java.util.Optional;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;

/**
 * The run that a report is about.
 *
 * @param folder of the run, as a person types it
 * @param test the content of test.edn
 * @param images the way from the page to the folder that holds {@code nodes/}; empty if the nodes'
 *     images are not kept
 */
record RunPlace(Path folder, Edn.Table test, Optional<String> images) {
  /** Of a run that has just ended. */
  static RunPlace fresh(Path folder, Edn.Table test, Keep keep, Verdict verdict) {
    boolean keeps =
        switch (keep) {
          case IMAGES -> true;
          case FAILURES, FAILED_RUNS -> verdict instanceof Verdict.Invalid;
          case NONE, VERDICT -> false;
        };
    return new RunPlace(folder, test, keeps ? Optional.of("") : Optional.empty());
  }
}
