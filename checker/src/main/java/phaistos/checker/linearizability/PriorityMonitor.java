package phaistos.checker.linearizability;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import phaistos.histories.Edn;

/**
 * Decides a priority queue's history where each element goes in once, in the time of a sort. Lee
 * and Mathur ("Efficient decrease-and-conquer linearizability monitoring", 2025) take the elements
 * from the greatest down; here they come from the smallest up, which gives an order on the way.
 * {@link Ledger} resolves some cases before.
 *
 * <p>Why it is right. Only smaller elements block an element. An element that is put in gap p and
 * taken in gap d covers the gaps strictly between. An element may be taken in any gap of its take
 * that no smaller one covers. (Within a gap first come takes, the smallest first, then what goes in
 * and out at once, then puts.) So go from the smallest up, and choose for each the first gap d of
 * its take that is not covered, and for its put the last gap p that is not behind d. No other
 * choice covers less: a later d or an earlier p covers the same and more; if p and d are equal it
 * covers nothing. And with less covered by the smaller ones, d comes no later. So by induction what
 * is covered is as little as can be, and an element without a gap has none in any order. Elements
 * that are equal in the order do not cover each other. A take of the empty queue comes last: every
 * element blocks it.
 *
 * <p><b>Takes that never returned</b>, whose elements are unknown, are hard if elements are left
 * that they may have taken. The same three things are tried as by {@link StackMonitor}: all
 * elements may use the first of these takes; deadlines; the first takes for the first deadlines.
 * Otherwise a search decides.
 */
final class PriorityMonitor {
  private final Ledger ledger;
  private final Comparator<Edn> order;
  private final Moments moments;

  /** By element: the gaps chosen for it. */
  private final int[] putAt;

  private final int[] takeAt;

  /** Elements, the smallest first. */
  private final Integer[] sorted;

  /** By gap: itself if it is free, else one that is nearer to the next that is. */
  private final int[] next;

  /** By gap: the element that covered it first. */
  private final int[] owner;

  private PriorityMonitor(Ledger ledger, Comparator<Edn> order) {
    this.ledger = ledger;
    this.order = order;
    moments = ledger.moments;
    putAt = new int[ledger.size()];
    takeAt = new int[ledger.size()];
    sorted = IntStream.range(0, ledger.size()).boxed().toArray(Integer[]::new);
    Arrays.sort(sorted, this::compare);
    next = IntStream.rangeClosed(0, moments.end + 1).toArray();
    owner = new int[moments.end + 2];
  }

  private int compare(int a, int b) {
    return order.compare(ledger.elements.get(a), ledger.elements.get(b));
  }

  static Finding find(Ledger ledger, Comparator<Edn> order) {
    if (ledger.rest.length == 0 || ledger.tokens.length == 0) {
      return new PriorityMonitor(ledger, order).find();
    }
    ledger.spendFreely();
    Finding free = new PriorityMonitor(ledger, order).find();
    if (free instanceof Finding.Violated) {
      return free;
    }
    Deadlines deadlines = Deadlines.ofPriorityQueue(ledger, order);
    if (deadlines.isMissed()) {
      return deadlines.missed();
    }
    ledger.spend(deadlines.order());
    Finding first = new PriorityMonitor(ledger, order).find();
    return first instanceof Finding.Holds
        ? first
        : new Finding.Undecided("which element a take that never returned took is not known");
  }

  private Finding find() {
    for (int from = 0; from < sorted.length; ) {
      int to = from;
      for (; to < sorted.length && compare(sorted[from], sorted[to]) == 0; to++) {
        int element = sorted[to];
        takeAt[element] = free(ledger.takeFirst[element]);
        putAt[element] = Math.min(ledger.putLast[element], takeAt[element]);
        if (takeAt[element] > ledger.takeLast[element]) {
          Ints suspects = new Ints();
          suspects.add(element);
          return violated(ledger.takeFirst[element], ledger.takeLast[element], suspects);
        }
      }
      for (; from < to; from++) {
        cover(sorted[from]);
      }
    }
    int[] emptyAt = new int[ledger.empties.length];
    for (int i = 0; i < emptyAt.length; i++) {
      int empty = ledger.empties[i];
      emptyAt[i] = free(moments.first[empty]);
      if (emptyAt[i] > moments.last[empty]) {
        return violated(moments.first[empty], moments.last[empty], new Ints(), empty);
      }
    }
    return new Finding.Holds(Optional.of(spellOut(emptyAt)));
  }

  private int free(int gap) {
    int root = gap;
    while (next[root] != root) {
      root = next[root];
    }
    for (int at = gap; at != root; ) {
      int further = next[at];
      next[at] = root;
      at = further;
    }
    return root;
  }

  private void cover(int element) {
    for (int gap = free(putAt[element] + 1);
        gap < takeAt[element];
        gap = free(putAt[element] + 1)) {
      owner[gap] = element;
      next[gap] = gap + 1;
    }
  }

  /**
   * The elements that cover these gaps; those that kept such an element in for longer than its take
   * asks for; and so on.
   */
  private Finding violated(int firstGap, int lastGap, Ints suspects, int... operations) {
    boolean[] isSuspect = new boolean[ledger.size()];
    Ints from = new Ints();
    Ints to = new Ints();
    from.add(firstGap);
    to.add(lastGap);
    for (int i = 0; i < from.size(); i++) {
      for (int gap = from.get(i); gap <= to.get(i); ) {
        int element = owner[gap];
        if (!isSuspect[element]) {
          isSuspect[element] = true;
          suspects.add(element);
          from.add(ledger.takeFirst[element]);
          to.add(takeAt[element] - 1);
        }
        gap = takeAt[element];
      }
    }
    return ledger.violated(Arrays.stream(suspects.toArray()), operations);
  }

  private static final long TAKES = 0;
  private static final long AT_ONCE = 1;
  private static final long PUTS = 2;

  private int[] spellOut(int[] emptyAt) {
    int count = sorted.length;
    long[] keys = new long[2 * count + emptyAt.length];
    int size = 0;
    for (int rank = 0; rank < count; rank++) {
      int element = sorted[rank];
      if (putAt[element] == takeAt[element]) {
        keys[size++] = key(putAt[element], AT_ONCE, rank);
      } else {
        keys[size++] = key(takeAt[element], TAKES, rank);
        keys[size++] = key(putAt[element], PUTS, rank);
      }
    }
    for (int i = 0; i < emptyAt.length; i++) {
      keys[size++] = key(emptyAt[i], AT_ONCE, count + i);
    }
    Arrays.sort(keys, 0, size);
    Ints operations = new Ints();
    for (int i = 0; i < size; i++) {
      int rank = (int) (keys[i] & (1L << 30) - 1);
      long stage = keys[i] >>> 30 & 3;
      if (rank >= count) {
        operations.add(ledger.empties[rank - count]);
        continue;
      }
      int element = sorted[rank];
      if (stage != TAKES) {
        operations.add(ledger.put[element]);
      }
      if (stage != PUTS && takeAt[element] < moments.end) {
        operations.add(ledger.take[element]);
      }
    }
    return operations.toArray();
  }

  private static long key(int gap, long stage, int rank) {
    return (long) gap << 32 | stage << 30 | rank;
  }
}
