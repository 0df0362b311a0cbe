package phaistos.runner.options;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Suggestions for a mistyped word. */
public final class Suggestions {
  private static final int SHOWN_MAX = 3;

  private Suggestions() {}

  /** {@code "; did you mean --seed?"}, or nothing if no word is similar. */
  public static String text(String given, Collection<String> known) {
    List<String> near = nearest(given, known);
    return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
  }

  /** The words within a few typing errors, the nearest first. */
  static List<String> nearest(String given, Collection<String> known) {
    String lower = given.toLowerCase(Locale.ROOT);
    int slips = Math.max(1, lower.replaceFirst("^-+", "").length() / 3);
    return known.stream()
        .distinct()
        .filter(word -> distance(lower, word.toLowerCase(Locale.ROOT)) <= slips)
        .sorted(
            Comparator.<String>comparingInt(word -> distance(lower, word.toLowerCase(Locale.ROOT)))
                .thenComparing(Comparator.naturalOrder()))
        .limit(SHOWN_MAX)
        .toList();
  }

  /**
   * The number of letters deleted, inserted, replaced, or swapped with a neighbour (optimal string
   * alignment).
   */
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
