package phaistos.harness.campaign;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import phaistos.harness.campaign.Entry.Key;
import phaistos.harness.campaign.Entry.Why;
import phaistos.harness.campaign.SeedMemory.Remembered;

/**
 * What a night runs next: its canary, then what the memory of seeds says, then fresh seeds until
 * the limit is reached. Not thread-safe.
 */
final class Schedule {
  /** A canary that is missed is tried with other seeds before it counts as missed. */
  static final int CANARIES_MAX = 3;

  private final Deque<Key> canaries = new ArrayDeque<>();
  private final Deque<Remembered> remembered = new ArrayDeque<>();
  private final Set<Key> done = new HashSet<>();
  private final CampaignOptions options;
  private final LongFunction<String> mix;
  private long seed;
  private int fresh;
  private int number;
  private boolean canaryIsOut;
  private boolean canaryIsFound;

  /**
   * @param entries the journal with the night's begin
   * @param mix the options of a fresh seed
   */
  Schedule(
      List<Entry> entries, Entry.Night night, CampaignOptions options, LongFunction<String> mix) {
    this.options = options;
    this.mix = mix;
    this.seed = night.firstSeed();
    int tried = 0;
    for (Entry entry : entries) {
      if (entry instanceof Entry.Run run) {
        number = Math.max(number, run.number());
        if (run.night().equals(night.id())) {
          done.add(run.key());
          fresh += run.why() == Why.FRESH ? 1 : 0;
          tried += run.why() == Why.CANARY ? 1 : 0;
          canaryIsFound |= isFound(run);
        }
      }
    }
    canaries(night, tried);
    for (Remembered each : SeedMemory.order(before(entries, night))) {
      if (!done.contains(each.key())) {
        remembered.add(each);
      }
    }
  }

  static boolean isFound(Entry.Run run) {
    return run.why() == Why.CANARY && run.result().ending() == RunResult.Ending.INVALID;
  }

  private void canaries(Entry.Night night, int tried) {
    List<String> all = options.canaries();
    if (all.isEmpty() || canaryIsFound) {
      return;
    }
    int hash = Math.floorMod(night.id().hashCode(), 1 << 20);
    for (int i = tried; i < CANARIES_MAX; i++) {
      canaries.add(new Key(all.get(hash % all.size()), 1 + hash + i));
    }
  }

  /** What earlier nights knew. */
  private static List<Entry> before(List<Entry> entries, Entry.Night night) {
    return entries.subList(0, Math.max(0, entries.indexOf(night)));
  }

  /** The next run; empty if there is none left, or none may begin any more. */
  Optional<Job> next(Instant now, Instant deadline) {
    if (!canaryIsOut && !canaryIsFound && !canaries.isEmpty()) {
      canaryIsOut = true;
      Key canary = canaries.remove();
      return Optional.of(new Job(++number, Why.CANARY, canary.seed(), canary.options()));
    }
    if (now.isAfter(deadline)) {
      return Optional.empty();
    }
    boolean isLate =
        options
            .duration()
            .map(all -> now.isAfter(deadline.minus(all.multipliedBy(3).dividedBy(4))))
            .orElse(false);
    if (!remembered.isEmpty() && !isLate) {
      Remembered next = remembered.remove();
      done.add(next.key());
      return Optional.of(new Job(++number, next.why(), next.key().seed(), next.key().options()));
    }
    if (options.seeds().isPresent() && fresh >= options.seeds().get()) {
      return Optional.empty();
    }
    Key key = new Key(mix.apply(seed), seed);
    while (done.contains(key)) {
      seed++;
      key = new Key(mix.apply(seed), seed);
    }
    seed++;
    fresh++;
    done.add(key);
    return Optional.of(new Job(++number, Why.FRESH, key.seed(), key.options()));
  }

  /** A canary's run is over. */
  void canaryEnded(boolean isFoundNow) {
    canaryIsFound |= isFoundNow;
    canaryIsOut = false;
  }

  /** How long the night has been at work, of a journal in which it was begun. */
  static Duration worked(List<Entry> entries, String night) {
    Duration sum = Duration.ZERO;
    Instant from = null;
    Instant to = null;
    for (Entry entry : entries) {
      Optional<Instant> begin =
          switch (entry) {
            case Entry.Night begun when begun.id().equals(night) -> Optional.of(begun.began());
            case Entry.Resumed resumed when resumed.night().equals(night) ->
                Optional.of(resumed.at());
            default -> Optional.empty();
          };
      if (begin.isPresent()) {
        sum = from == null ? sum : sum.plus(Duration.between(from, to));
        from = begin.get();
        to = from;
      } else if (entry instanceof Entry.Run run && run.night().equals(night) && from != null) {
        to = run.ended().isAfter(to) ? run.ended() : to;
      }
    }
    return from == null ? sum : sum.plus(Duration.between(from, to));
  }
}
