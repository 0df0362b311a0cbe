package phaistos.server.xact;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.formats.record.StandbyBody;
import phaistos.server.clog.Subtrans;

/**
 * On a standby, the running transactions: replay has seen their ids but not their ends
 * (KnownAssignedXids). Used under the lock of {@link ProcArray}.
 */
final class KnownAssignedXids {
  private final TreeSet<FullXid> xids = new TreeSet<>();
  private boolean complete = true;

  /**
   * Until the oldest running transaction is later than this one, snapshots cannot be taken: the
   * subtransactions of a RUNNING_XACTS record that has overflowed are not known
   * (standbySnapshotPendingXmin). Zero if there was none.
   */
  private FullXid pending = new FullXid(0);

  /** Subtransactions up to this one may be missing here; pg_subtrans has them. */
  private FullXid lastOverflowed = new FullXid(0);

  /**
   * @param usable whether nothing else can be running
   */
  void begin(boolean usable) {
    xids.clear();
    complete = usable;
    pending = new FullXid(0);
    lastOverflowed = new FullXid(0);
  }

  /** Nothing runs. */
  void clear() {
    begin(true);
  }

  /** Whether snapshots can be taken: a RUNNING_XACTS record was replayed. */
  boolean isComplete() {
    return complete;
  }

  boolean contains(FullXid xid) {
    return xids.contains(xid);
  }

  /** All ids from {@code next} to {@code seen} were assigned; returns the id after them. */
  FullXid seen(FullXid next, FullXid seen) {
    FullXid behind = next;
    while (behind.compareTo(seen) <= 0) {
      xids.add(behind);
      behind = behind.next();
    }
    return behind;
  }

  void ended(FullXid xid) {
    xids.remove(xid);
  }

  /** The subtransactions of an ASSIGNMENT record are known to pg_subtrans from now on. */
  void assigned(List<FullXid> subxids) {
    for (FullXid xid : subxids) {
      xids.remove(xid);
      lastOverflowed = xid.compareTo(lastOverflowed) > 0 ? xid : lastOverflowed;
    }
  }

  boolean mayMiss(FullXid xid) {
    return xid.compareTo(lastOverflowed) <= 0;
  }

  /**
   * A RUNNING_XACTS record: transactions that it does not list have ended
   * (ProcArrayApplyRecoveryInfo).
   *
   * @param ended whether the commit log knows the end of a transaction, whose record may precede
   *     this one although it is listed
   */
  void apply(StandbyBody.RunningXacts record, FullXid next, Predicate<Xid> ended) {
    TreeSet<FullXid> listed = new TreeSet<>();
    record.xids().forEach(xid -> listed.add(next.near(xid)));
    record.subxids().forEach(xid -> listed.add(next.near(xid)));
    FullXid oldest = next.near(record.oldestRunningXid());
    if (complete) {
      xids.removeIf(xid -> xid.compareTo(oldest) < 0 && !listed.contains(xid));
      if (lastOverflowed.compareTo(oldest) < 0) {
        lastOverflowed = new FullXid(0);
      }
      return;
    }
    boolean whole = !record.overflow() || record.xids().isEmpty();
    if (pending.value() != 0 && !whole) {
      complete = pending.compareTo(oldest) < 0;
      return;
    }
    FullXid nextXid = next.near(record.nextXid());
    xids.removeIf(xid -> xid.compareTo(nextXid) < 0);
    listed.removeIf(xid -> ended.test(xid.xid()));
    xids.addAll(listed);
    complete = whole;
    if (!whole) {
      pending = new FullXid(nextXid.value() - 1);
      lastOverflowed = pending;
    }
  }

  List<Xid> all() {
    return xids.stream().map(FullXid::xid).toList();
  }

  /** The oldest of them, if there are any. */
  Optional<Xid> oldest() {
    return xids.isEmpty() ? Optional.empty() : Optional.of(xids.first().xid());
  }

  Snapshot snapshot(Xid xmax, Subtrans subtrans) {
    int[] ids = new int[xids.size()];
    int count = 0;
    Xid xmin = xmax;
    for (FullXid xid : xids) {
      if (xid.xid().precedes(xmax)) {
        xmin = count == 0 ? xid.xid() : xmin;
        ids[count++] = xid.xid().value();
      }
    }
    ids = Arrays.copyOf(ids, count);
    Arrays.sort(ids);
    boolean overflowed = xmin.precedesOrEquals(lastOverflowed.xid());
    return new Snapshot(xmin, xmax, ids, overflowed ? Optional.of(subtrans) : Optional.empty());
  }
}
