package phaistos.checker.linearizability;

/**
 * How many intervals cover each gap, as intervals are removed. A tree: each node has the number of
 * intervals that cover its whole range, and the least number over its parts.
 */
final class CoverCount {
  private final int leaves;
  private final int[] whole;
  private final int[] least;

  /**
   * @param end the last gap
   */
  CoverCount(int end) {
    leaves = Integer.highestOneBit(end + 1) * 2;
    whole = new int[2 * leaves];
    least = new int[2 * leaves];
  }

  /** Adds 1 or -1 to these gaps, ends included; does nothing for an empty range. */
  void add(int from, int to, int change) {
    if (from <= to) {
      add(1, 0, leaves - 1, from, to, change);
    }
  }

  private void add(int node, int low, int high, int from, int to, int change) {
    if (from <= low && high <= to) {
      whole[node] += change;
      least[node] += change;
      return;
    }
    int middle = (low + high) >>> 1;
    if (from <= middle) {
      add(2 * node, low, middle, from, to, change);
    }
    if (to > middle) {
      add(2 * node + 1, middle + 1, high, from, to, change);
    }
    least[node] = whole[node] + Math.min(least[2 * node], least[2 * node + 1]);
  }

  /** The first gap from this one on that nothing covers; there is one. */
  int firstFree(int from) {
    return firstFree(1, 0, leaves - 1, from);
  }

  private int firstFree(int node, int low, int high, int from) {
    if (high < from || least[node] > 0) {
      return -1;
    }
    if (low == high) {
      return low;
    }
    int middle = (low + high) >>> 1;
    int found = firstFree(2 * node, low, middle, from);
    return found >= 0 ? found : firstFree(2 * node + 1, middle + 1, high, from);
  }
}
