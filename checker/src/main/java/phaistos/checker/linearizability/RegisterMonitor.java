package phaistos.checker.linearizability;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * Decides a register's history where each value is written once, in the time of a sort: Gibbons and
 * Korach's zones ("Testing shared memories", 1997).
 *
 * <p>Why it is right. A value's operations, its write and its reads, are neighbours in every order.
 * Let {@code from} be the least last gap of them and {@code to} the greatest first gap. If {@code
 * from < to} the register holds the value for the whole time between (a <i>zone</i>): an operation
 * happens at {@code from} or earlier, another at {@code to} or later. Two zones that share a moment
 * contradict each other. If {@code to <= from} the value's operations can all happen in one gap
 * between the two; some such gap must not be within a zone. And no read may end before its write
 * begins. If all that is so, there is an order: the zones as they follow each other, the other
 * values in their gaps; in each value the write, then the reads by their invocations. No operation
 * of a later value ends before one of an earlier value begins, as the one ends at the later value's
 * {@code from} or behind, the other begins at the earlier value's {@code to} or before.
 *
 * <p>The initial value is one that was written before everything. A write that never returned, of a
 * value that was not read, is left out: no read needs it. One that was read may end at any time.
 */
final class RegisterMonitor {
  private static final int NONE = -1;

  private final KeyLog<?> log;
  private final Moments moments;
  private final Map<Edn, Integer> numbers = new HashMap<>();
  private Optional<Finding> finding = Optional.empty();

  /** By value: its write; the operation that ends first, the one that begins last. */
  private int[] write = new int[16];

  private int[] endsFirst = new int[16];
  private int[] beginsLast = new int[16];

  /** The value that was there at first. */
  private int initial = NONE;

  /** Reads that returned, by the order of their invocations, and the value of each. */
  private final Ints reads = new Ints();

  private final Ints readValues = new Ints();
  private final Ints others = new Ints();

  private RegisterMonitor(KeyLog<?> log) {
    this.log = log;
    moments = new Moments(log);
  }

  static <C> Finding find(Monitored<C> model, KeyLog<C> log) {
    RegisterMonitor monitor = new RegisterMonitor(log);
    model.initialElement().ifPresent(value -> monitor.initial = monitor.number(value));
    for (int i = 0; i < log.size() && monitor.finding.isEmpty(); i++) {
      if (log.outcome(i) != KeyLog.FAILED) {
        monitor.enter(model.access(log.call(i)), i, log.outcome(i) == KeyLog.OK);
      }
    }
    return monitor.finding.orElseGet(monitor::find);
  }

  private void enter(Monitored.Access access, int operation, boolean isOk) {
    switch (access) {
      case Monitored.Access.Put(Edn value) -> {
        int number = number(value);
        if (write[number] != NONE || number == initial) {
          finding =
              Optional.of(
                  new Finding.Undecided(EdnWriter.print(value) + " is written more than once"));
        }
        write[number] = operation;
      }
      case Monitored.Access.See(Edn value) -> {
        if (isOk) {
          reads.add(operation);
          readValues.add(number(value));
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
          Monitored.Access.Miss _,
          Monitored.Access.SeeAll _,
          Monitored.Access.Other _ ->
          finding = Optional.of(new Finding.Undecided("a call is no read or write"));
    }
  }

  private int number(Edn value) {
    int fresh = numbers.size();
    Integer known = numbers.putIfAbsent(value, fresh);
    if (known != null) {
      return known;
    }
    if (fresh == write.length) {
      write = Arrays.copyOf(write, fresh * 2);
      endsFirst = Arrays.copyOf(endsFirst, fresh * 2);
      beginsLast = Arrays.copyOf(beginsLast, fresh * 2);
    }
    write[fresh] = NONE;
    return fresh;
  }

  private int from(int value) {
    return value == initial ? 0 : moments.last[endsFirst[value]];
  }

  private int to(int value) {
    return beginsLast[value] == NONE ? 0 : moments.first[beginsLast[value]];
  }

  private Finding find() {
    int count = numbers.size();
    boolean[] isRead = new boolean[count];
    for (int value = 0; value < count; value++) {
      endsFirst[value] = write[value];
      beginsLast[value] = write[value];
    }
    for (int i = 0; i < reads.size(); i++) {
      int read = reads.get(i);
      int value = readValues.get(i);
      isRead[value] = true;
      if (value != initial
          && (write[value] == NONE || moments.last[read] < moments.first[write[value]])) {
        return violated(read, write[value]);
      }
      if (value != initial && moments.last[read] < moments.last[endsFirst[value]]) {
        endsFirst[value] = read;
      }
      if (beginsLast[value] == NONE || moments.first[read] > moments.first[beginsLast[value]]) {
        beginsLast[value] = read;
      }
    }
    int[] values =
        IntStream.range(0, count)
            .filter(v -> isRead[v] || write[v] != NONE && log.outcome(write[v]) == KeyLog.OK)
            .toArray();
    return place(values);
  }

  private Finding place(int[] values) {
    int[] zones = Arrays.stream(values).filter(v -> from(v) < to(v)).toArray();
    int[] starts = Arrays.stream(zones).map(this::from).toArray();
    int[] ends = Arrays.stream(zones).map(this::to).toArray();
    int previous = NONE;
    for (int i : Moments.sorted(zones.length, z -> starts[z])) {
      if (previous != NONE && starts[i] < ends[previous]) {
        return collision(zones[previous], zones[i]);
      }
      previous = i;
    }
    Cover cover = new Cover(starts, ends, zones.length, moments.end);
    int[] keys = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      int value = values[i];
      boolean isZone = from(value) < to(value);
      int gap = isZone ? from(value) : cover.nextFree(to(value));
      if (gap > from(value)) {
        int[] around = cover.chain(to(value), from(value)).toArray();
        return collision(zones[around[0]], value);
      }
      keys[i] = value == initial ? 0 : 2 * gap + (isZone ? 2 : 1);
    }
    int[] order = new int[values.length];
    int[] sorted = Moments.sorted(values.length, i -> keys[i]);
    for (int i = 0; i < order.length; i++) {
      order[i] = values[sorted[i]];
    }
    return new Finding.Holds(Optional.of(moments.withOthers(spellOut(order), others.toArray())));
  }

  private int[] spellOut(int[] values) {
    int[] start = new int[numbers.size() + 1];
    for (int i = 0; i < reads.size(); i++) {
      start[readValues.get(i) + 1]++;
    }
    for (int value = 0; value < numbers.size(); value++) {
      start[value + 1] += start[value];
    }
    int[] byValue = new int[reads.size()];
    int[] next = start.clone();
    for (int i = 0; i < reads.size(); i++) {
      byValue[next[readValues.get(i)]++] = reads.get(i);
    }
    Ints order = new Ints();
    for (int value : values) {
      if (write[value] != NONE) {
        order.add(write[value]);
      }
      for (int i = start[value]; i < start[value + 1]; i++) {
        order.add(byValue[i]);
      }
    }
    return order.toArray();
  }

  private Finding violated(int read, int itsWrite) {
    return new Finding.Violated(itsWrite == NONE ? new int[] {read} : new int[] {itsWrite, read});
  }

  /** What makes the one a zone, and the other collide with it. */
  private Finding collision(int zone, int other) {
    return new Finding.Violated(
        IntStream.of(
                write[zone],
                endsFirst[zone],
                beginsLast[zone],
                write[other],
                endsFirst[other],
                beginsLast[other])
            .filter(operation -> operation != NONE)
            .distinct()
            .toArray());
  }
}
