package phaistos.harness.campaign;

import java.util.List;
import java.util.Optional;

/**
 * One run of a campaign.
 *
 * @param isFound whether a checker proved a violation; a crash, a hang or a PANIC is none, and
 *     neither is what the same run without the defect shows too
 * @param cpuNanos of the whole process during the run: simulation, checkers, compiler, collector
 * @param simulatedNanos from the start of the load to the last event of the history
 * @param proofs the names of the checkers that found a violation
 * @param verdict the first line of the run's report
 * @param isFalseAlarm whether the same run without the defect is invalid too
 */
public record Trial(
    long seed,
    boolean isFound,
    int exitCode,
    long cpuNanos,
    long simulatedNanos,
    List<String> proofs,
    String verdict,
    Optional<String> traceHash,
    boolean isFalseAlarm) {
  public Trial {
    proofs = List.copyOf(proofs);
  }

  /** The same, which says nothing about its defect. */
  Trial alsoWithoutDefect() {
    return new Trial(
        seed,
        false,
        exitCode,
        cpuNanos,
        simulatedNanos,
        proofs,
        "also without the defect: " + verdict,
        traceHash,
        true);
  }
}
