package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;

/**
 * A history of at most a dozen transactions over registers, with the consistency models by their
 * definitions: every order is tried. Knows nothing of how the checker works; sets of transactions
 * are bits.
 */
final class SmallHistory {
  private static final int INITIAL = -1;
  private static final int ABORTED = -2;

  private final Transactions txns;
  private final int n;
  private final int keys;

  /** The transaction that wrote a version; {@link #INITIAL}, or {@link #ABORTED}. */
  private final int[] writerOf;

  /** Whether its writer overwrote the version itself. */
  private final boolean[] intermediate;

  /** What a transaction leaves in a key: a version, or 0 for nothing. */
  private final int[][] leaves;

  /** Transactions that write each key. */
  private final int[] writersOf;

  /** How each key began: the first value read that nobody wrote, else nil. */
  private final int[] beginning;

  /** Pending transactions. */
  private final int pending;

  private final int acknowledged;

  SmallHistory(Transactions txns) {
    this(txns, java.util.stream.IntStream.range(0, txns.size()).boxed().toList());
  }

  /**
   * Only these transactions: what one read of a transaction that is not there counts for nothing,
   * and a value that nobody wrote is how its key began.
   */
  SmallHistory(Transactions all, List<Integer> only) {
    Transactions txns = only.size() == all.size() ? all : part(all, only);
    this.txns = txns;
    n = txns.size();
    keys = txns.versions.keyCount();
    writerOf = new int[txns.versions.count()];
    Arrays.fill(writerOf, INITIAL);
    intermediate = new boolean[writerOf.length];
    leaves = new int[n][keys];
    writersOf = new int[keys];
    int maybe = 0;
    int sure = 0;
    for (int t = 0; t < n; t++) {
      boolean failed = txns.type[t] == Transactions.FAIL;
      maybe |= !failed && !txns.isOk(t) ? 1 << t : 0;
      sure |= txns.isOk(t) ? 1 << t : 0;
      for (int s = txns.from(t); s < txns.to(t); s++) {
        if (txns.stepKind[s] == Transactions.WRITE) {
          int version = txns.stepValue[s];
          writerOf[version] = failed ? ABORTED : t;
          int key = txns.stepKey[s];
          if (!failed) {
            if (leaves[t][key] != 0) {
              intermediate[leaves[t][key] - 1] = true;
            }
            leaves[t][key] = version + 1;
            writersOf[key] |= 1 << t;
          }
        }
      }
    }
    pending = maybe;
    acknowledged = sure;
    beginning = new int[keys];
    for (int key = 0; key < keys; key++) {
      beginning[key] = txns.versions.initial(key);
    }
    for (int t = 0; t < n; t++) {
      for (int s = txns.from(t); s < txns.to(t); s++) {
        int version = txns.stepValue[s];
        if (txns.isOk(t)
            && txns.stepKind[s] == Transactions.READ
            && writerOf[version] == INITIAL
            && beginning[txns.stepKey[s]] == txns.versions.initial(txns.stepKey[s])) {
          beginning[txns.stepKey[s]] = version;
        }
      }
    }
  }

  private static Transactions part(Transactions all, List<Integer> only) {
    Set<Integer> written = new HashSet<>();
    Set<Integer> writtenAtAll = new HashSet<>();
    for (int t = 0; t < all.size(); t++) {
      for (int s = all.from(t); s < all.to(t); s++) {
        if (all.stepKind[s] == Transactions.WRITE) {
          writtenAtAll.add(all.stepValue[s]);
          if (only.contains(t)) {
            written.add(all.stepValue[s]);
          }
        }
      }
    }
    List<Event<TxnCall>> events = new ArrayList<>();
    for (int t : only) {
      List<MicroOp> steps = new ArrayList<>();
      for (int s = all.from(t); s < all.to(t); s++) {
        Edn key = all.versions.key(all.stepKey[s]);
        Edn value = all.versions.value(all.stepValue[s]);
        boolean isWrite = all.stepKind[s] == Transactions.WRITE;
        if (isWrite) {
          steps.add(new MicroOp.Write(key, value));
        } else if (written.contains(all.stepValue[s]) || !writtenAtAll.contains(all.stepValue[s])) {
          steps.add(new MicroOp.ReadRegister(key, value));
        }
      }
      TxnCall call = new TxnCall(steps);
      Process process = new Process.Client(all.process[t]);
      if (all.invokedAt[t] >= 0) {
        events.add(new Event.Invoke<>(all.invokedAt[t], -1, process, call, Details.NONE));
      }
      if (all.isOk(t)) {
        events.add(new Event.Ok<>(all.completedAt[t], -1, process, call, Details.NONE));
      }
    }
    events.sort(Comparator.comparingLong(Event::index));
    TransactionsBuilder builder = new TransactionsBuilder(DataType.RW_REGISTER);
    events.forEach(builder::addTyped);
    return builder.build();
  }

