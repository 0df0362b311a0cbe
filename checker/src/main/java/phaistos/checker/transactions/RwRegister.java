package phaistos.checker.transactions;

import java.util.List;
import phaistos.histories.EdnWriter;

/**
 * Registers to which transactions write unique values. A read shows whose write it saw (wr), but
 * not what came before that: the order of versions is only known as far as {@link
 * TransactionOptions.RegisterKeys} tells, and with it ww and rw dependencies. Only ok transactions
 * depend on each other.
 */
final class RwRegister implements Analysis {
  private final Transactions txns;
  private final Versions versions;
  private final Writers writers;
  private final Cases cases;
  private final RegisterAccesses accesses;
  private final RegisterVersions order;
  private final Findings early = new Findings();

  /** For each version the access of the ok transaction whose last write it is; else -1. */
  private final int[] writer;

  /** For each version the ok transaction that wrote it, last or not; else -1. */
  private final int[] anyWriter;

  private final int[] readersStart;
  private final int[] readers;
  private boolean hasDependencies;

  RwRegister(Transactions txns, TransactionOptions.RegisterKeys keys) {
    this.txns = txns;
    versions = txns.versions;
    writers = new Writers(txns);
    cases = new Cases(txns);
    accesses = new RegisterAccesses(txns);
    order = new RegisterVersions(txns, accesses, keys, early);
    int[][] byRead = RegisterAccesses.index(accesses.read, versions.count());
    readersStart = byRead[0];
    readers = byRead[1];
    writer = new int[versions.count()];
    java.util.Arrays.fill(writer, -1);
    for (int access = 0; access < accesses.count(); access++) {
      int version = accesses.written[access];
      if (version == RegisterAccesses.NONE || !txns.isOk(order.owner(access))) {
        continue;
      }
      if (writer[version] >= 0 && readersStart[version] < readersStart[version + 1]) {
        reportDuplicate(writer[version], access, version);
      }
      writer[version] = access;
    }
    anyWriter = anyWriters();
    hasDependencies = emitAll((_, _, _) -> {});
  }

  private int[] anyWriters() {
    int[] writers = new int[versions.count()];
    java.util.Arrays.fill(writers, -1);
    for (int t = 0; t < txns.size(); t++) {
      for (int step = txns.from(t); txns.isOk(t) && step < txns.to(t); step++) {
        if (txns.stepKind[step] == Transactions.WRITE) {
          writers[txns.stepValue[step]] = t;
        }
      }
    }
    return writers;
  }

  private void reportDuplicate(int one, int other, int version) {
    List<Integer> ids = List.of(order.owner(one), order.owner(other));
    early.add(
        Anomaly.DUPLICATE_WRITES,
        ids.size(),
        () ->
            cases.of(
                Anomaly.DUPLICATE_WRITES,
                ids,
                "T1 and T2 both wrote %s to key %s, so that a read of it has no single writer."
                    .formatted(txns.valueName(version), txns.keyName(versions.keyOf(version)))));
  }

  @Override
  public Transactions transactions() {
    return txns;
  }

  @Override
  public boolean hasHiddenDependencies() {
    return hasDependencies;
  }

  @Override
  public void emit(Edges.Sink sink) {
    emitAll(sink);
  }

  /** Whether there is any dependency, even of a transaction on itself, which is not emitted. */
  private boolean emitAll(Edges.Sink sink) {
    boolean any = false;
    for (int version = 0; version < versions.count(); version++) {
      int from = readersStart[version];
      int to = readersStart[version + 1];
      if (writer[version] >= 0 && !versions.isInitial(version)) {
        any |= from < to;
        emitReads(sink, order.owner(writer[version]), from, to);
      }
      Edges edges = order.edges();
      for (int edge = edges.from(version); edge < edges.to(version); edge++) {
        int next = anyWriter[edges.target(edge)];
        if (next >= 0) {
          any |= anyWriter[version] >= 0 || from < to;
          emitOverwrites(sink, version, next);
        }
      }
    }
    return any;
  }

  private void emitReads(Edges.Sink sink, int by, int from, int to) {
    for (int i = from; i < to; i++) {
      int reader = order.owner(readers[i]);
      if (reader != by) {
        sink.edge(by, reader, Edges.WR);
      }
    }
  }

  private void emitOverwrites(Edges.Sink sink, int version, int by) {
    if (anyWriter[version] >= 0 && anyWriter[version] != by) {
      sink.edge(anyWriter[version], by, Edges.WW);
    }
    for (int i = readersStart[version]; i < readersStart[version + 1]; i++) {
      int reader = order.owner(readers[i]);
      if (reader != by) {
        sink.edge(reader, by, Edges.RW);
      }
    }
  }

  @Override
  public void findDirectly(Findings findings, Patience patience) {
    for (Anomaly anomaly : early.anomalies()) {
      early.kept(anomaly).forEach(one -> findings.add(anomaly, one.proof().length(), () -> one));
    }
    for (int t = 0; t < txns.size(); t++) {
      patience.tick();
      if (txns.isOk(t)) {
        checkOk(findings, t);
      }
    }
    LostUpdates.find(txns, cases, findings);
  }

  private void checkOk(Findings findings, int t) {
    boolean internal = false;
    for (int step = txns.from(t); step < txns.to(t); step++) {
      if (txns.stepKind[step] != Transactions.READ) {
        continue;
      }
      checkRead(findings, t, step);
      if (writers.possible(txns.stepValue[step]) == t) {
        checkFuture(findings, t, step);
      }
      internal = internal || checkInternal(findings, t, step);
    }
  }

