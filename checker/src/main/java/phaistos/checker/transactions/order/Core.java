package phaistos.checker.transactions.order;

import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Makes a set of transactions that have no order smaller, by leaving out parts as long as what is
 * left has none either (delta debugging, Zeller and Hildebrandt 2002): in the end, if time allows,
 * none of them can be left out.
 */
public final class Core {
  private final Footprints f;
  private final Rule rule;
  private final BooleanSupplier isOver;
  private boolean isMinimal;

  public Core(Footprints f, Rule rule, BooleanSupplier isOver) {
    this.f = f;
    this.rule = rule;
    this.isOver = isOver;
  }

  /** Whether none of the last core can be left out. */
  public boolean isMinimal() {
    return isMinimal;
  }

  /** Whether these transactions have no order. */
  public boolean isImpossible(int[] transactions) {
    return Decision.bySearch(f.only(transactions), rule, isOver) instanceof Decision.Impossible;
  }

  /** The part of these transactions that is left. */
  public int[] minimize(int[] core) {
    int[] left = core;
    int parts = 2;
    while (left.length > 1 && !isOver.getAsBoolean()) {
      int size = Math.max(1, (left.length + parts - 1) / parts);
      int before = left.length;
      for (int from = 0; from < left.length && !isOver.getAsBoolean(); ) {
        int[] fewer = without(left, from, Math.min(left.length, from + size));
        if (fewer.length > 0 && isImpossible(fewer)) {
          left = fewer;
        } else {
          from += size;
        }
      }
      if (size == 1 && left.length == before) {
        isMinimal = !isOver.getAsBoolean();
        return left;
      }
      parts = size == 1 ? left.length : Math.min(left.length, 2 * parts);
    }
    isMinimal = left.length == 1;
    return left;
  }

  private static int[] without(int[] items, int from, int to) {
    int[] fewer = Arrays.copyOf(items, items.length - (to - from));
    System.arraycopy(items, to, fewer, from, items.length - to);
    return fewer;
  }
}