  /** Some choice of pending transactions that happened for which it holds. */
  private boolean forSome(IntPredicate holds) {
    for (int some = pending; ; some = (some - 1) & pending) {
      if (holds.test(acknowledged | some)) {
        return true;
      }
      if (some == 0) {
        return false;
      }
    }
  }

  private boolean isPrecededInProcess(int before, int t) {
    return txns.isOk(before) && before < t && txns.process[before] == txns.process[t];
  }

  private boolean isPrecededInTime(int before, int t) {
    return txns.isOk(before)
        && txns.invokedAt[t] >= 0
        && txns.completedAt[before] < txns.invokedAt[t];
  }

  private boolean isPreceded(Certificate.Outside outside, int before, int t) {
    return switch (outside) {
      case NONE -> false;
      case PROCESS -> isPrecededInProcess(before, t);
      case REALTIME -> isPrecededInTime(before, t);
    };
  }

  private int before(Certificate.Outside outside, int t, int present) {
    int mask = 0;
    for (int other = 0; other < n; other++) {
      if (other != t && (present & 1 << other) != 0 && isPreceded(outside, other, t)) {
        mask |= 1 << other;
      }
    }
    return mask;
  }

  // Serial orders and snapshots: run the steps.

  boolean isSerializable(Certificate.Outside outside) {
    return forSome(present -> serial(outside, present, 0, new int[keys]));
  }