  private void checkRead(Findings findings, int t, int step) {
    int version = txns.stepValue[step];
    if (versions.isInitial(version)) {
      return;
    }
    String key = txns.keyName(txns.stepKey[step]);
    int failed = writers.failed(version);
    if (failed >= 0) {
      findings.add(
          Anomaly.G1A,
          cases.size(t, failed),
          () ->
              cases.pair(
                  Anomaly.G1A,
                  t,
                  failed,
                  "T1 read key %s = %s, which T2 had written; but T2 failed, so nobody may see it."
                      .formatted(key, txns.valueName(version))));
    }
    int between = writers.intermediate(version);
    if (between >= 0 && between != t) {
      findings.add(
          Anomaly.G1B,
          cases.size(t, between),
          () ->
              cases.pair(
                  Anomaly.G1B,
                  t,
                  between,
                  "T1 read key %s = %s, which T2 had written; but that was not T2's last write of"
                          .formatted(key, txns.valueName(version))
                      + " this key, so T1 saw a state from the middle of T2."));
    }
    if (writers.isGarbage(version)) {
      findings.add(
          Anomaly.GARBAGE_READ,
          cases.size(t),
          () ->
              cases.one(
                  Anomaly.GARBAGE_READ,
                  t,
                  "T1 read key %s = %s, which nobody ever tried to write."
                      .formatted(key, txns.valueName(version))));
    }
  }

  /** A transaction must not read what it only writes later. */
  private void checkFuture(Findings findings, int t, int read) {
    int version = txns.stepValue[read];
    for (int step = txns.from(t); step < read; step++) {
      if (txns.stepKind[step] == Transactions.WRITE && txns.stepValue[step] == version) {
        return;
      }
    }
    findings.add(
        Anomaly.FUTURE_READ,
        cases.size(t),
        () ->
            cases.one(
                Anomaly.FUTURE_READ,
                t,
                "T1 read key %s = %s before it wrote it."
                    .formatted(txns.keyName(txns.stepKey[read]), txns.valueName(version))));
  }

  /** A read must give what the transaction itself last wrote or read. */
  private boolean checkInternal(Findings findings, int t, int step) {
    for (int before = step - 1; before >= txns.from(t); before--) {
      if (txns.stepKey[before] != txns.stepKey[step]) {
        continue;
      }
      if (txns.stepValue[before] == txns.stepValue[step]) {
        return false;
      }
      int last = before;
      findings.add(
          Anomaly.INTERNAL,
          cases.size(t),
          () ->
              cases.one(
                  Anomaly.INTERNAL,
                  t,
                  "T1 read key %s = %s, but its own %s before that says %s."
                      .formatted(
                          txns.keyName(txns.stepKey[step]),
                          txns.valueName(txns.stepValue[step]),
                          txns.stepKind[last] == Transactions.WRITE ? "write" : "read",
                          EdnWriter.print(versions.value(txns.stepValue[last])))));
      return true;
    }
    return false;
  }

  @Override
  public boolean explainsReadsFirst() {
    return true;
  }

  @Override
  public boolean isByPredicate(int a, int b) {
    boolean any = false;
    for (int i = txns.from(a); i < txns.to(a); i++) {
      for (int j = txns.from(b); j < txns.to(b); j++) {
        boolean overwrites =
            txns.stepKind[i] == Transactions.READ
                && txns.stepKind[j] == Transactions.WRITE
                && txns.stepKey[i] == txns.stepKey[j]
                && precedes(txns.stepValue[i], txns.stepValue[j]);
        if (overwrites && !txns.byPredicate.nils().get(i)) {
          return false;
        }
        any |= overwrites;
      }
    }
    return any;
  }

  @Override
  public String explain(int label, int a, int b, String nameOfA, String nameOfB) {
    for (int i = txns.from(a); i < txns.to(a); i++) {
      int before = txns.stepValue[i];
      boolean writes = txns.stepKind[i] == Transactions.WRITE;
      for (int j = txns.from(b); j < txns.to(b); j++) {
        int after = txns.stepValue[j];
        boolean thenWrites = txns.stepKind[j] == Transactions.WRITE;
        boolean fits =
            txns.stepKey[i] == txns.stepKey[j]
                && writes == (label != Edges.RW)
                && thenWrites == (label != Edges.WR);
        if (!fits) {
          continue;
        }
        String key = txns.keyName(txns.stepKey[i]);
        String value = txns.valueName(before);
        if (label == Edges.WR && before == after) {
          return nameOfA + " wrote " + key + " = " + value + ", which was read by " + nameOfB;
        }
        if (label != Edges.WR && precedes(before, after)) {
          if (txns.byPredicate.nils().get(i)) {
            return nameOfA
                + " read by predicate and saw no row of key "
                + key
                + ", and "
                + nameOfB
                + " set it to "
                + txns.valueName(after);
          }
          return nameOfA
              + (label == Edges.RW ? " read key " + key + " = " : " set key " + key + " to ")
              + value
              + ", and "
              + nameOfB
              + " set it to "
              + txns.valueName(after)
              + ", which came later in the version order";
        }
      }
    }
    throw new IllegalStateException(
        "no reason: label=" + Edges.word(label) + ", a=" + a + ", b=" + b);
  }

  private boolean precedes(int before, int after) {
    Edges edges = order.edges();
    for (int edge = edges.from(before); edge < edges.to(before); edge++) {
      if (edges.target(edge) == after) {
        return true;
      }
    }
    return false;
  }
}
