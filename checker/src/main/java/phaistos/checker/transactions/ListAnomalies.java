package phaistos.checker.transactions;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.histories.EdnWriter;

/** What is wrong with histories over lists without any cycle. */
final class ListAnomalies {
  private final Transactions txns;
  private final Versions versions;
  private final ListStates states;
  private final Writers writers;
  private final Cases cases;

  /** For each state whether an element in it was written by a failed transaction, or by nobody. */
  private final boolean[] tainted;

  private final boolean anyTainted;

  ListAnomalies(Transactions txns, Writers writers) {
    this.txns = txns;
    this.versions = txns.versions;
    this.states = txns.states;
    this.writers = writers;
    this.cases = new Cases(txns);
    tainted = new boolean[states.count()];
    boolean any = false;
    for (int state = 0; state < tainted.length; state++) {
      int version = states.element(state);
      tainted[state] =
          version != ListStates.NONE
              && (tainted[states.parent(state)]
                  || writers.failed(version) >= 0
                  || writers.isGarbage(version));
      any |= tainted[state];
    }
    anyTainted = any;
  }

  void find(Findings findings, int[] orderStart, int[] order, Patience patience) {
    for (int t = 0; t < txns.size(); t++) {
      patience.tick();
      if (txns.isOk(t)) {
        checkOk(findings, t);
      }
      if (txns.type[t] != Transactions.FAIL) {
        checkDuplicates(findings, t);
      }
    }
    findIncompatible(findings);
    findDirtyUpdates(findings, orderStart, order);
    LostUpdates.find(txns, cases, findings);
  }

  private void checkOk(Findings findings, int t) {
    for (int step = txns.from(t); step < txns.to(t); step++) {
      if (txns.stepKind[step] != Transactions.READ || txns.stepValue[step] == Transactions.NIL) {
        continue;
      }
      if (anyTainted && tainted[txns.stepValue[step]]) {
        reportTainted(findings, t, step);
      }
      if (writers.anyIntermediate()) {
        checkIntermediate(findings, t, step);
      }
    }
    if (txns.to(t) - txns.from(t) > 1) {
      checkInternal(findings, t);
      checkFuture(findings, t);
    }
  }

  private void reportTainted(Findings findings, int t, int step) {
    String key = txns.keyName(txns.stepKey[step]);
    for (int version : states.elements(txns.stepValue[step])) {
      int writer = writers.failed(version);
      if (writer >= 0) {
        findings.add(
            Anomaly.G1A,
            cases.size(t, writer),
            () ->
                cases.pair(
                    Anomaly.G1A,
                    t,
                    writer,
                    "T1 read key %s and saw %s, which T2 had appended; but T2 failed, so nobody may"
                            .formatted(key, txns.valueName(version))
                        + " see it."));
      } else if (writers.isGarbage(version)) {
        findings.add(
            Anomaly.GARBAGE_READ,
            cases.size(t),
            () ->
                cases.one(
                    Anomaly.GARBAGE_READ,
                    t,
                    "T1 read key %s and saw %s, which nobody ever tried to append."
                        .formatted(key, txns.valueName(version))));
      }
    }
  }

  private void checkIntermediate(Findings findings, int t, int step) {
    int last = txns.lastVersion(step);
    int writer = writers.intermediate(last);
    if (writer >= 0 && writer != t) {
      findings.add(
          Anomaly.G1B,
          cases.size(t, writer),
          () ->
              cases.pair(
                  Anomaly.G1B,
                  t,
                  writer,
                  "T1 read key %s up to %s, which T2 had appended; but that was not T2's last append"
                          .formatted(txns.keyName(txns.stepKey[step]), txns.valueName(last))
                      + " to this key, so T1 saw a state from the middle of T2."));
    }
  }

