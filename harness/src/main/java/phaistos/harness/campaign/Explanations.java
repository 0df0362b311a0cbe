package phaistos.harness.campaign;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which failures are explained, and when. An explanation takes many runs, so while there are seeds
 * to run it gets a third of the time. Of each broken promise one failure is explained. Where no
 * promise is known a few of each violation are, to see whether they have one cause, and more if
 * they have not. Not thread-safe.
 */
final class Explanations {
  /** Of one broken promise, in all nights. */
  private static final int OF_ONE_PROMISE = 1;

  /** Of one violation with one cause, as far as is known. */
  private static final int OF_ONE_VIOLATION = 2;

  /** Of one violation with several. */
  private static final int OF_SEVERAL_CAUSES = 6;

  private static final int SHARE = 3;

  private final Path folder;
  private final Duration limit;
  private final Set<Integer> underWay = new HashSet<>();
  private Duration explaining = Duration.ZERO;
  private int ended;
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
      ended++;
      underWay.remove(job.number());
    }
  }

  /** The next explanation, if it is time for one. */
  Optional<Job> due(List<Entry> entries, String night) {
    // What one takes is not known before the first; few take all that they may.
    Duration usual = ended == 0 ? limit.dividedBy(SHARE) : explaining.dividedBy(ended);
    Duration planned = explaining.plus(usual.multipliedBy(underWay.size() + 1L));
    return planned.multipliedBy(SHARE).compareTo(all) > 0
        ? Optional.empty()
        : next(entries, night, false);
  }

  /** When no seed is left: of each cause one. */
  Optional<Job> last(List<Entry> entries, String night) {
    return next(entries, night, true);
  }

  private Optional<Job> next(List<Entry> entries, String night, boolean isLast) {
    if (limit.isZero()) {
      return Optional.empty();
    }
    Map<Integer, Cause> causes = Cause.all(entries);
    Map<Integer, Cause> failures = new HashMap<>();
    Set<Integer> done = new HashSet<>(underWay);
    for (Entry entry : entries) {
      if (entry instanceof Entry.Run run && run.isFailure()) {
        failures.put(run.number(), Cause.of(run));
      } else if (entry instanceof Entry.Explained explained) {
        done.add(explained.number());
      }
    }
    Map<Cause, Integer> taken = new HashMap<>();
    Map<Cause, Set<Cause>> found = new HashMap<>();
    for (int number : done) {
      taken.merge(failures.get(number), 1, Integer::sum);
      found.computeIfAbsent(failures.get(number), _ -> new HashSet<>()).add(causes.get(number));
    }
    Optional<Entry.Run> next = Optional.empty();
    int fewest = Integer.MAX_VALUE;
    for (Entry entry : entries) {
      if (entry instanceof Entry.Run run
          && run.result().ending() == RunResult.Ending.INVALID
          && run.isFailure()
          && run.night().equals(night)
          && run.result().folder().isPresent()
          && !done.contains(run.number())) {
        Cause cause = Cause.of(run);
        int sofar = taken.getOrDefault(cause, 0);
        int most = isLast ? 1 : most(cause, found.getOrDefault(cause, Set.of()).size());
        if (sofar < most && sofar < fewest) {
          fewest = sofar;
          next = Optional.of(run);
        }
      }
    }
    next.ifPresent(run -> underWay.add(run.number()));
    return next.map(run -> Job.explaining(run, folder.resolve(run.result().folder().get())));
  }

  private static int most(Cause cause, int causesFound) {
    return switch (cause) {
      case Cause.Step _ -> OF_ONE_PROMISE;
      case Cause.Kind _ -> causesFound > 1 ? OF_SEVERAL_CAUSES : OF_ONE_VIOLATION;
    };
  }
}