  private boolean serial(Certificate.Outside outside, int present, int done, int[] store) {
    if (done == present) {
      return true;
    }
    for (int t = 0; t < n; t++) {
      if ((present & ~done & 1 << t) != 0
          && (before(outside, t, present) & ~done) == 0
          && reads(t, store)) {
        int[] next = store.clone();
        write(t, next);
        if (serial(outside, present, done | 1 << t, next)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a transaction that sees this store reads what it did. */
  private boolean reads(int t, int[] store) {
    if (!txns.isOk(t)) {
      return true;
    }
    int[] own = store.clone();
    for (int s = txns.from(t); s < txns.to(t); s++) {
      int key = txns.stepKey[s];
      if (txns.stepKind[s] == Transactions.WRITE) {
        own[key] = txns.stepValue[s] + 1;
      } else {
        int seen = own[key] == 0 ? beginning[key] : own[key] - 1;
        if (seen != txns.stepValue[s]) {
          return false;
        }
      }
    }
    return true;
  }

  private void write(int t, int[] store) {
    for (int key = 0; key < keys; key++) {
      store[key] = leaves[t][key] != 0 ? leaves[t][key] : store[key];
    }
  }

  boolean isSnapshot(Certificate.Outside outside, boolean conflictsForbidden) {
    return forSome(present -> snapshot(outside, conflictsForbidden, present, 0, 0, new int[keys]));
  }

  private boolean snapshot(
      Certificate.Outside outside,
      boolean noConflicts,
      int present,
      int started,
      int done,
      int[] store) {
    if (done == present) {
      return true;
    }
    for (int t = 0; t < n; t++) {
      int bit = 1 << t;
      if ((present & ~started & bit) != 0
          && (before(outside, t, present) & ~done) == 0
          && (!noConflicts || !conflicts(t, started & ~done))
          && reads(t, store)
          && snapshot(outside, noConflicts, present, started | bit, done, store)) {
        return true;
      }
      if ((started & ~done & bit) != 0) {
        int[] next = store.clone();
        write(t, next);
        if (snapshot(outside, noConflicts, present, started, done | bit, next)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean conflicts(int t, int open) {
    for (int key = 0; key < keys; key++) {
      if (leaves[t][key] != 0 && (writersOf[key] & open & ~(1 << t)) != 0) {
        return true;
      }
    }
    return false;
  }

  // Weaker models: an order of commits, and what a reader must see.

  /** Reads, each of another's write, with the step at which it stands; own writes aside. */
  private boolean isSound(int present, boolean agreesWithItself) {
    for (int t = 0; t < n; t++) {
      int[] own = new int[keys];
      int[] seen = new int[keys];
      for (int s = txns.from(t); txns.isOk(t) && s < txns.to(t); s++) {
        int key = txns.stepKey[s];
        int version = txns.stepValue[s];
        if (txns.stepKind[s] == Transactions.WRITE) {
          own[key] = version + 1;
          continue;
        }
        boolean isInitial = version == txns.versions.initial(key);
        int writer = isInitial ? INITIAL : writerOf[version];
        boolean isOwn = own[key] == version + 1;
        if (!isOwn && (writer == ABORTED || (writer == INITIAL && !isInitial))) {
          return false;
        }
        if (!isOwn && writer >= 0) {
          boolean future = writer == t && !wroteBefore(t, s);
          boolean unfinished = writer != t && intermediate[version];
          if (future || unfinished || (present & 1 << writer) == 0) {
            return false;
          }
        }
        if (agreesWithItself) {
          int expected = own[key] != 0 ? own[key] : seen[key];
          if (expected != 0 && expected != version + 1) {
            return false;
          }
          seen[key] = version + 1;
        }
      }
    }
    return true;
  }

  /** Whether the transaction wrote the value before the step at which it reads it. */
  private boolean wroteBefore(int t, int read) {
    for (int s = txns.from(t); s < read; s++) {
      if (txns.stepKind[s] == Transactions.WRITE && txns.stepValue[s] == txns.stepValue[read]) {
        return true;
      }
    }
    return false;
  }

  /** Whom it reads from, by its first so many steps. */
  private int sources(int t, int steps) {
    int mask = 0;
    for (int s = txns.from(t); txns.isOk(t) && s < txns.from(t) + steps; s++) {
      if (txns.stepKind[s] == Transactions.READ) {
        int version = txns.stepValue[s];
        boolean isInitial = version == txns.versions.initial(txns.stepKey[s]);
        int writer = isInitial ? INITIAL : writerOf[version];
        mask |= writer >= 0 && writer != t ? 1 << writer : 0;
      }
    }
    return mask;
  }

  private int length(int t) {
    return txns.to(t) - txns.from(t);
  }

  /** Whether some order of commits is allowed by the form, with or without processes. */
  boolean isOrdered(Certificate.Form form, Certificate.Outside outside) {
    return forSome(
        present -> {
          boolean strict = form.compareTo(Certificate.Form.READ_ATOMIC) <= 0;
          if (!isSound(present, strict)) {
            return false;
          }
          int[] must = new int[n];
          for (int t = 0; t < n; t++) {
            must[t] = (sources(t, length(t)) | before(outside, t, present)) & present;
          }
          return commits(form, present, must, visible(form, must), 0);
        });
  }

  /** For each transaction whom it must see in all its reads. */
  private int[] visible(Certificate.Form form, int[] must) {
    int[] visible = new int[n];
    for (int t = 0; t < n; t++) {
      visible[t] =
          switch (form) {
            case READ_ATOMIC -> sources(t, length(t));
            case CAUSAL -> must[t];
            default -> 0;
          };
    }
    for (int round = 0; form == Certificate.Form.CAUSAL && round < n; round++) {
      for (int t = 0; t < n; t++) {
        for (int other = 0; other < n; other++) {
          visible[t] |= (visible[t] & 1 << other) != 0 ? visible[other] : 0;
        }
      }
    }
    return visible;
  }

  private boolean commits(Certificate.Form form, int present, int[] must, int[] visible, int done) {
    if (done == present) {
      return true;
    }
    for (int t = 0; t < n; t++) {
      if ((present & ~done & 1 << t) != 0
          && (must[t] & ~done) == 0
          && mayCommit(form, present, visible, t, done)
          && commits(form, present, must, visible, done | 1 << t)) {
        return true;
      }
    }
    return false;
  }

  /** Whether nobody who must see it has an earlier write of a key that it writes. */
  private boolean mayCommit(Certificate.Form form, int present, int[] visible, int t, int done) {
    for (int reader = 0; reader < n; reader++) {
      if (reader == t || (present & 1 << reader) == 0 || !txns.isOk(reader)) {
        continue;
      }
      int[] own = new int[keys];
      for (int s = txns.from(reader); s < txns.to(reader); s++) {
        int key = txns.stepKey[s];
        int version = txns.stepValue[s];
        if (txns.stepKind[s] == Transactions.WRITE) {
          own[key] = version + 1;
          continue;
        }
        if (own[key] == version + 1 || leaves[t][key] == 0) {
          continue;
        }
        int sees =
            form == Certificate.Form.MONOTONIC_ATOMIC_VIEW
                ? sources(reader, s - txns.from(reader))
                : visible[reader];
        boolean isInitial = version == txns.versions.initial(key);
        int writer = isInitial ? INITIAL : writerOf[version];
        boolean isLater = writer == INITIAL || (done & 1 << writer) != 0;
        if (writer != t && writer != reader && (sees & 1 << t) != 0 && isLater) {
          return false;
        }
      }
    }
    return true;
  }

  // Whether one given order is right: for certificates with one element changed.

  /** Whether the certificate shows what it says, by running it. */
  boolean isRight(Certificate certificate) {
    int[] moments = certificate.moments();
    int[] starts = new int[n];
    int[] commits = new int[n];
    Arrays.fill(starts, -1);
    Arrays.fill(commits, -1);
    boolean twoMoments = certificate.form().compareTo(Certificate.Form.PREFIX) <= 0;
    int present = 0;
    for (int place = 0; place < moments.length; place++) {
      int t = moments[place] >> 1;
      if (t < 0 || t >= n || txns.type[t] == Transactions.FAIL) {
        return false;
      }
      int[] at = (moments[place] & 1) == 0 ? starts : commits;
      if (at[t] >= 0) {
        return false;
      }
      at[t] = place;
      present |= 1 << t;
    }
    if ((present & acknowledged) != acknowledged) {
      return false;
    }
    for (int t = 0; t < n; t++) {
      if ((present & 1 << t) == 0) {
        continue;
      }
      boolean complete = commits[t] >= 0 && (starts[t] >= 0) == twoMoments;
      if (!complete || (twoMoments && starts[t] > commits[t])) {
        return false;
      }
      if (certificate.form() == Certificate.Form.SERIAL && starts[t] + 1 != commits[t]) {
        return false;
      }
      int earlier = before(certificate.outside(), t, present);
      for (int other = 0; other < n; other++) {
        int begin = twoMoments ? starts[t] : commits[t];
        if ((earlier & 1 << other) != 0 && commits[other] > begin) {
          return false;
        }
      }
    }
    return twoMoments ? runs(certificate) : isAllowed(certificate, present);
  }

  private boolean runs(Certificate certificate) {
    int[] store = new int[keys];
    int open = 0;
    for (int moment : certificate.moments()) {
      int t = moment >> 1;
      if ((moment & 1) == 0) {
        boolean conflicts = certificate.form() == Certificate.Form.SNAPSHOT && conflicts(t, open);
        if (conflicts || !reads(t, store)) {
          return false;
        }
        open |= 1 << t;
      } else {
        open &= ~(1 << t);
        write(t, store);
      }
    }
    return true;
  }

  private boolean isAllowed(Certificate certificate, int present) {
    Certificate.Form form = certificate.form();
    if (!isSound(present, form.compareTo(Certificate.Form.READ_ATOMIC) <= 0)) {
      return false;
    }
    int[] must = new int[n];
    for (int t = 0; t < n; t++) {
      must[t] = (sources(t, length(t)) | before(certificate.outside(), t, present)) & present;
    }
    int[] visible = visible(form, must);
    int done = 0;
    for (int t : certificate.commits()) {
      if ((must[t] & ~done) != 0 || !mayCommit(form, present, visible, t, done)) {
        return false;
      }
      done |= 1 << t;
    }
    return true;
  }
}