  /** What a transaction must read of a key: what it read before, and what it appended since. */
  private void checkInternal(Findings findings, int t) {
    for (int step = txns.from(t) + 1; step < txns.to(t); step++) {
      if (txns.stepKind[step] != Transactions.READ) {
        continue;
      }
      int appended = 0;
      int before = step - 1;
      while (before >= txns.from(t) && !isRead(before, txns.stepKey[step])) {
        appended += txns.stepKey[before] == txns.stepKey[step] ? 1 : 0;
        before--;
      }
      boolean prefixKnown = before >= txns.from(t);
      if ((prefixKnown || appended > 0) && !isExpected(step, before, appended, prefixKnown)) {
        int read = step;
        int known = before;
        findings.add(
            Anomaly.INTERNAL,
            cases.size(t),
            () -> cases.one(Anomaly.INTERNAL, t, internalProof(t, read, known, prefixKnown)));
        return;
      }
    }
  }

  private boolean isRead(int step, int key) {
    return txns.stepKey[step] == key && txns.stepKind[step] == Transactions.READ;
  }

  private boolean isExpected(int step, int before, int appended, boolean prefixKnown) {
    int state = stateOf(step);
    int at = state;
    int left = appended;
    for (int i = step - 1; left > 0; i--) {
      if (txns.stepKey[i] == txns.stepKey[step] && txns.stepKind[i] == Transactions.WRITE) {
        if (at == ListStates.NONE || states.element(at) != txns.stepValue[i]) {
          return false;
        }
        at = states.parent(at);
        left--;
      }
    }
    return !prefixKnown || at == stateOf(before);
  }

  /** The state that a read saw; the empty list for nil. */
  private int stateOf(int step) {
    int state = txns.stepValue[step];
    return state == Transactions.NIL ? states.root(txns.stepKey[step]) : state;
  }

  private String internalProof(int t, int step, int before, boolean prefixKnown) {
    StringBuilder expected = new StringBuilder(prefixKnown ? "" : "...");
    if (prefixKnown) {
      for (int version : states.elements(stateOf(before))) {
        expected.append(' ').append(txns.valueName(version));
      }
    }
    for (int i = Math.max(before, txns.from(t) - 1) + 1; i < step; i++) {
      if (txns.stepKey[i] == txns.stepKey[step]) {
        expected.append(' ').append(txns.valueName(txns.stepValue[i]));
      }
    }
    return "T1 read key %s as %s, but by what it had read and appended before it should be [%s]."
        .formatted(
            txns.keyName(txns.stepKey[step]),
            EdnWriter.print(txns.list(stateOf(step))),
            expected.toString().strip());
  }

  private void checkFuture(Findings findings, int t) {
    for (int step = txns.from(t) + 1; step < txns.to(t); step++) {
      if (txns.stepKind[step] != Transactions.WRITE) {
        continue;
      }
      for (int before = txns.from(t); before < step; before++) {
        if (isRead(before, txns.stepKey[step])
            && txns.stepValue[before] != Transactions.NIL
            && states.contains(txns.stepValue[before], txns.stepValue[step])) {
          int write = step;
          findings.add(
              Anomaly.FUTURE_READ,
              cases.size(t),
              () ->
                  cases.one(
                      Anomaly.FUTURE_READ,
                      t,
                      "T1 read %s from key %s before it appended it."
                          .formatted(
                              txns.valueName(txns.stepValue[write]),
                              txns.keyName(txns.stepKey[write]))));
          return;
        }
      }
    }
  }

  private void checkDuplicates(Findings findings, int t) {
    for (int step = txns.from(t); step < txns.to(t); step++) {
      if (txns.stepKind[step] == Transactions.READ
          && txns.stepValue[step] != Transactions.NIL
          && states.hasDuplicate(txns.stepValue[step])) {
        int read = step;
        findings.add(
            Anomaly.DUPLICATE_ELEMENTS,
            cases.size(t),
            () ->
                cases.one(
                    Anomaly.DUPLICATE_ELEMENTS,
                    t,
                    "T1 read key %s as %s, in which an element stands more than once."
                        .formatted(
                            txns.keyName(txns.stepKey[read]),
                            EdnWriter.print(txns.list(txns.stepValue[read])))));
      }
    }
  }

