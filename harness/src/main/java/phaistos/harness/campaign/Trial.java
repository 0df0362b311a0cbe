package phaistos.harness.campaign;

import java.util.List;
import java.util.Optional;

/**
 * One run of a campaign.
 *
 * @param isFound whether a checker proved a violation; a crash, a hang or a PANIC is none
 * @param cpuNanos of the whole process during the run: simulation, checkers, compiler, collector
 * @param simulatedNanos from the start of the load to the last event of the history
 * @param proofs the names of the checkers that found a violation
 * @param verdict the first line of the run's report
 */
public record Trial(
    long seed,
    boolean isFound,
    int exitCode,
    long cpuNanos,
    long simulatedNanos,
    List<String> proofs,
    String verdict,
    Optional<String> traceHash) {
  public Trial {
    proofs = List.copyOf(proofs);
  }
}
