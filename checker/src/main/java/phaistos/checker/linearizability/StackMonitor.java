package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Decides a stack's history where each element goes in once, in the time of a sort. That some
 * element can be taken away and the rest decided is Lee and Mathur's idea ("Efficient
 * decrease-and-conquer linearizability monitoring", 2025), the intervals are Abdulla and others'
 * ("Efficient linearizability monitoring", 2025); which element, the proof, operations that never
 * returned and the order are ours. {@link Ledger} resolves some cases before.
 *
 * <p>Why it is right. An element <i>stands</i> if its {@code putLast} is before its {@code
 * takeFirst}. Any other element can go in and come out at once, in a gap that both operations have,
 * without effect on others. In an order each element is in for a stretch of time, from its push to
 * its pop. For a stack these stretches are nested or disjoint. A gap strictly between {@code
 * putLast} and {@code takeFirst} is within the stretch.
 *
 * <ol>
 *   <li>Take a <i>component</i>: elements that stand, from a gap {@code low} that none of them
 *       covers to the next such gap {@code high}. Then {@code low} is the least {@code putLast} in
 *       it and {@code high} the greatest {@code takeFirst}. If it has an order, then one element is
 *       in around all the others: else there would be a moment between two outermost stretches at
 *       which nothing of the component is in; it would lie in a gap that is covered.
 *   <li>That element is pushed before all, in {@code low} or earlier, and popped after all: its
 *       {@code putFirst <= low} and its {@code takeLast >= high}. Any element of which this is true
 *       may be the one: in an order of the component where it is another, lengthen its stretch to
 *       all of {@code low} to {@code high} and cut the others' there. They stay nested, and each
 *       cut end is still possible, as {@code putLast >= low} and {@code takeFirst <= high}.
 *   <li>So take any such element, from the very start to the very end, and go on with the
 *       components of what is left. Without one there is no order. An element that may be outermost
 *       stays so in each smaller component that it comes into, as {@code low} grows and {@code
 *       high} falls: so each is marked once.
 *   <li>A pop that saw nothing needs a gap outside of all components, and nothing else.
 * </ol>
 *
 * <p><b>Pops that never returned</b>, whose elements are unknown, are hard if elements are left
 * that they may have taken: which pop takes which element decides what may be below it. Then three
 * things are tried. If each such element could use the first of these pops and there is still no
 * order, there is none. Each element has a deadline: the end of a pop that saw nothing after its
 * push, or of the pop of an element that is certainly below it. If the pops cannot keep all of them
 * there is no order. An order in which the first pops take the elements of the first deadlines is
 * accepted. If none exists, blocking elements get earlier deadlines, a few times. Otherwise a
 * search decides.
 */
final class StackMonitor {
  private static final int NONE = RangeMinimum.NOWHERE;
  private static final int GONE = Integer.MAX_VALUE;
  private static final int ROUNDS_MAX = 20;

  /** A component in which no element can be outermost. */
  private record Stuck(int[] elements, int low, int high) {}

  private final Ledger ledger;
  private final Moments moments;

  /** The elements that stand, by their {@code putLast}: their ranks. */
  private int[] standing;

  private RangeMinimum opening;
  private RangeMinimum closing;
  private RangeMinimum outermost;
  private boolean[] isOpening;
  private boolean[] isClosing;
  private int[] nextAlive;
  private CoverCount cover;

  /** By element: the gap in which it is popped, once it was found to be outermost. */
  private int[] closes;

  /** The order of the elements that stand, and of the pops that saw nothing; with their gaps. */
  private final Ints operations = new Ints();

  private final Ints times = new Ints();
  private final List<Stuck> stuck = new ArrayList<>();

  private StackMonitor(Ledger ledger) {
    this.ledger = ledger;
    this.moments = ledger.moments;
  }

