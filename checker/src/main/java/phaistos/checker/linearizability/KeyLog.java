package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * The operations of one key in columns, and the order of their invocations and returns. Failed
 * operations are marked, and searches leave them out. Not thread-safe.
 */
final class KeyLog<C> {
  static final byte OPEN = 0;
  static final byte OK = 1;
  static final byte FAILED = 2;

  private int size;
  private int scheduled;
  private int returned;

  /** For each operation: its call, completed if it returned. */
  private final List<C> calls;

  private byte[] outcome;
  private long[] process;
  private long[] invokedAt;
  private long[] completedAt;

  /** Invocations as their operation, returns as its complement, in the order of the history. */
  private int[] schedule;

  /** Of the clients that have one, by the number that stands for it. */
  private final Map<Long, Edn> names;

  KeyLog(int expected) {
    this(expected, Map.of());
  }

  KeyLog(int expected, Map<Long, Edn> names) {
    this.names = names;
    int capacity = Math.max(expected, 4);
    calls = new ArrayList<>(capacity);
    outcome = new byte[capacity];
    process = new long[capacity];
    invokedAt = new long[capacity];
    completedAt = new long[capacity];
    schedule = new int[2 * capacity];
  }

  int invoke(long who, C call, long index) {
    if (size == outcome.length) {
      int capacity = size * 2;
      outcome = Arrays.copyOf(outcome, capacity);
      process = Arrays.copyOf(process, capacity);
      invokedAt = Arrays.copyOf(invokedAt, capacity);
      completedAt = Arrays.copyOf(completedAt, capacity);
    }
    int operation = size++;
    calls.add(call);
    process[operation] = who;
    invokedAt[operation] = index;
    completedAt[operation] = -1;
    note(operation);
    return operation;
  }

  void ok(int operation, C call, long index) {
    calls.set(operation, call);
    outcome[operation] = OK;
    returned++;
    completedAt[operation] = index;
    note(~operation);
  }

  void fail(int operation, long index) {
    outcome[operation] = FAILED;
    completedAt[operation] = index;
  }

  /** It stays open; the index of its info is kept for the explanation. */
  void info(int operation, long index) {
    completedAt[operation] = index;
  }

  private void note(int entry) {
    if (scheduled == schedule.length) {
      schedule = Arrays.copyOf(schedule, scheduled * 2);
    }
    schedule[scheduled++] = entry;
  }

  /**
   * The history up to this many returns; operations that returned later are open, with known
   * results.
   */
  KeyLog<C> prefix(int returns) {
    KeyLog<C> log = new KeyLog<>(size, names);
    int returned = 0;
    for (int i = 0; i < scheduled && returned < returns; i++) {
      int entry = schedule[i];
      if (entry >= 0) {
        log.invoke(process[entry], calls.get(entry), invokedAt[entry]);
        if (outcome[entry] == FAILED) {
          log.fail(entry, completedAt[entry]);
        }
      } else {
        log.ok(~entry, calls.get(~entry), completedAt[~entry]);
        returned++;
      }
    }
    return log;
  }

  /** The history of these operations alone, without failed ones. */
  KeyLog<C> only(int[] operations, Moments moments) {
    long[] events = new long[2 * operations.length];
    int count = 0;
    for (int i = 0; i < operations.length; i++) {
      int operation = operations[i];
      events[count++] = (long) moments.first[operation] << 32 | 2 * i;
      if (outcome[operation] == OK) {
        events[count++] = (long) moments.last[operation] + 1 << 32 | 2 * i + 1;
      }
    }
    Arrays.sort(events, 0, count);
    KeyLog<C> log = new KeyLog<>(operations.length);
    int[] copied = new int[operations.length];
    for (int i = 0; i < count; i++) {
      int place = (int) events[i] >>> 1;
      int operation = operations[place];
      if ((events[i] & 1) == 0) {
        copied[place] = log.invoke(process[operation], calls.get(operation), invokedAt[operation]);
      } else {
        log.ok(copied[place], calls.get(operation), completedAt[operation]);
      }
    }
    return log;
  }

  int size() {
    return size;
  }

  /** How many operations returned. */
  int returned() {
    return returned;
  }

  /** The operation whose return has this rank. */
  int returned(int rank) {
    int left = rank;
    for (int i = 0; i < scheduled; i++) {
      if (schedule[i] < 0 && left-- == 0) {
        return ~schedule[i];
      }
    }
    throw new IllegalArgumentException("no return of this rank: rank=" + rank);
  }

  int scheduled() {
    return scheduled;
  }

  int schedule(int place) {
    return schedule[place];
  }

  C call(int operation) {
    return calls.get(operation);
  }

  byte outcome(int operation) {
    return outcome[operation];
  }

  long process(int operation) {
    return process[operation];
  }

  /** Its process as it stands in the history. */
  String processName(int operation) {
    Edn name = names.get(process[operation]);
    return name == null ? Long.toString(process[operation]) : EdnWriter.print(name);
  }

  long invokedAt(int operation) {
    return invokedAt[operation];
  }

  /** The index of the completion; -1 if there is none. */
  long completedAt(int operation) {
    return completedAt[operation];
  }
}
