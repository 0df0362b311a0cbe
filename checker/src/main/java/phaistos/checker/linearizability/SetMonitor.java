package phaistos.checker.linearizability;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * Decides a set's history: each element separately if no operation read all elements at once, else
 * by {@link GrowingSetMonitor}.
 *
 * <p>Elements are independent, so each has an order of its own or there is none (Herlihy and Wing
 * 1990, theorem 1). An element that is added once and removed at most once is decided in the time
 * of a sort. The orders of elements are merged by their gaps. Why it is right, for one element with
 * an add, and a remove: let it go in at p and come out at d.
 *
 * <ul>
 *   <li>If the remove comes first it does nothing: then p is to be late enough for all that missed
 *       the element, and the earliest such p is best, since all that saw it must not end before p.
 *   <li>If the remove comes behind the add, those that missed it stay outside of p to d: the least
 *       stretch is best. p is at most the least last gap of the add and of what saw it, d at least
 *       the greatest first gap of the remove and of what saw it. If p can be d, nothing is in
 *       between.
 *   <li>A remove that never returned may also not have happened.
 * </ul>
 *
 * <p>An element that is added or removed more often is left to a short search of its own
 * operations.
 */
final class SetMonitor {
  private static final int NONE = -1;
  private static final long EXPANSIONS_MAX = 100_000;

  /** The operations on one element. */
  private static final class Entry {
    int add = NONE;
    int remove = NONE;
    boolean isRepeated;
    final Ints sees = new Ints();
    final Ints misses = new Ints();
    final Ints all = new Ints();
  }

  /** When an element goes in and comes out; {@code out} is NONE if its remove does nothing. */
  private record Stretch(int in, int out) {}

  private final KeyLog<?> log;
  private final Moments moments;
  private final Map<Edn, Entry> entries = new HashMap<>();
  private final Ints others = new Ints();
  private Optional<Finding> finding = Optional.empty();
  private boolean isRead;

  /** Gap and stage of each operation in the order, as one number, and the operation. */
  private long[] keys;

  private int placed;
  private boolean isSpeltOut = true;

  private SetMonitor(KeyLog<?> log) {
    this.log = log;
    moments = new Moments(log);
  }

  static <S, C> Finding find(Model<S, C> model, Monitored<C> monitored, KeyLog<C> log) {
    SetMonitor monitor = new SetMonitor(log);
    for (int i = 0; i < log.size() && monitor.finding.isEmpty(); i++) {
      if (log.outcome(i) != KeyLog.FAILED) {
        monitor.enter(monitored.access(log.call(i)), i, log.outcome(i) == KeyLog.OK);
      }
    }
    if (monitor.isRead) {
      return GrowingSetMonitor.find(monitored, log, monitor.moments);
    }
    return monitor.finding.orElseGet(() -> monitor.find(model, log));
  }

  private void enter(Monitored.Access access, int operation, boolean isOk) {
    switch (access) {
      case Monitored.Access.Put(Edn element) -> {
        Entry entry = entry(element, operation);
        entry.isRepeated |= entry.add != NONE;
        entry.add = operation;
      }
      case Monitored.Access.Take(Edn element) -> {
        Entry entry = entry(element, operation);
        entry.isRepeated |= entry.remove != NONE;
        entry.remove = operation;
      }
      case Monitored.Access.See(Edn element) -> {
        if (isOk) {
          entry(element, operation).sees.add(operation);
        }
      }
      case Monitored.Access.Miss(Edn element) -> {
        if (isOk) {
          entry(element, operation).misses.add(operation);
        }
      }
      case Monitored.Access.SeeAll _ -> isRead |= isOk;
      case Monitored.Access.Nothing() -> {
        if (isOk) {
          others.add(operation);
        }
      }
      case Monitored.Access.TakeAny _, Monitored.Access.SeeNone _, Monitored.Access.Other _ ->
          finding = Optional.of(new Finding.Undecided("a call is none of a set's"));
    }
  }

  private Entry entry(Edn element, int operation) {
    Entry entry = entries.computeIfAbsent(element, _ -> new Entry());
    entry.all.add(operation);
    return entry;
  }