  static Finding find(Ledger ledger) {
    if (ledger.rest.length == 0 || ledger.tokens.length == 0) {
      return new StackMonitor(ledger).find();
    }
    ledger.spendFreely();
    Finding free = new StackMonitor(ledger).find();
    if (free instanceof Finding.Violated) {
      return free;
    }
    Deadlines deadlines = Deadlines.ofStack(ledger);
    if (deadlines.isMissed()) {
      return deadlines.missed();
    }
    for (int round = 0; round < ROUNDS_MAX && !deadlines.isMissed(); round++) {
      ledger.spend(deadlines.order());
      StackMonitor monitor = new StackMonitor(ledger);
      if (monitor.find() instanceof Finding.Holds found) {
        return found;
      }
      if (!monitor.bringForward(deadlines)) {
        break;
      }
    }
    return new Finding.Undecided("which element a pop that never returned took is not known");
  }

  /**
   * In a component without an order an element with a known pop must be outermost, as none of the
   * others may be. So the others must be out by the latest end of such a pop. Returns whether a
   * deadline changed. It is a guess, since other pops would give another component.
   */
  private boolean bringForward(Deadlines deadlines) {
    boolean isChanged = false;
    for (Stuck component : stuck) {
      int due = component.high - 1;
      int latest = 0;
      for (int element : component.elements) {
        if (!ledger.isRest(element) && ledger.putFirst[element] <= component.low) {
          latest = Math.max(latest, ledger.takeLast[element]);
        }
      }
      due = latest > 0 ? Math.min(due, latest) : due;
      for (int element : component.elements) {
        if (ledger.isRest(element) && ledger.takeFirst[element] > due) {
          isChanged |= deadlines.bringForward(element, due);
        }
      }
    }
    deadlines.sort();
    return isChanged;
  }

  private Finding find() {
    int[] emptyAt = new int[ledger.empties.length];
    Cover all = new Cover(ledger.putLast, ledger.takeFirst, ledger.size(), moments.end);
    for (int i = 0; i < emptyAt.length; i++) {
      int empty = ledger.empties[i];
      emptyAt[i] = all.nextFree(moments.first[empty]);
      if (emptyAt[i] > moments.last[empty]) {
        Ints chain = all.chain(moments.first[empty], moments.last[empty]);
        return ledger.violated(Arrays.stream(chain.toArray()), empty);
      }
    }
    prepare();
    int[] byTime = Moments.sorted(emptyAt.length, i -> emptyAt[i]);
    int empty = 0;
    for (int from = 0; from < standing.length; ) {
      int low = ledger.putLast[standing[from]];
      int high = ledger.takeFirst[standing[from]];
      int to = from;
      while (to + 1 < standing.length && ledger.putLast[standing[to + 1]] < high) {
        high = Math.max(high, ledger.takeFirst[standing[++to]]);
      }
      for (; empty < emptyAt.length && emptyAt[byTime[empty]] <= low; empty++) {
        add(ledger.empties[byTime[empty]], emptyAt[byTime[empty]]);
      }
      nest(from, to);
      from = to + 1;
    }
    if (!stuck.isEmpty()) {
      return ledger.violated(Arrays.stream(stuck.getFirst().elements));
    }
    for (; empty < emptyAt.length; empty++) {
      add(ledger.empties[byTime[empty]], emptyAt[byTime[empty]]);
    }
    return new Finding.Holds(Optional.of(withPairs()));
  }

  private void prepare() {
    standing =
        Arrays.stream(Moments.sorted(ledger.size(), e -> ledger.putLast[e]))
            .filter(e -> ledger.putLast[e] < ledger.takeFirst[e])
            .toArray();
    int count = standing.length;
    int[] firsts = new int[count];
    int[] lasts = new int[count];
    int[] none = new int[count];
    cover = new CoverCount(moments.end);
    nextAlive = new int[count + 1];
    for (int rank = 0; rank < count; rank++) {
      int element = standing[rank];
      firsts[rank] = ledger.putFirst[element];
      lasts[rank] = -ledger.takeLast[element];
      none[rank] = GONE;
      nextAlive[rank] = rank;
      cover.add(ledger.putLast[element] + 1, ledger.takeFirst[element] - 1, 1);
    }
    nextAlive[count] = count;
    opening = new RangeMinimum(firsts, count);
    closing = new RangeMinimum(lasts, count);
    outermost = new RangeMinimum(none, count);
    isOpening = new boolean[count];
    isClosing = new boolean[count];
    closes = new int[ledger.size()];
  }

