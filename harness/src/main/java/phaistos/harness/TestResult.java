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
 * @param measures of the run, for campaigns
 */
public record TestResult(
    Verdict verdict,
    List<String> firstScreen,
    Path folder,
    Optional<RunStore.StoreException> storeFailure,
    Measures measures) {
  /**
   * What a campaign counts.
   *
   * @param proofs the names of the parts of the verdict that found a violation
   * @param nanos from the start of the load to the last event of the history
   * @param traceHash of the whole simulation; empty outside of the simulator
   */
  public record Measures(List<String> proofs, long nanos, Optional<String> traceHash) {
    static final Measures NONE = new Measures(List.of(), 0, Optional.empty());

    public Measures {
      proofs = List.copyOf(proofs);
    }
  }

  /** Jepsen's exit code for a test that failed itself. */
  private static final int CRASHED = 255;

  public TestResult {
    firstScreen = List.copyOf(firstScreen);
  }

  TestResult withTraceHash(String hash) {
    Measures hashed = new Measures(measures.proofs, measures.nanos, Optional.of(hash));
    return new TestResult(verdict, firstScreen, folder, storeFailure, hashed);
  }

  /** Jepsen's: 0 valid, 1 invalid, 2 unknown; 255 if the store is not complete. */
  public int exitCode() {
    return storeFailure.isPresent() ? CRASHED : verdict.exitCode();
  }
}
