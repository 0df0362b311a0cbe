package phaistos.harness;

import java.nio.file.Path;
import java.util.List;
import phaistos.checker.Verdict;

/**
 * What a test came to.
 *
 * @param firstScreen the verdict with its proof, the seed, the command that repeats it, the files
 * @param folder the test's folder in the store
 */
public record TestResult(Verdict verdict, List<String> firstScreen, Path folder) {
  public TestResult {
    firstScreen = List.copyOf(firstScreen);
  }

  /** Jepsen's: 0 valid, 1 invalid, 2 unknown. */
  public int exitCode() {
    return verdict.exitCode();
  }
}
