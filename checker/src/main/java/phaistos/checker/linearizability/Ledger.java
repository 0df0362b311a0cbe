package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import phaistos.histories.Edn;

/**
 * The operations on an object where each element goes in once and comes out at most once. For each
 * element it has the gaps of {@link Moments} in which it may have gone in and come out.
 *
 * <p>These cases are already resolved here, for a queue, a stack and a priority queue alike:
 *
 * <ul>
 *   <li>An element whose put never returned and of which no take returned is left out, with its
 *       take: an order of these objects stays valid without a matched pair.
 *   <li>A put happens before its element is taken, and a take after its put: {@code putLast} and
 *       {@code takeFirst} say so already.
 *   <li>Elements that no operation took, the <i>rest</i>, are taken after the end: that changes no
 *       answer. Their {@code takeFirst} and {@code takeLast} are {@code end}.
 *   <li>A take of a known element that never returned may be at the end as well: leaving it out is
 *       no better, unless there is a token. (Such takes occur in prefixes of histories: an
 *       operation open there may have returned later.)
 *   <li>A take of an unknown element that never returned is a <i>token</i>: from its invocation on,
 *       any one element of the rest may come out. Two elements cannot use one token.
 * </ul>
 */
final class Ledger {
  private static final int NONE = -1;

  final Moments moments;

  /** By element, in the order of their puts' invocations. */
  final List<Edn> elements = new ArrayList<>();

  /** The operations; the take is -1 for the rest. */
  int[] put;

  int[] take;
  int[] putFirst;
  int[] putLast;
  int[] takeFirst;
  int[] takeLast;

  /** Elements without a known take, in the order of {@code putLast}. */
  int[] rest = {};

  /** Operations, in the order of their invocations. */
  int[] tokens;

  /** Operations that returned and found the object empty, in the order of their invocations. */
  int[] empties;

  /** Whether a take that never returned has a known element, and there are tokens. */
  boolean isLatent;

  /** Set if the history is already decided, or if it has no ledger. */
  Optional<Finding> finding = Optional.empty();

  <C> Ledger(Monitored<C> model, KeyLog<C> log) {
    moments = new Moments(log);
    Entries entries = new Entries(log.size());
    for (int i = 0; i < log.size() && finding.isEmpty(); i++) {
      if (log.outcome(i) != KeyLog.FAILED) {
        enter(entries, model.access(log.call(i)), i, log.outcome(i) == KeyLog.OK);
      }
    }
    tokens = entries.tokens.toArray();
    empties = entries.empties.toArray();
    if (finding.isEmpty()) {
      finding = entries.impossible().map(Finding.Violated::new);
    }
    if (finding.isEmpty()) {
      settle(entries, log);
    }
  }

  int size() {
    return put.length;
  }

  private void enter(Entries entries, Monitored.Access access, int operation, boolean isOk) {
    switch (access) {
      case Monitored.Access.Put(Edn element) -> {
        if (!entries.put(element, operation)) {
          finding = undecided(phaistos.histories.EdnWriter.print(element) + " goes in twice");
        }
      }
      case Monitored.Access.Take(Edn element) -> entries.take(element, operation, isOk);
      case Monitored.Access.TakeAny() -> {
        if (isOk) {
          finding = undecided("an element came out that is not known");
        }
        entries.tokens.add(operation);
      }
      case Monitored.Access.SeeNone() -> {
        if (isOk) {
          entries.empties.add(operation);
        }
      }
      case Monitored.Access.Nothing() -> {}
      case Monitored.Access.See _,
          Monitored.Access.Miss _,
          Monitored.Access.SeeAll _,
          Monitored.Access.Other _ ->
          finding = undecided("a call is none of this object's");
    }
  }

  private static Optional<Finding> undecided(String why) {
    return Optional.of(new Finding.Undecided(why));
  }

