package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import phaistos.histories.Edn;

/**
 * Decides the history of a set that only grows, with reads of all its elements, in the time of a
 * sort and of the reads' length. An element may be added any number of times.
 *
 * <p>Why it is right. Only the first add of an element counts. The others change nothing, and each
 * can happen after it if the first is not later than any of their ends. So an element goes in at
 * one moment. That is not before the first gap of all its adds and of the reads that missed it. It
 * is not after the last gap of an add that returned or of a read that saw it. As the set grows,
 * reads come in the order of their sizes, each within the next, and an element goes in between the
 * last read without it and the first with it. So that order is given but for equal reads (they come
 * by their invocations) and elements between the same two reads (they come by their earliest
 * moment). In it let every operation happen as early as possible. If one is too late then, it is
 * too late in every order, since each only waits for those that must come before it.
 *
 * <p>Reads of all elements beside removes are left to a search: an element may be away in between,
 * and the order of the reads is not given.
 */
final class GrowingSetMonitor {
  private static final int NONE = -1;

  /** One element. */
  private static final class Entry {
    final Ints adds = new Ints();
    final Ints sees = new Ints();
    final Ints misses = new Ints();
    boolean isSure;
    int earliest = Integer.MAX_VALUE;
    int latest = Integer.MAX_VALUE;

    /** The add that is to happen when it goes in, and when. */
    int adder = NONE;

    int time = NONE;
  }

  private record Read(int operation, PersistentMap<Edn, Boolean> seen) {}

  private final KeyLog<?> log;
  private final Moments moments;
  private final Map<Edn, Entry> entries = new HashMap<>();
  private final List<Read> reads = new ArrayList<>();
  private final Ints others = new Ints();
  private Optional<Finding> finding = Optional.empty();

  /** By operation: its gap in the order, and what comes before what in a gap. */
  private final Ints placed = new Ints();

  private final Ints times = new Ints();
  private final Ints majors = new Ints();

  private GrowingSetMonitor(KeyLog<?> log, Moments moments) {
    this.log = log;
    this.moments = moments;
  }

  static <C> Finding find(Monitored<C> model, KeyLog<C> log, Moments moments) {
    GrowingSetMonitor monitor = new GrowingSetMonitor(log, moments);
    for (int i = 0; i < log.size() && monitor.finding.isEmpty(); i++) {
      if (log.outcome(i) != KeyLog.FAILED) {
        monitor.enter(model.access(log.call(i)), i, log.outcome(i) == KeyLog.OK);
      }
    }
    return monitor.finding.orElseGet(monitor::find);
  }

  private void enter(Monitored.Access access, int operation, boolean isOk) {
    switch (access) {
      case Monitored.Access.Put(Edn element) -> {
        Entry entry = entries.computeIfAbsent(element, _ -> new Entry());
        entry.adds.add(operation);
        entry.isSure |= isOk;
        entry.latest = Math.min(entry.latest, moments.last[operation]);
        if (moments.first[operation] < entry.earliest) {
          entry.earliest = moments.first[operation];
          entry.adder = operation;
        }
      }
      case Monitored.Access.See(Edn element) -> {
        if (isOk) {
          entries.computeIfAbsent(element, _ -> new Entry()).sees.add(operation);
        }
      }
      case Monitored.Access.Miss(Edn element) -> {
        if (isOk) {
          entries.computeIfAbsent(element, _ -> new Entry()).misses.add(operation);
        }
      }
      case Monitored.Access.SeeAll(var elements) -> {
        if (isOk) {
          reads.add(new Read(operation, elements));
        }
      }
      case Monitored.Access.Nothing() -> {
        if (isOk) {
          others.add(operation);
        }
      }
      case Monitored.Access.Take _,
          Monitored.Access.TakeAny _,
          Monitored.Access.SeeNone _,
          Monitored.Access.Other _ ->
          finding = Optional.of(new Finding.Undecided("elements are removed while all are read"));
    }
  }

