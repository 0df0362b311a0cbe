package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.histories.generators.Seed;
import phaistos.simulator.Tail;

/**
 * Draws every second run of a campaign by changing one that has passed something new, the more
 * likely the more of that no other run has passed; the others are drawn anew. A change keeps what
 * the mix has drawn and draws the rest anew, or keeps all up to some choice of the simulator.
 *
 * <p>It is a function of its first seed and of what its runs pass. Not thread-safe.
 */
final class FeedbackSearch {
  /** Survives JSON. */
  private static final long SEEDS = 1L << 53;

  private static final int SHARED = -1;

  private final Seed draws;
  private final List<Kept> kept = new ArrayList<>();

  /** The only kept run that has passed a point, or {@link #SHARED}. */
  private final Map<Long, Integer> owners = new HashMap<>();

  private long fresh;
  private int turns;

  private static final class Kept {
    final Variant variant;
    final long choices;
    int alone;

    Kept(Variant variant, long choices) {
      this.variant = variant;
      this.choices = choices;
    }
  }

  /**
   * @param firstSeed of those that are drawn anew
   */
  FeedbackSearch(long firstSeed) {
    this.fresh = firstSeed;
    this.draws = new Seed(firstSeed).child("feedback");
  }

  /** The next run. */
  Variant next() {
    Seed draw = draws.child(turns++);
    if (kept.isEmpty() || draw.child("anew").drawInt(2) == 0) {
      return Variant.of(fresh++);
    }
    Kept parent = parent(draw.child("parent"));
    Variant from = parent.variant;
    long number = draw.child("seed").drawLong(SEEDS);
    return draw.child("change").drawInt(2) == 0
        ? new Variant(from.mix(), number, Optional.empty())
        : new Variant(
            from.mix(),
            from.seed(),
            Optional.of(new Tail(1 + draw.child("from").drawLong(parent.choices), number)));
  }

  private Kept parent(Seed draw) {
    long at = draw.drawLong(kept.stream().mapToLong(each -> 1 + each.alone).sum());
    for (Kept each : kept) {
      at -= 1 + each.alone;
      if (at < 0) {
        return each;
      }
    }
    throw new IllegalStateException("the weights of " + kept.size() + " runs");
  }

  /**
   * A run is over.
   *
   * @param points that it has passed
   * @param choices that its simulator made
   */
  void ran(Variant variant, Set<Long> points, long choices) {
    Kept run = new Kept(variant, Math.max(1, choices));
    for (Long point : points) {
      Integer owner = owners.putIfAbsent(point, kept.size());
      if (owner == null) {
        run.alone++;
      } else if (owner != SHARED) {
        kept.get(owner).alone--;
        owners.put(point, SHARED);
      }
    }
    if (run.alone > 0) {
      kept.add(run);
    }
  }

  /** How many points have been passed. */
  int points() {
    return owners.size();
  }
}
