package phaistos.harness.campaign;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a night does.
 *
 * @param store its root; the campaign's own files are below {@code campaign}
 * @param duration of real time after which no run begins; empty if {@code seeds} is given
 * @param seeds how many fresh ones; empty if {@code duration} is given
 * @param firstSeed the first fresh one; if empty, the one behind the last
 * @param workers how many processes
 * @param seedLimit of real time for one run; after it the run counts as hung
 * @param explainLimit of real time for one explanation; zero if nothing is to be explained
 * @param canaries options of tests with a defect that is certainly found
 * @param known ids of findings that are not new
 * @param asked the options as a person typed them: a night that was killed goes on if they are the
 *     same
 * @param worker the command that starts a worker
 */
public record CampaignOptions(
    Path store,
    Optional<Duration> duration,
    Optional<Integer> seeds,
    OptionalLong firstSeed,
    int workers,
    Duration seedLimit,
    Duration explainLimit,
    List<String> canaries,
    Set<String> known,
    String asked,
    List<String> worker) {
  public CampaignOptions {
    canaries = List.copyOf(canaries);
    known = Set.copyOf(known);
    worker = List.copyOf(worker);
    if (duration.isPresent() == seeds.isPresent()) {
      throw new IllegalArgumentException("duration=" + duration + ", seeds=" + seeds);
    }
    if (workers < 1 || !seedLimit.isPositive()) {
      throw new IllegalArgumentException("workers=" + workers + ", seedLimit=" + seedLimit);
    }
  }

  /** The folder of the campaign's own files. */
  public Path folder() {
    return store.resolve("campaign");
  }
}
