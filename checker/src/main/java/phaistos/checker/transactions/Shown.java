package phaistos.checker.transactions;

import java.util.Arrays;
import java.util.Optional;
import phaistos.checker.transactions.order.Footprints;

/**
 * What the transactions of a history show each other ({@link Footprints}), made from its steps,
 * with the way back. Transactions that were acknowledged are there, and those pending ones of which
 * one of these read a write; whether others happened makes no difference to anybody.
 *
 * <p>Of a list a read shows the last append, and the place of all before it. A register that is
 * read with a value that nobody wrote began with it.
 */
final class Shown {
  private static final int NOBODY = -1;

  private final Transactions txns;
  private final Versions versions;

  /** For each version who wrote it, if that may have happened. */
  private final int[] writerOf;

  /** For each transaction its number in the footprints; -1 if it is not there. */
  private final int[] nodeOf;

  private final int[] txnOf;
  private final Footprints footprints;
  private final boolean everyRead;
  private final boolean predicates;

  /** The lists whose appends are known to have happened. */
  private final boolean[] markedStates;

  private Optional<String> ambiguity = Optional.empty();
  private Optional<TwoBeginnings> twoBeginnings = Optional.empty();
  private boolean looksAtOthers;
  private int[] beginnings = {};

  /** Two reads of values that nobody wrote, of one key: it cannot have begun with both. */
  record TwoBeginnings(int key, int one, int oneVersion, int other, int otherVersion) {}

  private Shown(Transactions txns, boolean everyRead, boolean predicates) {
    this.txns = txns;
    this.predicates = predicates;
    this.everyRead = everyRead;
    versions = txns.versions;
    writerOf = writers();
    nodeOf = new int[txns.size()];
    markedStates = new boolean[txns.states.count()];
    txnOf = chooseNodes();
    footprints = new Columns().fill();
  }

  /** Of each key the first read before any write of the transaction. */
  static Shown of(Transactions txns) {
    return new Shown(txns, false, true);
  }

  /** Every read that did not see the transaction's own write. */
  static Shown everyRead(Transactions txns) {
    return new Shown(txns, true, true);
  }

  /** The same without what was read by predicate and not seen. */
  static Shown items(Transactions txns) {
    return new Shown(txns, false, false);
  }

  Footprints footprints() {
    return footprints;
  }

  /** The transaction of each number in the footprints. */
  int[] transactions() {
    return txnOf;
  }

  int node(int transaction) {
    return nodeOf[transaction];
  }

  int writer(int version) {
    return writerOf[version];
  }

  /** Why it cannot be known who read from whom. */
  Optional<String> ambiguity() {
    return ambiguity;
  }

  /** How a key began, as it was read. */
  String beginning(int key) {
    return txns.valueName(beginnings[key] == NOBODY ? versions.initial(key) : beginnings[key]);
  }

  Optional<TwoBeginnings> twoBeginnings() {
    return twoBeginnings;
  }

  /** Whether any read says anything of what another transaction wrote or had not yet written. */
  boolean looksAtOthers() {
    return looksAtOthers;
  }

