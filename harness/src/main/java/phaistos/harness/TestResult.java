package phaistos.harness;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import phaistos.checker.Verdict;
import phaistos.histories.RunStore;

/**
 * The result of a test.
 *
 * @param firstScreen the verdict with its proof, the seed, the command that repeats it, the files
 * @param folder the test's folder in the store
 * @param storeFailure why files are missing in the folder, if some are
 */
public record TestResult(
    Verdict verdict,
    List<String> firstScreen,
    Path folder,
    Optional<RunStore.StoreException> storeFailure) {
  /** Jepsen's exit code for a test that failed itself. */
  private static final int CRASHED = 255;

  public TestResult {
    firstScreen = List.copyOf(firstScreen);
  }

  /** Jepsen's: 0 valid, 1 invalid, 2 unknown; 255 if the store is not complete. */
  public int exitCode() {
    return storeFailure.isPresent() ? CRASHED : verdict.exitCode();
  }
}
