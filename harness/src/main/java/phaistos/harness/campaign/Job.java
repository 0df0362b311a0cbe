package phaistos.harness.campaign;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a worker is to do.
 *
 * @param number of the run in this store
 * @param options those of {@code run}, without the seed, as a shell takes them
 * @param explains the folder of the stored run that is to be explained; empty if a run is to be
 *     made
 */
record Job(int number, Entry.Why why, long seed, String options, Optional<Path> explains) {
  Job(int number, Entry.Why why, long seed, String options) {
    this(number, why, seed, options, Optional.empty());
  }

  static Job explaining(Entry.Run run, Path folder) {
    return new Job(run.number(), run.why(), run.seed(), run.options(), Optional.of(folder));
  }

  /**
   * As a worker reads it: the root of the run's store, seed, options, the folder of the run that is
   * explained, and how many milliseconds that may take.
   */
  String line(Path store, Duration limit) {
    return String.join(
        "\t",
        store.toString(),
        Long.toString(seed),
        options,
        explains.map(Path::toString).orElse(""),
        Long.toString(limit.toMillis()));
  }
}
