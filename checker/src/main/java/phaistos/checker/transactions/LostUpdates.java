package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import phaistos.histories.EdnWriter;

/**
 * Committed transactions that read the same version of a key and then wrote the key: at most one of
 * them can have built on what it read. Needs no version order, and so finds what cycles cannot.
 */
final class LostUpdates {
  private final Transactions txns;

  /** For each version or state one more than the first transaction that updated it. */
  private final int[] first;

  private final Map<Integer, List<Integer>> several = new LinkedHashMap<>();

  private LostUpdates(Transactions txns) {
    this.txns = txns;
    boolean lists = txns.dataType == DataType.LIST_APPEND;
    first = new int[lists ? txns.states.count() : txns.versions.count()];
  }

  static void find(Transactions txns, Cases cases, Findings findings) {
    if (txns.dataType == DataType.LIST_APPEND) {
      for (int key = 0; key < txns.versions.keyCount(); key++) {
        txns.states.root(key);
      }
    }
    LostUpdates search = new LostUpdates(txns);
    for (int t = 0; t < txns.size(); t++) {
      if (txns.isOk(t) && txns.to(t) - txns.from(t) > 1) {
        search.addUpdates(t);
      }
    }
    search.several.forEach(
        (version, updaters) ->
            findings.add(
                Anomaly.LOST_UPDATE,
                updaters.size(),
                () -> cases.of(Anomaly.LOST_UPDATE, updaters, search.proof(version, updaters))));
  }

  private void addUpdates(int t) {
    for (int step = txns.from(t) + 1; step < txns.to(t); step++) {
      if (txns.stepKind[step] != Transactions.WRITE) {
        continue;
      }
      int read = firstRead(t, step);
      if (read < 0) {
        continue;
      }
      int version = versionOf(read);
      if (isOwnWrite(t, read)) {
        continue; // it saw its own write, be it one to come: no other's update is overwritten by it
      }
      if (first[version] == 0) {
        first[version] = t + 1;
      } else if (first[version] != t + 1) {
        List<Integer> updaters = several.get(version);
        if (updaters == null) {
          updaters = new ArrayList<>(List.of(first[version] - 1));
          several.put(version, updaters);
        }
        if (updaters.getLast() != t) {
          updaters.add(t);
        }
      }
    }
  }

  /** The transaction's first read of the key that the step writes; -1 if there is none before. */
  private int firstRead(int t, int write) {
    for (int step = txns.from(t); step < write; step++) {
      if (txns.stepKey[step] == txns.stepKey[write] && txns.stepKind[step] == Transactions.READ) {
        return step;
      }
    }
    return -1;
  }

  private boolean isOwnWrite(int t, int read) {
    for (int step = txns.from(t); step < txns.to(t); step++) {
      boolean isWrite = txns.stepKind[step] == Transactions.WRITE;
      if (isWrite && txns.stepValue[step] == txns.stepValue[read]) {
        return txns.dataType == DataType.RW_REGISTER;
      }
    }
    return false;
  }

  private int versionOf(int read) {
    int value = txns.stepValue[read];
    return value == Transactions.NIL ? txns.states.root(txns.stepKey[read]) : value;
  }

  private String proof(int version, List<Integer> updaters) {
    boolean lists = txns.dataType == DataType.LIST_APPEND;
    int key = lists ? txns.states.key(version) : txns.versions.keyOf(version);
    String value = lists ? EdnWriter.print(txns.list(version)) : txns.valueName(version);
    StringBuilder names = new StringBuilder("T1");
    for (int i = 2; i <= updaters.size(); i++) {
      names.append(i == updaters.size() ? " and T" : ", T").append(i);
    }
    return "%s all read key %s as %s first, wrote it, and committed: once one of them had"
            .formatted(names, txns.keyName(key), value)
        + " written it, what the others had read was no longer there.";
  }
}
