package phaistos.harness.campaign;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.harness.Violation;

/**
 * Which failures are explained, and when. An explanation takes many runs, so while there are seeds
 * to run it gets a third of the time; of each violation the first failure comes first, and a few
 * are explained to see whether they have one cause. Not thread-safe.
 */
final class Explanations {
  /** Of one violation, in all nights. */
  static final int OF_ONE_VIOLATION_MAX = 2;

  private static final int SHARE = 3;

  private final Path folder;
  private final Duration limit;
  private final Set<Integer> underWay = new HashSet<>();
  private Duration explaining = Duration.ZERO;
  private Duration all = Duration.ZERO;

  /**
   * @param folder of the campaign
   * @param limit for one explanation; zero if nothing is to be explained
   */
  Explanations(Path folder, Duration limit) {
    this.folder = folder;
    this.limit = limit;
  }

  /** A worker has spent its time on a job. */
  void add(Job job, Duration time) {
    all = all.plus(time);
    if (job.explains().isPresent()) {
      explaining = explaining.plus(time);
      underWay.remove(job.number());
    }
  }

  /** The next explanation, if it is time for one. */
  Optional<Job> due(List<Entry> entries, String night) {
    Duration planned = explaining.plus(limit.multipliedBy(underWay.size()));
    return planned.multipliedBy(SHARE).compareTo(all) >= 0
        ? Optional.empty()
        : next(entries, night, OF_ONE_VIOLATION_MAX);
  }

  /** When no seed is left: of each violation one. */
  Optional<Job> last(List<Entry> entries, String night) {
    return next(entries, night, 1);
  }

  private Optional<Job> next(List<Entry> entries, String night, int most) {
    if (limit.isZero()) {
      return Optional.empty();
    }
    Map<Integer, Violation> violations = new HashMap<>();
    Map<Violation, Integer> taken = new HashMap<>();
    Set<Integer> done = new HashSet<>(underWay);
    for (Entry entry : entries) {
      if (entry instanceof Entry.Run run && run.isFailure()) {
        violations.put(run.number(), run.result().violation());
      } else if (entry instanceof Entry.Explained explained) {
        done.add(explained.number());
      }
    }
    for (int number : done) {
      taken.merge(violations.get(number), 1, Integer::sum);
    }
    Optional<Entry.Run> next = Optional.empty();
    int fewest = most;
    for (Entry entry : entries) {
      if (entry instanceof Entry.Run run
          && run.result().ending() == RunResult.Ending.INVALID
          && run.isFailure()
          && run.night().equals(night)
          && run.result().folder().isPresent()
          && !done.contains(run.number())) {
        int sofar = taken.getOrDefault(run.result().violation(), 0);
        if (sofar < fewest) {
          fewest = sofar;
          next = Optional.of(run);
        }
      }
    }
    next.ifPresent(run -> underWay.add(run.number()));
    return next.map(run -> Job.explaining(run, folder.resolve(run.result().folder().get())));
  }
}
