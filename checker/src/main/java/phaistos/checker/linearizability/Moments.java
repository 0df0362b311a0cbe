package phaistos.checker.linearizability;

import java.util.Arrays;

/**
 * The moments at which each operation may happen, as whole numbers. The events of a history cut its
 * time into <i>gaps</i>: gap 0 lies before all of them, gap g behind the g-th. Within a gap nothing
 * is ordered in real time, so any number of operations fit in, in any order. An operation that was
 * invoked by event a and returned by event b may happen in the gaps {@code first = a} to {@code
 * last = b - 1} (events numbered from 1). An operation that never returned has {@code last = end},
 * one gap more than there are: an operation there happens after everything, or never.
 */
final class Moments {
  final int[] first;
  final int[] last;
  final int end;

  Moments(KeyLog<?> log) {
    first = new int[log.size()];
    last = new int[log.size()];
    end = log.scheduled() + 1;
    Arrays.fill(last, end);
    for (int i = 0; i < log.scheduled(); i++) {
      int entry = log.schedule(i);
      if (entry >= 0) {
        first[entry] = i + 1;
      } else {
        last[~entry] = i;
      }
    }
  }

  /**
   * The order with these operations added, in the order of their invocations; they can happen at
   * any time.
   */
  int[] withOthers(int[] order, int[] others) {
    int[] all = new int[order.length + others.length];
    int size = 0;
    int other = 0;
    int now = 0;
    for (int operation : order) {
      now = Math.max(now, first[operation]);
      while (other < others.length && first[others[other]] < now) {
        all[size++] = others[other++];
      }
      all[size++] = operation;
    }
    System.arraycopy(others, other, all, size, others.length - other);
    return all;
  }

  /** These numbers sorted by their keys, which are not negative; stable. */
  static int[] sorted(int count, java.util.function.IntUnaryOperator key) {
    long[] keyed = new long[count];
    for (int i = 0; i < count; i++) {
      keyed[i] = (long) key.applyAsInt(i) << 32 | i;
    }
    Arrays.sort(keyed);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = (int) keyed[i];
    }
    return order;
  }
}
