package phaistos.checker.transactions.order;

import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Looks for a contradiction in parts of a history that is too large for the closure as a whole:
 * neighbours by completion, in windows that overlap. What a part cannot have the whole cannot
 * either; that all parts are possible says nothing of the whole.
 */
final class InParts {
  private static final int PART = 2_048;

  private InParts() {}

  static Decision search(Footprints f, Rule rule, BooleanSupplier isOver) {
    long[] sorted = new long[f.size()];
    for (int t = 0; t < sorted.length; t++) {
      int place = f.acknowledged()[t] ? f.completedAt()[t] : f.invokedAt()[t];
      sorted[t] = (long) place << 32 | t;
    }
    Arrays.sort(sorted);
    int parts = 0;
    for (int from = 0; from < sorted.length; from += PART / 2) {
      if (isOver.getAsBoolean()) {
        return new Decision.Open(
            ("the time limit ended the search for an order; of the first %d of %d transactions no"
                    + " %d in a row contradict each other")
                .formatted(from, sorted.length, PART));
      }
      int[] part = new int[Math.min(PART, sorted.length - from)];
      for (int i = 0; i < part.length; i++) {
        part[i] = (int) sorted[from + i];
      }
      Footprints some = f.only(part);
      if (!Decision.isLarge(some, rule)
          && Schedule.find(some, rule, isOver).isEmpty()
          && Decision.bySearch(some, rule, isOver) instanceof Decision.Impossible) {
        return new Decision.Impossible(part);
      }
      parts++;
    }
    return new Decision.Open(
        ("%d transactions are too many to search for an order, and in %d parts of %d there is no"
                + " contradiction")
            .formatted(f.size(), parts, PART));
  }
}
