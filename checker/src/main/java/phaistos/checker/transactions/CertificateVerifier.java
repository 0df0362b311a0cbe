package phaistos.checker.transactions;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Verifies a certificate by the definition of its form: serial orders and snapshots by running
 * every step on a store, weaker forms by looking for a write that a reader should have seen. Knows
 * nothing of how an order is found. Not thread-safe.
 */
public final class CertificateVerifier {
  private static final int NEVER = -1;

  private final Transactions txns;
  private final Certificate certificate;
  private final Patience patience;

  /**
   * Where in the certificate each transaction starts and commits; {@link #NEVER} if it does not.
   */
  private final int[] startsAt;

  private final int[] commitsAt;

  /** Why a certificate shows nothing. */
  static final class Wrong extends Exception {
    private static final long serialVersionUID = 1;

    Wrong(String what) {
      super(what, null, false, false);
    }
  }

  private CertificateVerifier(Transactions txns, Certificate certificate, Patience patience) {
    this.txns = txns;
    this.certificate = certificate;
    this.patience = patience;
    startsAt = new int[txns.size()];
    commitsAt = new int[txns.size()];
    Arrays.fill(startsAt, NEVER);
    Arrays.fill(commitsAt, NEVER);
  }

  /** What is wrong with it; nothing if it shows what it says. */
  public static Optional<String> verify(Transactions txns, Certificate certificate) {
    return verify(txns, certificate, new Patience(phaistos.checker.CheckContext.UNLIMITED));
  }

  static Optional<String> verify(Transactions txns, Certificate certificate, Patience patience) {
    try {
      new CertificateVerifier(txns, certificate, patience).verify();
      return Optional.empty();
    } catch (Wrong wrong) {
      return Optional.of(wrong.getMessage());
    }
  }

  private boolean hasStarts() {
    return certificate.form().compareTo(Certificate.Form.PREFIX) <= 0;
  }

  private void verify() throws Wrong {
    findMoments();
    checkOutside();
    switch (certificate.form()) {
      case SERIAL, SERIAL_ITEMS, SNAPSHOT, PREFIX -> new Store().run();
      case READ_COMMITTED, MONOTONIC_ATOMIC_VIEW, READ_ATOMIC, CAUSAL ->
          new VisibleReads(txns, certificate, commitsAt, patience).check();
    }
  }

  private void findMoments() throws Wrong {
    int[] moments = certificate.moments();
    for (int place = 0; place < moments.length; place++) {
      int t = moments[place] >> 1;
      if (t < 0 || t >= txns.size() || txns.type[t] == Transactions.FAIL) {
        throw new Wrong("at " + place + " stands no transaction that may have happened: " + t);
      }
      boolean isCommit = (moments[place] & 1) == 1;
      int[] at = isCommit ? commitsAt : startsAt;
      if (at[t] != NEVER || (!isCommit && !hasStarts())) {
        throw new Wrong("a moment too many: " + txns.print(t));
      }
      at[t] = place;
    }
    for (int t = 0; t < txns.size(); t++) {
      if (txns.isOk(t) && commitsAt[t] == NEVER) {
        throw new Wrong("never commits: " + txns.print(t));
      }
      if (hasStarts() && (startsAt[t] == NEVER) != (commitsAt[t] == NEVER)) {
        throw new Wrong("starts without committing, or the other way: " + txns.print(t));
      }
      if (hasStarts() && startsAt[t] > commitsAt[t]) {
        throw new Wrong("commits before it starts: " + txns.print(t));
      }
      boolean atOnce = certificate.form().compareTo(Certificate.Form.SERIAL_ITEMS) <= 0;
      if (atOnce && startsAt[t] != NEVER) {
        if (commitsAt[t] != startsAt[t] + 1) {
          throw new Wrong("does not take place at one moment: " + txns.print(t));
        }
      }
    }
  }

