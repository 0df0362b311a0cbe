package phaistos.checker.linearizability;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import phaistos.histories.Edn;

/**
 * The latest gap by which each element of the rest must have been taken by a take that never
 * returned; for a stack and a priority queue. A deadline has a reason that holds in every order; an
 * element may have several reasons.
 *
 * <ul>
 *   <li>A take that found the object empty after the element was put: the deadline is the end of
 *       that take.
 *   <li>A take of another element that this one would block, certainly after this one was put: the
 *       deadline is the end of that take. On a stack such an element was pushed before this one, in
 *       a priority queue it is greater.
 * </ul>
 */
final class Deadlines {
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int NOTHING = -1;

  private final Ledger ledger;

  /** By place in {@code ledger.rest}. */
  private final int[] deadline;

  /** The element that it would block; -1 if a take of the empty object is the reason. */
  private final int[] reasonElement;

  private final int[] reasonEmpty;

  /** By element of the rest: its place in it; computed lazily. */
  private int[] placeOf = {};

  /** Places in {@code ledger.rest} by their deadlines. */
  private int[] byDeadline;

  private Deadlines(Ledger ledger) {
    this.ledger = ledger;
    int count = ledger.rest.length;
    deadline = new int[count];
    reasonElement = new int[count];
    reasonEmpty = new int[count];
    Arrays.fill(deadline, NEVER);
    Arrays.fill(reasonElement, NOTHING);
    Arrays.fill(reasonEmpty, NOTHING);
  }

  static Deadlines ofStack(Ledger ledger) {
    Deadlines deadlines = new Deadlines(ledger);
    int[] byPutFirst = Moments.sorted(ledger.rest.length, i -> ledger.putFirst[ledger.rest[i]]);
    int[] below = Moments.sorted(ledger.size(), e -> ledger.putLast[e]);
    EarliestAfter pops = new EarliestAfter(ledger.moments.end);
    int next = 0;
    for (int place : byPutFirst) {
      int element = ledger.rest[place];
      for (;
          next < below.length && ledger.putLast[below[next]] < ledger.putFirst[element];
          next++) {
        deadlines.enter(pops, below[next]);
      }
      deadlines.meet(place, pops);
    }
    return deadlines.sorted();
  }

  static Deadlines ofPriorityQueue(Ledger ledger, Comparator<Edn> order) {
    Deadlines deadlines = new Deadlines(ledger);
    Comparator<Integer> bySize =
        (a, b) -> order.compare(ledger.elements.get(a), ledger.elements.get(b));
    Integer[] places = IntStream.range(0, ledger.rest.length).boxed().toArray(Integer[]::new);
    Integer[] greater = IntStream.range(0, ledger.size()).boxed().toArray(Integer[]::new);
    Arrays.sort(places, (a, b) -> bySize.compare(ledger.rest[b], ledger.rest[a]));
    Arrays.sort(greater, bySize.reversed());
    EarliestAfter takes = new EarliestAfter(ledger.moments.end);
    int next = 0;
    for (int place : places) {
      int element = ledger.rest[place];
      for (; next < greater.length && bySize.compare(greater[next], element) > 0; next++) {
        deadlines.enter(takes, greater[next]);
      }
      deadlines.meet(place, takes);
    }
    return deadlines.sorted();
  }

  private void enter(EarliestAfter takes, int element) {
    if (!ledger.isRest(element) && ledger.takeLast[element] < ledger.moments.end) {
      takes.add(ledger.takeFirst[element], ledger.takeLast[element], element);
    }
  }

  private void meet(int place, EarliestAfter takes) {
    int putLast = ledger.putLast[ledger.rest[place]];
    int reason = takes.earliest(putLast);
    if (reason != NOTHING) {
      deadline[place] = ledger.takeLast[reason];
      reasonElement[place] = reason;
    }
  }

  private Deadlines sorted() {
    EarliestAfter empties = new EarliestAfter(ledger.moments.end);
    for (int empty : ledger.empties) {
      empties.add(ledger.moments.first[empty], ledger.moments.last[empty], empty);
    }
    for (int place = 0; place < deadline.length; place++) {
      int reason = empties.earliest(ledger.putLast[ledger.rest[place]]);
      if (reason != NOTHING && ledger.moments.last[reason] < deadline[place]) {
        deadline[place] = ledger.moments.last[reason];
        reasonEmpty[place] = reason;
        reasonElement[place] = NOTHING;
      }
    }
    sort();
    return this;
  }

  void sort() {
    byDeadline = Moments.sorted(deadline.length, place -> deadline[place]);
  }

  /** Whether the element's deadline was later than this. */
  boolean bringForward(int element, int due) {
    if (placeOf.length == 0) {
      placeOf = new int[ledger.size()];
      for (int place = 0; place < ledger.rest.length; place++) {
        placeOf[ledger.rest[place]] = place;
      }
    }
    int place = placeOf[element];
    boolean isLater = deadline[place] > due;
    deadline[place] = Math.min(deadline[place], due);
    return isLater;
  }

  /**
   * How many elements, in the order of their deadlines, show that not all deadlines can be met; or
   * 0.
   */
  private int late() {
    for (int i = 0; i < byDeadline.length; i++) {
      int due = deadline[byDeadline[i]];
      if (due == NEVER) {
        return 0;
      }
      if (i >= ledger.tokens.length || ledger.moments.first[ledger.tokens[i]] > due) {
        return i + 1;
      }
    }
    return 0;
  }

  boolean isMissed() {
    return late() > 0;
  }

  Finding missed() {
    int late = late();
    Ints elements = new Ints();
    Ints empties = new Ints();
    for (int i = 0; i < late; i++) {
      int place = byDeadline[i];
      elements.add(ledger.rest[place]);
      if (reasonElement[place] != NOTHING) {
        elements.add(reasonElement[place]);
      } else {
        empties.add(reasonEmpty[place]);
      }
    }
    return ledger.violated(Arrays.stream(elements.toArray()), empties.toArray());
  }

  /** The elements of the rest, the first deadline first. */
  int[] order() {
    return Arrays.stream(byDeadline).map(place -> ledger.rest[place]).toArray();
  }

  /**
   * Finds the interval with the first end among those that begin after a gap: a tree of prefixes.
   */
  private static final class EarliestAfter {
    private final int size;
    private final int[] last;
    private final int[] owner;

    EarliestAfter(int end) {
      size = end + 2;
      last = new int[size];
      owner = new int[size];
      Arrays.fill(last, NEVER);
      Arrays.fill(owner, NOTHING);
    }

    void add(int first, int end, int by) {
      for (int i = size - 1 - first; i < size; i += i & -i) {
        if (end < last[i]) {
          last[i] = end;
          owner[i] = by;
        }
      }
    }

    /** Of those whose first gap is behind this one. */
    int earliest(int gap) {
      int found = NOTHING;
      int least = NEVER;
      for (int i = size - 2 - gap; i > 0; i -= i & -i) {
        if (last[i] < least) {
          least = last[i];
          found = owner[i];
        }
      }
      return found;
    }
  }
}
