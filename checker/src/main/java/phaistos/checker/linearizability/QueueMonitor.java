package phaistos.checker.linearizability;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Decides a queue's history, first in first out or unordered, where each element goes in once, in
 * the time of a sort. The shapes that a queue forbids are from Henzinger, Sezgin and Vafeiadis
 * ("Aspect-oriented linearizability proofs", 2013) and Bouajjani, Emmi, Enea and Hamza ("On
 * reducing linearizability to state reachability", 2015); operations that never returned, and the
 * order, are ours. {@link Ledger} resolves some cases before.
 *
 * <p>Why it is right. Let an element be <i>certainly in</i> at the gaps strictly between its {@code
 * putLast} and its {@code takeFirst}.
 *
 * <ol>
 *   <li><b>Empty.</b> A dequeue that saw nothing needs a gap of its own where nothing is certainly
 *       in. Take the first such gap t for each. Then each element can go in and come out before t
 *       (if {@code takeFirst <= t}) or else behind it ({@code putLast >= t}, as t is free). So the
 *       gaps t cut the history into segments, and each element belongs to the segment of its {@code
 *       takeFirst}. An operation that ends before another begins is in no later segment than that.
 *       Cutting intervals at a segment's ends orders nothing that was not ordered: of two
 *       operations of one segment one ends before the other begins only if it did before.
 *   <li><b>Order.</b> In a segment, u must go before v if u's put ends before v's begins, or u's
 *       take ends before v's begins. Each of the two relations is an interval order: if a is before
 *       b and c before d, then a is before d or c before b. So a shortest cycle of the two has two
 *       elements: in a longer one, which must alternate, two edges of one relation give a chord or
 *       a cycle of two. Without a cycle there is an order; in that order let each put happen at the
 *       latest {@code putFirst} so far, each take at the latest {@code takeFirst} so far, and not
 *       before its put. Nothing ends earlier than that, or there would have been an edge. (A take
 *       that ends before another element's put begins is such an edge, as {@code putLast} is not
 *       behind {@code takeLast}.)
 *   <li><b>Tokens.</b> An element of the rest must come out by a token, and in time, for two
 *       reasons: a later element is taken (deadline: the end of that take), or nothing was seen
 *       (deadline: t). Both make a deadline for all elements whose {@code putLast} is before a
 *       certain gap. So deadlines are sorted like {@code putLast}; and if any assignment keeps
 *       them, then so does the one that gives the first tokens to the first elements (exchange two
 *       that are the other way round). For each deadline it does so if as many tokens as elements
 *       are early enough, whatever the other deadlines are: so the choice of t stays free.
 * </ol>
 *
 * <p>An unordered queue is the same without the second step.
 */
final class QueueMonitor {
  private final Ledger ledger;
  private final boolean isOrdered;
  private final Moments moments;
  private final int count;

  /** By element. */
  private int[] segment;

  /** The gaps at which nothing was in, each once, and the dequeues that saw it. */
  private int[] cuts;

  private int[][] emptiesAt;

  private final Ints order = new Ints();

  private QueueMonitor(Ledger ledger, boolean isOrdered) {
    this.ledger = ledger;
    this.isOrdered = isOrdered;
    moments = ledger.moments;
    count = ledger.size();
  }

  static Finding find(Ledger ledger, boolean isOrdered) {
    ledger.spend(ledger.rest);
    return new QueueMonitor(ledger, isOrdered).find();
  }

  private Finding find() {
    Cover cover = new Cover(ledger.putLast, ledger.takeFirst, count, moments.end);
    int[] cutOf = new int[ledger.empties.length];
    for (int i = 0; i < cutOf.length; i++) {
      int empty = ledger.empties[i];
      cutOf[i] = cover.nextFree(moments.first[empty]);
      if (cutOf[i] > moments.last[empty]) {
        int[] chain = cover.chain(moments.first[empty], moments.last[empty]).toArray();
        return violated(chain, empty);
      }
    }
    cut(cutOf);
    int[] byPutFirst = Moments.sorted(count, e -> ledger.putFirst[e]);
    int[] byTakeFirst = Moments.sorted(count, e -> ledger.takeFirst[e]);
    if (!isOrdered) {
      emit(bySegment(byPutFirst), bySegment(byTakeFirst));
      return new Finding.Holds(Optional.of(order.toArray()));
    }
    Sorting sorting =
        new Sorting(
            bySegment(byPutFirst),
            bySegment(Moments.sorted(count, e -> ledger.putLast[e])),
            bySegment(byTakeFirst),
            bySegment(Moments.sorted(count, e -> ledger.takeLast[e])));
    if (sorting.isStuck()) {
      return violated(sorting.pair);
    }
    emit(sorting.sorted, sorting.sorted);
    return new Finding.Holds(Optional.of(order.toArray()));
  }

  /** With an element of the rest, all that were before it in the line for tokens. */
  private Finding violated(int[] elements, int... operations) {
    int inLine = 0;
    for (int i = 0; i < ledger.rest.length; i++) {
      int one = ledger.rest[i];
      inLine = Arrays.stream(elements).anyMatch(e -> e == one) ? i + 1 : inLine;
    }
    IntStream line = Arrays.stream(ledger.rest, 0, inLine);
    return ledger.violated(IntStream.concat(Arrays.stream(elements), line), operations);
  }

  private void cut(int[] cutOf) {
    int[] byCut = Moments.sorted(cutOf.length, i -> cutOf[i]);
    cuts = Arrays.stream(byCut).map(i -> cutOf[i]).distinct().toArray();
    emptiesAt = new int[cuts.length][];
    int from = 0;
    for (int c = 0; c < cuts.length; c++) {
      int to = from;
      while (to < byCut.length && cutOf[byCut[to]] == cuts[c]) {
        to++;
      }
      emptiesAt[c] = Arrays.stream(byCut, from, to).map(i -> ledger.empties[i]).toArray();
      from = to;
    }
    segment = new int[count];
    for (int e = 0; e < count; e++) {
      int place = Arrays.binarySearch(cuts, ledger.takeFirst[e]);
      segment[e] = place >= 0 ? place : -place - 1;
    }
  }

  /** Stable. */
  private int[] bySegment(int[] sorted) {
    if (cuts.length == 0) {
      return sorted;
    }
    int[] start = new int[cuts.length + 2];
    for (int e : sorted) {
      start[segment[e] + 1]++;
    }
    for (int s = 0; s <= cuts.length; s++) {
      start[s + 1] += start[s];
    }
    int[] result = new int[count];
    for (int e : sorted) {
      result[start[segment[e]]++] = e;
    }
    return result;
  }

  /**
   * Writes out the order, without takes after the end, from the puts' and the takes' order by
   * segment.
   */
  private void emit(int[] puts, int[] takes) {
    int put = 0;
    int take = 0;
    for (int s = 0; s <= cuts.length; s++) {
      int start = s == 0 ? 0 : cuts[s - 1];
      int putAt = put < count ? Math.max(start, ledger.putFirst[puts[put]]) : 0;
      int takeAt = start;
      while (take < count && segment[takes[take]] == s) {
        takeAt = Math.max(takeAt, ledger.takeFirst[takes[take]]);
        while (put < count && segment[puts[put]] == s && putAt <= takeAt) {
          order.add(ledger.put[puts[put++]]);
          putAt = put < count ? Math.max(putAt, ledger.putFirst[puts[put]]) : 0;
        }
        if (takeAt < moments.end) {
          order.add(ledger.take[takes[take]]);
        }
        take++;
      }
      while (put < count && segment[puts[put]] == s) {
        order.add(ledger.put[puts[put++]]);
      }
      for (int i = 0; s < cuts.length && i < emptiesAt[s].length; i++) {
        order.add(emptiesAt[s][i]);
      }
    }
  }

  /** Puts the elements of each segment in an order that both relations allow. */
  private final class Sorting {
    private final int[] byPutFirst;
    private final int[] byPutLast;
    private final int[] byTakeFirst;
    private final int[] byTakeLast;

    /** By element: for how many of the relations no remaining element must go before it. */
    private final byte[] ready = new byte[count];

    private final boolean[] isPlaced = new boolean[count];
    private final int[] stack = new int[count];
    private int stacked;
    final int[] sorted = new int[count];
    private int placed;

    /** Two elements that must each go before the other. */
    int[] pair = {};

    Sorting(int[] byPutFirst, int[] byPutLast, int[] byTakeFirst, int[] byTakeLast) {
      this.byPutFirst = byPutFirst;
      this.byPutLast = byPutLast;
      this.byTakeFirst = byTakeFirst;
      this.byTakeLast = byTakeLast;
    }

    boolean isStuck() {
      for (int from = 0; from < count && pair.length == 0; ) {
        int to = from;
        while (to < count && segment[byPutFirst[to]] == segment[byPutFirst[from]]) {
          to++;
        }
        sort(from, to);
        from = to;
      }
      return pair.length > 0;
    }

    private void sort(int from, int to) {
      int put = from;
      int take = from;
      int earliestPut = from;
      int earliestTake = from;
      while (placed < to) {
        while (isPlaced[byPutLast[earliestPut]]) {
          earliestPut++;
        }
        while (isPlaced[byTakeLast[earliestTake]]) {
          earliestTake++;
        }
        int first = byPutLast[earliestPut];
        int second = byTakeLast[earliestTake];
        while (put < to && ledger.putFirst[byPutFirst[put]] <= ledger.putLast[first]) {
          count(byPutFirst[put++]);
        }
        while (take < to && ledger.takeFirst[byTakeFirst[take]] <= ledger.takeLast[second]) {
          count(byTakeFirst[take++]);
        }
        if (stacked == 0) {
          pair = new int[] {first, second};
          return;
        }
        int next = stack[--stacked];
        isPlaced[next] = true;
        sorted[placed++] = next;
      }
    }

    private void count(int element) {
      if (++ready[element] == 2) {
        stack[stacked++] = element;
      }
    }
  }
}