  /** Where a transaction must stand after what precedes it. */
  private int begin(int t) {
    return hasStarts() ? startsAt[t] : commitsAt[t];
  }

  private void checkOutside() throws Wrong {
    switch (certificate.outside()) {
      case NONE -> {}
      case PROCESS -> checkProcesses();
      case REALTIME -> checkRealtime();
    }
  }

  private void checkProcesses() throws Wrong {
    Map<Integer, Integer> lastOf = new HashMap<>();
    for (int t = 0; t < txns.size(); t++) {
      if (commitsAt[t] == NEVER) {
        continue;
      }
      Integer before = lastOf.get(txns.process[t]);
      if (before != null && begin(t) < commitsAt[before]) {
        throw new Wrong("its process ran another before it: " + txns.print(t));
      }
      if (txns.isOk(t)) {
        lastOf.put(txns.process[t], t);
      }
    }
  }

  /** Nobody starts before one commits that completed before it was invoked. */
  private void checkRealtime() throws Wrong {
    int places = 0;
    for (int t = 0; t < txns.size(); t++) {
      places = Math.max(places, Math.max(txns.invokedAt[t], txns.completedAt[t]) + 1);
    }
    int[] invoked = new int[places];
    int[] completed = new int[places];
    for (int t = 0; t < txns.size(); t++) {
      if (commitsAt[t] != NEVER && txns.invokedAt[t] >= 0) {
        invoked[txns.invokedAt[t]] = t + 1;
      }
      if (txns.isOk(t)) {
        completed[txns.completedAt[t]] = t + 1;
      }
    }
    int latest = NEVER;
    for (int place = 0; place < places; place++) {
      if (completed[place] > 0) {
        latest = Math.max(latest, commitsAt[completed[place] - 1]);
      }
      if (invoked[place] > 0 && begin(invoked[place] - 1) < latest) {
        throw new Wrong(
            "another completed before it was invoked: " + txns.print(invoked[place] - 1));
      }
    }
  }

  /** The versions that all keys have; of lists with all that was appended before. */
  private final class Store {
    private final boolean lists = txns.dataType == DataType.LIST_APPEND;
    private final int[] value = new int[txns.versions.keyCount()];
    private final int[] length = new int[txns.versions.keyCount()];
    private final int[] lastPlace = new int[txns.versions.keyCount()];
    private final int[] writtenAt = new int[txns.versions.keyCount()];

    /** Of each append what it came after, and as how many-th. */
    private final int[] before = new int[txns.versions.count()];

    private final int[] depth = new int[txns.versions.count()];

    /** Of each key a value that nobody wrote, with which the register began. */
    private final int[] began = new int[txns.versions.keyCount()];

    private final Writers writers = new Writers(txns);
    private final Map<Integer, List<Predicates.Open>> openOf =
        txns.byPredicate.open().stream()
            .collect(java.util.stream.Collectors.groupingBy(Predicates.Open::transaction));

    private final int[] own = new int[txns.versions.keyCount()];
    private final int[] ownBy = new int[txns.versions.keyCount()];

    void run() throws Wrong {
      for (int key = 0; key < value.length; key++) {
        value[key] = txns.versions.initial(key);
        began[key] = NEVER;
        ownBy[key] = NEVER;
        writtenAt[key] = NEVER;
      }
      int[] moments = certificate.moments();
      for (int place = 0; place < moments.length; place++) {
        patience.tick();
        int t = moments[place] >> 1;
        if ((moments[place] & 1) == 0) {
          start(t);
        } else {
          commit(t, place);
        }
      }
    }

    private boolean counts(int step) {
      return certificate.form() != Certificate.Form.SERIAL_ITEMS
          || !txns.byPredicate.nils().get(step);
    }

