package phaistos.checker.transactions;

import java.util.Arrays;

/**
 * Lists to which transactions append unique elements. A read shows the order of all appends before
 * it, so that the longest read of a key is its version order; an element that nobody read comes
 * after all that were read. From this: b ww-depends on a if b appended right after a's element, wr
 * if b read a list that ends in a's element, rw if b appended right after the list that a read.
 */
final class ListAppend implements Analysis {
  private final Transactions txns;
  private final Versions versions;
  private final ListStates states;
  private final Writers writers;

  /** The version order of each key: those of key k stand from orderStart[k]. */
  private final int[] orderStart;

  private final int[] order;

  /** The place of a version in its key's order; -1 for what nobody read. */
  private final int[] position;

  /** Who read a list that ends in this version: those of version v stand from readersStart[v]. */
  private final int[] readersStart;

  private final int[] readers;

  ListAppend(Transactions txns) {
    this.txns = txns;
    versions = txns.versions;
    states = txns.states;
    writers = new Writers(txns);
    orderStart = new int[versions.keyCount() + 1];
    position = new int[versions.count()];
    Arrays.fill(position, -1);
    order = versionOrders();
    readersStart = new int[versions.count() + 1];
    readers = indexReaders();
  }

  private int[] versionOrders() {
    int[] single = singleAppends();
    Ints all = new Ints(versions.count());
    for (int key = 0; key < versions.keyCount(); key++) {
      orderStart[key] = all.size();
      int longest = states.longest(key);
      if (longest != ListStates.NONE && states.depth(longest) > 0) {
        int place = 0;
        for (int version : states.elements(longest)) {
          if (position[version] < 0) {
            position[version] = place++;
            all.add(version);
          }
        }
      } else if (single[key] >= 0) {
        position[single[key]] = 0;
        all.add(single[key]);
      }
    }
    orderStart[versions.keyCount()] = all.size();
    return all.toArray();
  }

  /** For each key its only append that may have happened; negative if there is none or several. */
  private int[] singleAppends() {
    int[] single = new int[versions.keyCount()];
    Arrays.fill(single, -1);
    for (int t = 0; t < txns.size(); t++) {
      if (txns.type[t] == Transactions.FAIL) {
        continue;
      }
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (txns.stepKind[step] == Transactions.WRITE) {
          int key = txns.stepKey[step];
          single[key] = single[key] == -1 ? txns.stepValue[step] : -2;
        }
      }
    }
    return single;
  }

  private boolean isObserved(int t, int step) {
    return txns.stepKind[step] == Transactions.READ
        && (txns.isOk(t)
            || (txns.type[t] == Transactions.INFO && txns.stepValue[step] != Transactions.NIL));
  }

  private int[] indexReaders() {
    for (int t = 0; t < txns.size(); t++) {
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (isObserved(t, step)) {
          readersStart[txns.lastVersion(step) + 1]++;
        }
      }
    }
    for (int v = 0; v < versions.count(); v++) {
      readersStart[v + 1] += readersStart[v];
    }
    int[] index = new int[readersStart[versions.count()]];
    int[] next = readersStart.clone();
    for (int t = 0; t < txns.size(); t++) {
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (isObserved(t, step)) {
          index[next[txns.lastVersion(step)]++] = t;
        }
      }
    }
    return index;
  }

  @Override
  public Transactions transactions() {
    return txns;
  }

  @Override
  public boolean hasHiddenDependencies() {
    return false;
  }

  /** The version that an append comes right after, as far as we know. */
  private int versionBefore(int version) {
    int key = versions.keyOf(version);
    int start = orderStart[key];
    int at = position[version];
    int place = at >= 0 ? start + at - 1 : orderStart[key + 1] - 1;
    return place >= start ? order[place] : versions.initial(key);
  }

  @Override
  public void emit(Edges.Sink sink) {
    for (int t = 0; t < txns.size(); t++) {
      if (txns.type[t] == Transactions.FAIL) {
        continue;
      }
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (txns.stepKind[step] == Transactions.WRITE) {
          emitBefore(sink, t, versionBefore(txns.stepValue[step]));
        } else if (txns.stepValue[step] != Transactions.NIL) {
          int writer = writers.possible(txns.lastVersion(step));
          if (writer >= 0 && writer != t) {
            sink.edge(writer, t, Edges.WR);
          }
        }
      }
    }
  }

  private void emitBefore(Edges.Sink sink, int t, int before) {
    int writer = writers.possible(before);
    if (writer >= 0 && writer != t) {
      sink.edge(writer, t, Edges.WW);
    }
    for (int i = readersStart[before]; i < readersStart[before + 1]; i++) {
      if (readers[i] != t) {
        sink.edge(readers[i], t, Edges.RW);
      }
    }
  }

  @Override
  public void findDirectly(Findings findings, Patience patience) {
    new ListAnomalies(txns, writers).find(findings, orderStart, order, patience);
  }

  @Override
  public boolean explainsReadsFirst() {
    return false;
  }

  @Override
  public boolean isByPredicate(int a, int b) {
    return false;
  }

  @Override
  public String explain(int label, int a, int b, String nameOfA, String nameOfB) {
    for (int step = txns.from(b); step < txns.to(b); step++) {
      boolean isWrite = txns.stepKind[step] == Transactions.WRITE;
      if (label == Edges.WR && !isWrite && txns.stepValue[step] != Transactions.NIL) {
        int last = txns.lastVersion(step);
        if (writers.possible(last) == a) {
          return nameOfB
              + " observed "
              + nameOfA
              + "'s append of "
              + txns.valueName(last)
              + " to key "
              + txns.keyName(txns.stepKey[step]);
        }
      }
      if (label != Edges.WR && isWrite) {
        int before = versionBefore(txns.stepValue[step]);
        if (label == Edges.WW && writers.possible(before) == a) {
          return nameOfB
              + " appended "
              + txns.valueName(txns.stepValue[step])
              + " after "
              + nameOfA
              + " appended "
              + txns.valueName(before)
              + " to "
              + txns.keyName(txns.stepKey[step]);
        }
        if (label == Edges.RW && isReader(a, before)) {
          return explainRw(step, before, nameOfA, nameOfB);
        }
      }
    }
    throw new IllegalStateException(
        "no reason: label=" + Edges.word(label) + ", a=" + a + ", b=" + b);
  }

  private boolean isReader(int t, int version) {
    for (int i = readersStart[version]; i < readersStart[version + 1]; i++) {
      if (readers[i] == t) {
        return true;
      }
    }
    return false;
  }

  private String explainRw(int step, int before, String nameOfA, String nameOfB) {
    String key = txns.keyName(txns.stepKey[step]);
    String appended = txns.valueName(txns.stepValue[step]);
    if (versions.isInitial(before)) {
      return nameOfA
          + " observed the initial (nil) state of "
          + key
          + ", which "
          + nameOfB
          + " created by appending "
          + appended;
    }
    return nameOfA + " did not observe " + nameOfB + "'s append of " + appended + " to " + key;
  }
}