  /** For each key whose reads are no chain the two shortest reads, of two branches. */
  private void findIncompatible(Findings findings) {
    Map<Integer, Divergence> shortest = new HashMap<>();
    boolean any = false;
    for (int key = 0; key < versions.keyCount(); key++) {
      any |= states.diverges(key);
    }
    if (!any) {
      return;
    }
    for (int t = 0; t < txns.size(); t++) {
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (txns.type[t] != Transactions.FAIL
            && txns.stepKind[step] == Transactions.READ
            && txns.stepValue[step] != Transactions.NIL
            && states.diverges(txns.stepKey[step])) {
          shortest.computeIfAbsent(txns.stepKey[step], _ -> new Divergence()).add(t, step);
        }
      }
    }
    shortest.forEach(
        (key, divergence) ->
            findings.add(
                Anomaly.INCOMPATIBLE_ORDER, divergence.size(), () -> divergence.finding(key)));
  }

  /** Of the reads of one key a pair of which neither is a prefix of the other. */
  private final class Divergence {
    private final Ints reads = new Ints();
    private final Ints readers = new Ints();

    void add(int t, int step) {
      reads.add(step);
      readers.add(t);
    }

    int size() {
      return reads.size();
    }

    Finding finding(int key) {
      Integer[] byLength = new Integer[reads.size()];
      for (int i = 0; i < byLength.length; i++) {
        byLength[i] = i;
      }
      Arrays.sort(byLength, (a, b) -> Integer.compare(depth(a), depth(b)));
      for (int i = 1; i < byLength.length; i++) {
        int shorter = stateAt(byLength[i - 1]);
        int longer = stateAt(byLength[i]);
        if (!isPrefix(shorter, longer)) {
          return cases.pair(
              Anomaly.INCOMPATIBLE_ORDER,
              readers.get(byLength[i - 1]),
              readers.get(byLength[i]),
              "T1 read key %s as %s, and T2 as %s: neither is a prefix of the other."
                  .formatted(
                      txns.keyName(key),
                      EdnWriter.print(txns.list(shorter)),
                      EdnWriter.print(txns.list(longer))));
        }
      }
      throw new IllegalStateException("a key diverges without two reads: key=" + key);
    }

    private int stateAt(int i) {
      return txns.stepValue[reads.get(i)];
    }

    private int depth(int i) {
      return states.depth(stateAt(i));
    }

    private boolean isPrefix(int prefix, int state) {
      int at = state;
      while (states.depth(at) > states.depth(prefix)) {
        at = states.parent(at);
      }
      return at == prefix;
    }
  }

  /** A committed append on top of an aborted one. */
  private void findDirtyUpdates(Findings findings, int[] orderStart, int[] order) {
    if (!writers.anyFailed()) {
      return;
    }
    for (int key = 0; key < versions.keyCount(); key++) {
      int aborted = -1;
      int abortedVersion = -1;
      for (int i = orderStart[key]; i < orderStart[key + 1]; i++) {
        int version = order[i];
        int possible = writers.possible(version);
        if (possible < 0 && writers.failed(version) >= 0) {
          if (aborted < 0) {
            aborted = writers.failed(version);
            abortedVersion = version;
          }
        } else if (possible >= 0 && txns.isOk(possible)) {
          if (aborted >= 0) {
            reportDirtyUpdate(findings, List.of(aborted, possible), abortedVersion, version);
          }
          aborted = -1;
        }
      }
    }
  }

  private void reportDirtyUpdate(
      Findings findings, List<Integer> pair, int abortedVersion, int version) {
    findings.add(
        Anomaly.DIRTY_UPDATE,
        cases.size(pair.get(0), pair.get(1)),
        () ->
            cases.pair(
                Anomaly.DIRTY_UPDATE,
                pair.get(0),
                pair.get(1),
                "T1 appended %s to key %s and failed; but T2's %s stands after it, and T2 committed."
                    .formatted(
                        txns.valueName(abortedVersion),
                        txns.keyName(versions.keyOf(version)),
                        txns.valueName(version))));
  }
}