    /** Of the keys of which it saw no row by predicate none may match. */
    private void checkPredicates(int t) throws Wrong {
      for (Predicates.Open open : openOf.getOrDefault(t, List.of())) {
        boolean writes = false;
        for (int step = txns.from(t); step < txns.to(t); step++) {
          writes |= txns.stepKind[step] == Transactions.WRITE && txns.stepKey[step] == open.key();
        }
        if (writes
            || Predicates.matches(open.predicate(), txns.versions.value(value[open.key()]))) {
          throw new Wrong(
              "a read by predicate did not see key %s: %s"
                  .formatted(txns.keyName(open.key()), txns.print(t)));
        }
      }
    }

    /** All that it reads must be as it stands now, or as it wrote itself. */
    private void start(int t) throws Wrong {
      if (certificate.form() != Certificate.Form.SERIAL_ITEMS) {
        checkPredicates(t);
      }
      for (int step = txns.from(t); step < txns.to(t); step++) {
        int key = txns.stepKey[step];
        if (txns.stepKind[step] == Transactions.WRITE) {
          ownBy[key] = t;
          own[key] = step;
        } else if (txns.isOk(t) && counts(step) && !isRight(t, step)) {
          throw new Wrong(
              "step %s does not read what it should: %s"
                  .formatted(phaistos.histories.EdnWriter.print(txns.step(step)), txns.print(t)));
        }
      }
    }

    private boolean isRight(int t, int step) {
      int key = txns.stepKey[step];
      if (lists) {
        return isRightList(t, step);
      }
      int read = txns.stepValue[step];
      if (ownBy[key] == t) {
        return read == txns.stepValue[own[key]];
      }
      if (value[key] != txns.versions.initial(key)) {
        return read == value[key];
      }
      // A register may begin with what nobody wrote, but with one value only.
      boolean first = began[key] == NEVER;
      began[key] = first ? read : began[key];
      return read == began[key] && (read == value[key] || writers.isGarbage(read));
    }

    private boolean isRightList(int t, int step) {
      int key = txns.stepKey[step];
      int state = txns.stepValue[step] == Transactions.NIL ? NEVER : txns.stepValue[step];
      for (int i = step - 1; i >= txns.from(t) && ownBy[key] == t; i--) {
        if (txns.stepKey[i] == key && txns.stepKind[i] == Transactions.WRITE) {
          if (state == NEVER || txns.states.element(state) != txns.stepValue[i]) {
            return false;
          }
          state = txns.states.parent(state);
        }
      }
      int seen = state == NEVER ? 0 : txns.states.depth(state);
      if (seen != length[key]) {
        return false;
      }
      // Lists read before share their states with this one, so that most of it is known by now.
      for (int version = value[key]; seen > 0; seen--) {
        if (txns.states.element(state) != version) {
          return false;
        }
        if (known(state) == version) {
          return true;
        }
        know(state, version);
        state = txns.states.parent(state);
        version = before[version];
      }
      return true;
    }

    private final int[] verified = new int[txns.states.count()];

    private int known(int state) {
      return verified[state] - 1;
    }

    private void know(int state, int version) {
      verified[state] = version + 1;
    }

    private void commit(int t, int place) throws Wrong {
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (txns.stepKind[step] == Transactions.WRITE) {
          int key = txns.stepKey[step];
          boolean overlaps = writtenAt[key] > startsAt[t] && writtenAt[key] < place;
          if (overlaps && certificate.form() == Certificate.Form.SNAPSHOT) {
            throw new Wrong("another wrote its key since it started: " + txns.print(t));
          }
          int placed = txns.place(txns.stepValue[step]);
          if (placed >= 0 && placed < lastPlace[key]) {
            throw new Wrong("a version is out of the order that is known: " + txns.print(t));
          }
          lastPlace[key] = Math.max(lastPlace[key], placed);
          before[txns.stepValue[step]] = value[key];
          value[key] = txns.stepValue[step];
          length[key]++;
        }
      }
      for (int step = txns.from(t); step < txns.to(t); step++) {
        if (txns.stepKind[step] == Transactions.WRITE) {
          writtenAt[txns.stepKey[step]] = place;
        }
      }
    }
  }
}