  private int[] writers() {
    int[] writers = new int[versions.count()];
    Arrays.fill(writers, NOBODY);
    boolean[] twice = new boolean[versions.count()];
    for (int t = 0; t < txns.size(); t++) {
      if (txns.type[t] == Transactions.FAIL) {
        continue;
      }
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (txns.stepKind[step] == Transactions.WRITE) {
          int version = txns.stepValue[step];
          twice[version] |= writers[version] != NOBODY && writers[version] != t;
          writers[version] = t;
        }
      }
    }
    findAmbiguity(twice);
    return writers;
  }

  private void findAmbiguity(boolean[] twice) {
    for (int t = 0; t < txns.size() && ambiguity.isEmpty(); t++) {
      for (int step = txns.from(t); txns.isOk(t) && step < txns.to(t); step++) {
        if (txns.stepKind[step] == Transactions.READ) {
          int version = read(step);
          if (twice[version]) {
            ambiguity =
                Optional.of(
                    "two transactions wrote %s to key %s, so that a read of it has no single writer"
                        .formatted(txns.valueName(version), txns.keyName(versions.keyOf(version))));
          }
        }
      }
    }
  }

  /** The version that a read saw. */
  private int read(int step) {
    return txns.dataType == DataType.RW_REGISTER ? txns.stepValue[step] : txns.lastVersion(step);
  }

  /** Numbers the transactions that are there; returns them. */
  private int[] chooseNodes() {
    boolean[] isThere = new boolean[txns.size()];
    for (int t = 0; t < txns.size(); t++) {
      if (txns.isOk(t)) {
        isThere[t] = true;
        for (int step = txns.from(t); step < txns.to(t); step++) {
          if (txns.stepKind[step] == Transactions.READ) {
            markWriters(step, isThere);
          }
        }
      }
    }
    int count = 0;
    int[] chosen = new int[txns.size()];
    for (int t = 0; t < txns.size(); t++) {
      nodeOf[t] = isThere[t] ? count : NOBODY;
      if (isThere[t]) {
        chosen[count++] = t;
      }
    }
    return Arrays.copyOf(chosen, count);
  }

  private void markWriters(int step, boolean[] isThere) {
    if (txns.dataType == DataType.RW_REGISTER) {
      mark(txns.stepValue[step], isThere);
    } else if (txns.stepValue[step] != Transactions.NIL) {
      int state = txns.stepValue[step];
      while (txns.states.element(state) != ListStates.NONE && !markedStates[state]) {
        markedStates[state] = true;
        mark(txns.states.element(state), isThere);
        state = txns.states.parent(state);
      }
    }
  }

  private void mark(int version, boolean[] isThere) {
    if (writerOf[version] != NOBODY) {
      isThere[writerOf[version]] = true;
    }
  }

  /** Fills the columns. */
  private final class Columns {
    private final int n = txnOf.length;
    private final int[] readStart = new int[n + 1];
    private final Ints readKey = new Ints(txns.stepCount() / 2 + 1);
    private final Ints readFrom = new Ints(txns.stepCount() / 2 + 1);
    private final int[] writeStart = new int[n + 1];
    private final Ints writeKey = new Ints(txns.stepCount() / 2 + 1);
    private final Ints writeRank = new Ints(txns.stepCount() / 2 + 1);

    /** For each key the node that touched it last, one more; and the step at which it wrote it. */
    private final int[] touched = new int[versions.keyCount()];

    private final int[] wroteAt = new int[versions.keyCount()];
    private final int[] beginning = beginnings = new int[versions.keyCount()];
    private final int[] beginningReader = new int[versions.keyCount()];
    private final int[] otherWriter = new int[versions.keyCount()];
    private final int[] position;

    Columns() {
      position = txns.dataType == DataType.LIST_APPEND ? positions() : new int[0];
      Arrays.fill(beginning, NOBODY);
      Arrays.fill(wroteAt, NOBODY);
    }

    Footprints fill() {
      noteWriters();
      long[] written = new long[16];
      for (int node = 0; node < n; node++) {
        int t = txnOf[node];
        int writes = 0;
        for (int step = txns.from(t); step < txns.to(t); step++) {
          int key = txns.stepKey[step];
          boolean isFirst = touched[key] != node + 1;
          if (isFirst) {
            touched[key] = node + 1;
            wroteAt[key] = NOBODY;
          }
          if (txns.stepKind[step] == Transactions.READ) {
            if (txns.isOk(t) && (predicates || !txns.byPredicate.nils().get(step))) {
              addRead(node, step, isFirst);
            }
            continue;
          }
          if (wroteAt[key] == NOBODY) {
            written = writes == written.length ? Arrays.copyOf(written, 2 * writes) : written;
            written[writes++] = key;
          }
          wroteAt[key] = step;
        }
        addWrites(written, writes);
        readStart[node + 1] = readKey.size();
        writeStart[node + 1] = writeKey.size();
      }
      return make();
    }

    private void addWrites(long[] keys, int count) {
      if (count > 1) {
        Arrays.sort(keys, 0, count);
      }
      for (int i = 0; i < count; i++) {
        int key = (int) keys[i];
        int version = txns.stepValue[wroteAt[key]];
        writeKey.add(key);
        writeRank.add(rank(version));
      }
    }

    private int rank(int version) {
      if (txns.dataType == DataType.RW_REGISTER) {
        return txns.place(version) >= 0 ? txns.place(version) : Footprints.FREE;
      }
      return position[version] >= 0 ? position[version] : Footprints.LAST;
    }

    private void addRead(int node, int step, boolean isFirst) {
      int key = txns.stepKey[step];
      int version = wroteAt[key] == NOBODY ? read(step) : readBefore(node, step);
      if (version == NOBODY) {
        return;
      }
      boolean isExternal = isFirst || everyRead || isNewOfList(node, key);
      int writer = writerOf[version];
      if (!isExternal || writer == txnOf[node]) {
        return;
      }
      if (writer == NOBODY) {
        noteBeginning(key, version, txnOf[node]);
      }
      boolean sees = writer != NOBODY || versions.isInitial(version);
      looksAtOthers |=
          sees && (writer != NOBODY || (otherWriter[key] != 0 && otherWriter[key] != node + 1));
      readKey.add(key);
      readFrom.add(writer == NOBODY ? Footprints.INITIAL : nodeOf[writer]);
    }

    /**
     * A list that the transaction appended to, as it was before, if it has not been read so far.
     */
    private boolean isNewOfList(int node, int key) {
      if (txns.dataType == DataType.RW_REGISTER || wroteAt[key] == NOBODY) {
        return false;
      }
      for (int i = readStart[node]; i < readKey.size(); i++) {
        if (readKey.get(i) == key) {
          return false;
        }
      }
      return true;
    }

    /** What a read after a write of the transaction's own says of others; -1 if nothing. */
    private int readBefore(int node, int step) {
      if (txns.dataType == DataType.RW_REGISTER) {
        boolean own = txns.stepValue[step] == txns.stepValue[wroteAt[txns.stepKey[step]]];
        return everyRead && !own ? txns.stepValue[step] : NOBODY;
      }
      int state = txns.stepValue[step];
      if (state == Transactions.NIL) {
        return NOBODY;
      }
      while (txns.states.element(state) != ListStates.NONE
          && writerOf[txns.states.element(state)] == txnOf[node]) {
        state = txns.states.parent(state);
      }
      int version = txns.states.element(state);
      return version == ListStates.NONE ? versions.initial(txns.stepKey[step]) : version;
    }

    private void noteBeginning(int key, int version, int reader) {
      if (beginning[key] == NOBODY) {
        beginning[key] = version;
        beginningReader[key] = reader;
      } else if (beginning[key] != version && twoBeginnings.isEmpty()) {
        twoBeginnings =
            Optional.of(
                new TwoBeginnings(key, beginningReader[key], beginning[key], reader, version));
      }
    }

    /**
     * For each key one more than the node that writes it; -1 if there are several, or one unseen.
     */
    private void noteWriters() {
      for (int t = 0; t < txns.size(); t++) {
        for (int step = txns.from(t); step < txns.to(t); step++) {
          if (txns.type[t] != Transactions.FAIL && txns.stepKind[step] == Transactions.WRITE) {
            int key = txns.stepKey[step];
            int known = otherWriter[key];
            int own = nodeOf[t] + 1;
            otherWriter[key] = own > 0 && (known == 0 || known == own) ? own : -1;
          }
        }
      }
    }

    /** Of each append its place in the longest list that anybody read; -1 if nobody read it. */
    private int[] positions() {
      int[] places = new int[versions.count()];
      Arrays.fill(places, -1);
      for (int key = 0; key < versions.keyCount(); key++) {
        int longest = txns.states.longest(key);
        if (longest != ListStates.NONE && txns.states.depth(longest) > 0) {
          int place = 0;
          for (int version : txns.states.elements(longest)) {
            places[version] = place++;
          }
        }
      }
      return places;
    }

    private Footprints make() {
      int[] keyId = new int[versions.keyCount()];
      Arrays.setAll(keyId, key -> key);
      int[] process = new int[n];
      boolean[] acknowledged = new boolean[n];
      int[] invokedAt = new int[n];
      int[] completedAt = new int[n];
      for (int node = 0; node < n; node++) {
        int t = txnOf[node];
        process[node] = txns.process[t];
        acknowledged[node] = txns.isOk(t);
        invokedAt[node] = txns.invokedAt[t];
        completedAt[node] = acknowledged[node] ? txns.completedAt[t] : Transactions.NOWHERE;
      }
      return new Footprints(
          keyId,
          readStart,
          readKey.toArray(),
          readFrom.toArray(),
          writeStart,
          writeKey.toArray(),
          writeRank.toArray(),
          process,
          acknowledged,
          invokedAt,
          completedAt,
          new int[0]);
    }
  }
}