  /** The first rank from this one on that was not taken away. */
  private int alive(int rank) {
    int root = rank;
    while (nextAlive[root] != root) {
      root = nextAlive[root];
    }
    for (int at = rank; at != root; ) {
      int next = nextAlive[at];
      nextAlive[at] = root;
      at = next;
    }
    return root;
  }

  /** Orders the elements of one component of ranks, except inner components that have no order. */
  private void nest(int from, int to) {
    int[] outer = new int[16];
    int[] lastRank = new int[16];
    int depth = 0;
    lastRank[0] = to;
    int next = from;
    while (true) {
      next = alive(next);
      if (next > lastRank[depth]) {
        if (depth == 0) {
          return;
        }
        close(outer[depth--]);
        continue;
      }
      int low = ledger.putLast[standing[next]];
      int high = cover.firstFree(low + 1);
      int end = lastBefore(high, next, lastRank[depth]);
      int found = outermost(next, end, low, high);
      if (found == NONE) {
        int[] elements =
            IntStream.rangeClosed(next, end)
                .filter(rank -> nextAlive[rank] == rank)
                .map(rank -> standing[rank])
                .toArray();
        stuck.add(new Stuck(elements, low, high));
        next = end + 1;
        continue;
      }
      depth++;
      if (depth == outer.length) {
        outer = Arrays.copyOf(outer, depth * 2);
        lastRank = Arrays.copyOf(lastRank, depth * 2);
      }
      outer[depth] = open(found, low, high);
      lastRank[depth] = end;
    }
  }

  /** The last rank in this range whose push is over before this gap. */
  private int lastBefore(int gap, int from, int to) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (ledger.putLast[standing[middle]] < gap) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private int outermost(int from, int to, int low, int high) {
    for (int rank = opening.first(from, to, low);
        rank != NONE;
        rank = opening.first(from, to, low)) {
      opening.set(rank, GONE);
      isOpening[rank] = true;
      if (isClosing[rank]) {
        outermost.set(rank, 0);
      }
    }
    for (int rank = closing.first(from, to, -high);
        rank != NONE;
        rank = closing.first(from, to, -high)) {
      closing.set(rank, GONE);
      isClosing[rank] = true;
      if (isOpening[rank]) {
        outermost.set(rank, 0);
      }
    }
    return outermost.first(from, to, 0);
  }

  private int open(int rank, int low, int high) {
    int element = standing[rank];
    add(ledger.put[element], low);
    cover.add(ledger.putLast[element] + 1, ledger.takeFirst[element] - 1, -1);
    opening.set(rank, GONE);
    closing.set(rank, GONE);
    outermost.set(rank, GONE);
    nextAlive[rank] = rank + 1;
    closes[element] = high;
    return element;
  }

  private void close(int element) {
    if (closes[element] < moments.end) {
      add(ledger.take[element], closes[element]);
    }
  }

  private void add(int operation, int time) {
    operations.add(operation);
    times.add(time);
  }

  /** With the elements that go in and come out at once. */
  private int[] withPairs() {
    int[] pairs =
        Arrays.stream(Moments.sorted(ledger.size(), e -> ledger.takeFirst[e]))
            .filter(e -> ledger.putLast[e] >= ledger.takeFirst[e])
            .toArray();
    Ints order = new Ints();
    int at = 0;
    for (int pair : pairs) {
      for (; at < operations.size() && times.get(at) <= ledger.takeFirst[pair]; at++) {
        order.add(operations.get(at));
      }
      order.add(ledger.put[pair]);
      order.add(ledger.take[pair]);
    }
    for (; at < operations.size(); at++) {
      order.add(operations.get(at));
    }
    return order.toArray();
  }
}