  private Finding find() {
    for (Entry entry : entries.values()) {
      if (entry.sees.size() > 0 && entry.adder == NONE) {
        return new Finding.Violated(entry.sees.toArray());
      }
      for (int i = 0; i < entry.sees.size(); i++) {
        entry.latest = Math.min(entry.latest, moments.last[entry.sees.get(i)]);
      }
      for (int i = 0; i < entry.misses.size(); i++) {
        entry.earliest = Math.max(entry.earliest, moments.first[entry.misses.get(i)]);
      }
    }
    reads.sort(
        (a, b) ->
            a.seen.size() != b.seen.size()
                ? Integer.compare(a.seen.size(), b.seen.size())
                : Integer.compare(a.operation, b.operation));
    int now = 0;
    PersistentMap<Edn, Boolean> before = PersistentMap.empty();
    for (Read read : reads) {
      List<Entry> fresh = new ArrayList<>();
      if (!isGrown(before, read.seen, fresh)) {
        return everything();
      }
      now = goIn(fresh, now);
      if (now == NONE) {
        return everything();
      }
      now = Math.max(now, moments.first[read.operation]);
      if (now > moments.last[read.operation]) {
        return everything();
      }
      place(read.operation, now);
      before = read.seen;
    }
    List<Entry> unread =
        entries.values().stream()
            .filter(e -> e.time == NONE && (e.isSure || e.sees.size() > 0))
            .toList();
    if (goIn(new ArrayList<>(unread), now) == NONE) {
      return everything();
    }
    return new Finding.Holds(Optional.of(moments.withOthers(spellOut(), others.toArray())));
  }

  /** Whether all earlier elements are there, and the others were added by some operation. */
  private boolean isGrown(
      PersistentMap<Edn, Boolean> before, PersistentMap<Edn, Boolean> now, List<Entry> fresh) {
    int[] kept = {0};
    boolean[] isKnown = {true};
    now.forEach(
        (element, _) -> {
          if (before.contains(element)) {
            kept[0]++;
          } else {
            Entry entry = entries.get(element);
            isKnown[0] &= entry != null && entry.adder != NONE;
            fresh.add(entry);
          }
        });
    return isKnown[0] && kept[0] == before.size();
  }

  /** When the last of these elements is in; NONE if one would be too late. */
  private int goIn(List<Entry> fresh, int from) {
    int now = from;
    fresh.sort((a, b) -> Integer.compare(a.earliest, b.earliest));
    for (Entry entry : fresh) {
      now = Math.max(now, entry.earliest);
      if (now > entry.latest) {
        return NONE;
      }
      entry.time = now;
      placeAround(entry);
    }
    return now;
  }

  private void place(int operation, int time) {
    put(operation, time, 2 * placed.size());
  }

  private void put(int operation, int time, int major) {
    placed.add(operation);
    times.add(time);
    majors.add(major);
  }

  /**
   * The add; after it the other adds and the reads that saw the element, before it those that
   * missed it.
   */
  private void placeAround(Entry entry) {
    int anchor = 2 * (placed.size() + entry.misses.size());
    for (int i = 0; i < entry.misses.size(); i++) {
      int miss = entry.misses.get(i);
      boolean isSameGap = moments.first[miss] == entry.time;
      put(miss, moments.first[miss], isSameGap ? anchor - 1 : 0);
    }
    put(entry.adder, entry.time, anchor);
    for (int i = 0; i < entry.adds.size(); i++) {
      int add = entry.adds.get(i);
      if (add != entry.adder && log.outcome(add) == KeyLog.OK) {
        putBehind(add, entry.time, anchor);
      }
    }
    for (int i = 0; i < entry.sees.size(); i++) {
      putBehind(entry.sees.get(i), entry.time, anchor);
    }
  }

  private void putBehind(int operation, int time, int anchor) {
    boolean isSameGap = moments.first[operation] <= time;
    put(operation, Math.max(time, moments.first[operation]), isSameGap ? anchor + 1 : 0);
  }

  private int[] spellOut() {
    for (Entry entry : entries.values()) {
      for (int i = 0; entry.time == NONE && i < entry.misses.size(); i++) {
        put(entry.misses.get(i), moments.first[entry.misses.get(i)], 0);
      }
    }
    int[] byMajor = Moments.sorted(placed.size(), majors::get);
    int[] byTime = Moments.sorted(placed.size(), i -> times.get(byMajor[i]));
    return IntStream.of(byTime).map(i -> placed.get(byMajor[i])).toArray();
  }

  /** Reads hang together by all that they saw. */
  private Finding everything() {
    return new Finding.Violated(
        IntStream.range(0, log.size()).filter(i -> log.outcome(i) != KeyLog.FAILED).toArray());
  }
}