  private void settle(Entries entries, KeyLog<?> log) {
    int count = entries.count();
    put = new int[count];
    take = new int[count];
    putFirst = new int[count];
    putLast = new int[count];
    takeFirst = new int[count];
    takeLast = new int[count];
    int kept = 0;
    int left = 0;
    for (int i : entries.byPut()) {
      int in = entries.puts[i];
      int out = entries.takes[i];
      boolean isTaken = out != NONE && log.outcome(out) == KeyLog.OK;
      if (!isTaken && log.outcome(in) != KeyLog.OK) {
        continue;
      }
      if (isTaken && moments.last[out] < moments.first[in]) {
        finding = Optional.of(new Finding.Violated(new int[] {out, in}));
        return;
      }
      isLatent |= out != NONE && !isTaken && tokens.length > 0;
      elements.add(entries.elements.get(i));
      put[kept] = in;
      take[kept] = out;
      putFirst[kept] = moments.first[in];
      takeLast[kept] = out == NONE ? moments.end : moments.last[out];
      putLast[kept] = Math.min(moments.last[in], takeLast[kept]);
      takeFirst[kept] = out == NONE ? moments.end : Math.max(moments.first[out], putFirst[kept]);
      left += out == NONE ? 1 : 0;
      kept++;
    }
    put = Arrays.copyOf(put, kept);
    take = Arrays.copyOf(take, kept);
    rest = new int[left];
    int at = 0;
    for (int element : Moments.sorted(kept, e -> putLast[e])) {
      if (take[element] == NONE) {
        rest[at++] = element;
      }
    }
  }

  boolean isRest(int element) {
    return take[element] == NONE || Arrays.binarySearch(tokens, take[element]) >= 0;
  }

  /** The first of these elements get one token each, the first of the tokens. */
  void spend(int[] takers) {
    for (int i = 0; i < takers.length; i++) {
      int element = takers[i];
      if (i < tokens.length) {
        take[element] = tokens[i];
        takeFirst[element] = Math.max(moments.first[tokens[i]], putFirst[element]);
      } else {
        take[element] = NONE;
        takeFirst[element] = moments.end;
      }
    }
  }

  /** As if each element of the rest had the first token for itself. */
  void spendFreely() {
    for (int element : rest) {
      takeFirst[element] = Math.max(moments.first[tokens[0]], putFirst[element]);
    }
  }

  /** The operations of these elements, and these operations. */
  Finding.Violated violated(IntStream suspects, int... operations) {
    return new Finding.Violated(
        IntStream.concat(
                suspects.flatMap(
                    e ->
                        take[e] == NONE || isRest(e)
                            ? IntStream.of(put[e])
                            : IntStream.of(put[e], take[e])),
                IntStream.of(operations))
            .distinct()
            .toArray());
  }

  /** Puts and takes while they are entered. */
  private static final class Entries {
    final List<Edn> elements = new ArrayList<>();
    final Ints tokens = new Ints();
    final Ints empties = new Ints();
    private final Map<Edn, Integer> numbers;
    private int[] puts = new int[16];
    private int[] takes = new int[16];
    private boolean[] isTaken = new boolean[16];

    /** A take that returned of what was taken already: both operations. */
    private Optional<int[]> twice = Optional.empty();

    Entries(int operations) {
      numbers = new HashMap<>(operations);
    }

    int count() {
      return elements.size();
    }

    private int number(Edn element) {
      Integer known = numbers.putIfAbsent(element, elements.size());
      if (known != null) {
        return known;
      }
      int number = elements.size();
      elements.add(element);
      if (number == puts.length) {
        puts = Arrays.copyOf(puts, number * 2);
        takes = Arrays.copyOf(takes, number * 2);
        isTaken = Arrays.copyOf(isTaken, number * 2);
      }
      puts[number] = NONE;
      takes[number] = NONE;
      return number;
    }

    boolean put(Edn element, int operation) {
      int number = number(element);
      boolean isFirst = puts[number] == NONE;
      puts[number] = operation;
      return isFirst;
    }

    /** Of takes that never returned the first is the best; one that returned excludes them. */
    void take(Edn element, int operation, boolean isOk) {
      int number = number(element);
      if (isOk && isTaken[number]) {
        twice = Optional.of(new int[] {takes[number], operation, number});
      } else if (isOk || takes[number] == NONE) {
        takes[number] = operation;
        isTaken[number] |= isOk;
      }
    }

    /** Operations that cannot be: a take of what never went in, or a second take. */
    Optional<int[]> impossible() {
      if (twice.isPresent()) {
        int[] found = twice.get();
        int in = puts[found[2]];
        return Optional.of(in == NONE ? new int[] {found[0]} : new int[] {in, found[0], found[1]});
      }
      for (int i = 0; i < elements.size(); i++) {
        if (puts[i] == NONE && isTaken[i]) {
          return Optional.of(new int[] {takes[i]});
        }
      }
      return Optional.empty();
    }

    /** The numbers of what went in, in the order of the invocations. */
    private int[] byPut() {
      return IntStream.of(Moments.sorted(count(), i -> Math.max(puts[i], 0)))
          .filter(i -> puts[i] != NONE)
          .toArray();
    }
  }
}
