package phaistos.checker.linearizability;

/**
 * Which gaps certain intervals cover: those strictly between an interval's ends. Interval i covers
 * {@code from[i] + 1} to {@code to[i] - 1}.
 */
final class Cover {
  private final int[] from;
  private final int[] to;
  private final int count;
  private final int[] nextFree;

  /**
   * @param end the last gap
   */
  Cover(int[] from, int[] to, int count, int end) {
    this.from = from;
    this.to = to;
    this.count = count;
    int[] begins = new int[end + 2];
    for (int i = 0; i < count; i++) {
      if (from[i] + 1 < to[i]) {
        begins[from[i] + 1]++;
        begins[to[i]]--;
      }
    }
    nextFree = begins;
    int covering = 0;
    for (int gap = 0; gap <= end + 1; gap++) {
      covering += begins[gap];
      nextFree[gap] = covering;
    }
    nextFree[end + 1] = end + 1;
    for (int gap = end; gap >= 0; gap--) {
      nextFree[gap] = nextFree[gap] == 0 ? gap : nextFree[gap + 1];
    }
  }

  /** The first gap from this one on that no interval covers. */
  int nextFree(int gap) {
    return nextFree[gap];
  }

  /** A small set of intervals that covers these gaps; each of the gaps is covered. */
  Ints chain(int firstGap, int lastGap) {
    int[] order = Moments.sorted(count, i -> from[i]);
    Ints chain = new Ints();
    int best = -1;
    int next = 0;
    for (int gap = firstGap; gap <= lastGap; gap = to[best]) {
      for (; next < count && from[order[next]] < gap; next++) {
        if (best < 0 || to[order[next]] > to[best]) {
          best = order[next];
        }
      }
      if (best < 0 || to[best] <= gap) {
        throw new IllegalArgumentException("a gap that is not covered: gap=" + gap);
      }
      chain.add(best);
    }
    return chain;
  }
}
