package phaistos.harness;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
   * @param violations one for each part of the verdict that found any, in the verdict's order
   * @param nanos from the start of the load to the last event of the history
   * @param traceHash of the whole simulation; empty outside of the simulator
   * @param goals how often each goal was reached
   * @param faults how many faults of each kind had an effect; 0 for a kind that the run might have
   *     drawn
   */
  public record Measures(
      List<Violation> violations,
      long nanos,
      Optional<String> traceHash,
      Map<String, Integer> goals,
      Map<String, Integer> faults) {
    static final Measures NONE = new Measures(List.of(), 0, Optional.empty(), Map.of(), Map.of());

    public Measures {
      violations = List.copyOf(violations);
      goals = Collections.unmodifiableMap(new TreeMap<>(goals));
      faults = Collections.unmodifiableMap(new TreeMap<>(faults));
    }

    /** The names of the parts of the verdict that found a violation. */
    public List<String> proofs() {
      return violations.stream().map(Violation::checker).toList();
    }
  }

  /** Jepsen's exit code for a test that failed itself. */
  private static final int CRASHED = 255;

  public TestResult {
    firstScreen = List.copyOf(firstScreen);
  }

  /** Of a run without a report. */
  static TestResult of(Verdict verdict, Path folder) {
    return new TestResult(verdict, List.of(), folder, Optional.empty(), Measures.NONE);
  }

  TestResult withTraceHash(String hash) {
    Measures hashed =
        new Measures(
            measures.violations,
            measures.nanos,
            Optional.of(hash),
            measures.goals,
            measures.faults);
    return new TestResult(verdict, firstScreen, folder, storeFailure, hashed);
  }

  /** Jepsen's: 0 valid, 1 invalid, 2 unknown; 255 if the store is not complete. */
  public int exitCode() {
    return storeFailure.isPresent() ? CRASHED : verdict.exitCode();
  }
}
