package phaistos.checker.transactions;

import java.util.Arrays;

/**
 * What transactions show to others of the registers that they use: for each key the first read, if
 * it stands before any write, and the last write. Only ok transactions read; info ones may have
 * written.
 */
final class RegisterAccesses {
  /** No read, or no write. */
  static final int NONE = Versions.NONE;

  /** The accesses of transaction t stand from start[t] to before start[t + 1]. */
  final int[] start;

  final int[] key;
  final int[] read;
  final int[] written;

  RegisterAccesses(Transactions txns) {
    start = new int[txns.size() + 1];
    Ints keys = new Ints(txns.stepCount());
    Ints reads = new Ints(txns.stepCount());
    Ints writes = new Ints(txns.stepCount());
    for (int t = 0; t < txns.size(); t++) {
      start[t] = keys.size();
      if (txns.type[t] == Transactions.FAIL) {
        continue;
      }
      for (int step = txns.from(t); step < txns.to(t); step++) {
        boolean isWrite = txns.stepKind[step] == Transactions.WRITE;
        if (!isWrite && !txns.isOk(t)) {
          continue;
        }
        int at = find(keys, start[t], txns.stepKey[step]);
        if (at == keys.size()) {
          keys.add(txns.stepKey[step]);
          reads.add(isWrite ? NONE : txns.stepValue[step]);
          writes.add(NONE);
        }
        if (isWrite) {
          writes.set(at, txns.stepValue[step]);
        }
      }
    }
    start[txns.size()] = keys.size();
    key = keys.toArray();
    read = reads.toArray();
    written = writes.toArray();
  }

  private static int find(Ints keys, int from, int key) {
    for (int i = from; i < keys.size(); i++) {
      if (keys.get(i) == key) {
        return i;
      }
    }
    return keys.size();
  }

  int count() {
    return key.length;
  }

  /** The first version that the access touches: what it read, or else wrote. */
  int first(int access) {
    return read[access] != NONE ? read[access] : written[access];
  }

  /** The last version that the access touches: what it wrote, or else read. */
  int last(int access) {
    return written[access] != NONE ? written[access] : read[access];
  }

  /** Accesses grouped by a number of theirs below {@code count}; what has none is left out. */
  static int[][] index(int[] values, int count) {
    int[] starts = new int[count + 1];
    for (int value : values) {
      if (value != NONE) {
        starts[value + 1]++;
      }
    }
    for (int i = 0; i < count; i++) {
      starts[i + 1] += starts[i];
    }
    int[] items = new int[starts[count]];
    int[] next = Arrays.copyOf(starts, count);
    for (int i = 0; i < values.length; i++) {
      if (values[i] != NONE) {
        items[next[values[i]]++] = i;
      }
    }
    return new int[][] {starts, items};
  }
}