  private <S, C> Finding find(Model<S, C> model, KeyLog<C> log) {
    keys = new long[log.size()];
    for (Map.Entry<Edn, Entry> each : entries.entrySet()) {
      Entry entry = each.getValue();
      if (!entry.isRepeated) {
        if (!place(entry)) {
          return new Finding.Violated(entry.all.toArray());
        }
        continue;
      }
      isSpeltOut = false;
      Problem<C> problem = Problem.of(model, log.only(entry.all.toArray(), moments));
      Limits limits = new Limits(Long.MAX_VALUE, () -> false, Long.MAX_VALUE);
      Optional<SearchOutcome> outcome = Search.wgl(model, problem, limits).run(EXPANSIONS_MAX);
      if (outcome.isEmpty()) {
        return new Finding.Undecided(
            EdnWriter.print(each.getKey()) + " is added or removed too often at once");
      }
      if (outcome.get() instanceof SearchOutcome.Stuck) {
        return new Finding.Violated(entry.all.toArray());
      }
    }
    if (!isSpeltOut) {
      return new Finding.Holds(Optional.empty());
    }
    Arrays.sort(keys, 0, placed);
    int[] order = Arrays.stream(keys, 0, placed).mapToInt(key -> (int) key).toArray();
    return new Finding.Holds(Optional.of(moments.withOthers(order, others.toArray())));
  }

  /** Whether the element has an order; its operations are placed then. */
  private boolean place(Entry entry) {
    boolean isAddOk = entry.add != NONE && log.outcome(entry.add) == KeyLog.OK;
    boolean isRemoveOk = entry.remove != NONE && log.outcome(entry.remove) == KeyLog.OK;
    if (entry.add == NONE || !isAddOk && entry.sees.size() == 0) {
      for (int i = 0; i < entry.misses.size(); i++) {
        put(entry.misses.get(i), 0, ABSENT);
      }
      if (isRemoveOk) {
        put(entry.remove, 0, ABSENT);
      }
      return entry.sees.size() == 0;
    }
    int lastSight = moments.last[entry.add];
    int firstSight = 0;
    for (int i = 0; i < entry.sees.size(); i++) {
      lastSight = Math.min(lastSight, moments.last[entry.sees.get(i)]);
      firstSight = Math.max(firstSight, moments.first[entry.sees.get(i)]);
    }
    Optional<Stretch> stretch = forEver(entry, isRemoveOk, lastSight);
    if (stretch.isEmpty() && entry.remove != NONE) {
      stretch = forAWhile(entry, lastSight, firstSight);
    }
    stretch.ifPresent(found -> placeAround(found, entry, isRemoveOk));
    return stretch.isPresent();
  }

  /** The remove comes first, or never. */
  private Optional<Stretch> forEver(Entry entry, boolean isRemoveOk, int lastSight) {
    int in = moments.first[entry.add];
    for (int i = 0; i < entry.misses.size(); i++) {
      in = Math.max(in, moments.first[entry.misses.get(i)]);
    }
    if (isRemoveOk) {
      in = Math.max(in, moments.first[entry.remove]);
    }
    return in <= lastSight ? Optional.of(new Stretch(in, NONE)) : Optional.empty();
  }

  /** The remove comes after the add. */
  private Optional<Stretch> forAWhile(Entry entry, int lastSight, int firstSight) {
    int in = lastSight;
    int out = Math.max(firstSight, moments.first[entry.remove]);
    if (in >= out) {
      in = Math.max(out, moments.first[entry.add]);
      out = in;
    }
    if (in > lastSight || in < moments.first[entry.add] || out > moments.last[entry.remove]) {
      return Optional.empty();
    }
    for (int i = 0; i < entry.misses.size(); i++) {
      int miss = entry.misses.get(i);
      if (moments.first[miss] > in && moments.last[miss] < out) {
        return Optional.empty();
      }
    }
    return Optional.of(new Stretch(in, out));
  }

  private static final long ABSENT = 0;
  private static final long ADDS = 1;
  private static final long SEES = 2;
  private static final long REMOVES = 3;
  private static final long ABSENT_AGAIN = 4;

  private void placeAround(Stretch stretch, Entry entry, boolean isRemoveOk) {
    put(entry.add, stretch.in, ADDS);
    for (int i = 0; i < entry.sees.size(); i++) {
      put(entry.sees.get(i), stretch.in, SEES);
    }
    for (int i = 0; i < entry.misses.size(); i++) {
      int miss = entry.misses.get(i);
      if (moments.first[miss] <= stretch.in) {
        put(miss, 0, ABSENT);
      } else {
        put(miss, stretch.out, ABSENT_AGAIN);
      }
    }
    if (stretch.out != NONE) {
      put(entry.remove, stretch.out, REMOVES);
    } else if (isRemoveOk) {
      put(entry.remove, 0, ABSENT);
    }
  }

  /** In its first gap that is not before this one. */
  private void put(int operation, int notBefore, long stage) {
    long gap = Math.max(moments.first[operation], notBefore);
    keys[placed++] = gap << 35 | stage << 32 | operation;
  }
}
