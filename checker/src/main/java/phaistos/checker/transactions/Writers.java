package phaistos.checker.transactions;

import java.util.Arrays;

/** Who wrote each version. */
final class Writers {
  private static final int NOBODY = -1;

  private final int[] possible;
  private final int[] failed;

  /** The writer that wrote the same key again later; {@link #NOBODY} for final writes. */
  private final int[] intermediate;

  private boolean anyFailed;
  private boolean anyIntermediate;

  Writers(Transactions txns) {
    possible = new int[txns.versions.count()];
    failed = new int[possible.length];
    intermediate = new int[possible.length];
    Arrays.fill(possible, NOBODY);
    Arrays.fill(failed, NOBODY);
    Arrays.fill(intermediate, NOBODY);
    for (int t = 0; t < txns.size(); t++) {
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (txns.stepKind[step] == Transactions.WRITE) {
          note(txns, t, step);
        }
      }
    }
  }

  private void note(Transactions txns, int t, int step) {
    int version = txns.stepValue[step];
    if (txns.type[t] == Transactions.FAIL) {
      failed[version] = t;
      anyFailed = true;
    } else {
      possible[version] = t;
    }
    for (int later = step + 1; later < txns.to(t); later++) {
      if (txns.stepKind[later] == Transactions.WRITE && txns.stepKey[later] == txns.stepKey[step]) {
        intermediate[version] = t;
        anyIntermediate = true;
        return;
      }
    }
  }

  /** The transaction, ok or info, that wrote it; -1 if there is none. */
  int possible(int version) {
    return possible[version];
  }

  /** The failed transaction that wrote it; -1 if there is none. */
  int failed(int version) {
    return failed[version];
  }

  /** The transaction that wrote it and overwrote it itself; -1 if there is none. */
  int intermediate(int version) {
    return intermediate[version];
  }

  boolean anyFailed() {
    return anyFailed;
  }

  boolean anyIntermediate() {
    return anyIntermediate;
  }

  boolean isGarbage(int version) {
    return possible[version] == NOBODY && failed[version] == NOBODY;
  }
}
