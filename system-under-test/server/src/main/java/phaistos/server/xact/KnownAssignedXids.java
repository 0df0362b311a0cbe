package phaistos.server.xact;

import java.util.Arrays;
import java.util.TreeSet;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.formats.record.StandbyBody;

/**
 * On a standby, the running transactions: replay has seen their ids but not their ends
 * (KnownAssignedXids). Used under the lock of {@link ProcArray}.
 */
final class KnownAssignedXids {
  private final TreeSet<FullXid> xids = new TreeSet<>();
  private boolean complete = true;

  /**
   * @param usable whether nothing else can be running
   */
  void begin(boolean usable) {
    xids.clear();
    complete = usable;
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

  /** A RUNNING_XACTS record: transactions that it does not list have ended. */
  void apply(StandbyBody.RunningXacts record, FullXid next) {
    FullXid nextXid = next.near(record.nextXid());
    TreeSet<FullXid> listed = new TreeSet<>();
    record.xids().forEach(xid -> listed.add(next.near(xid)));
    record.subxids().forEach(xid -> listed.add(next.near(xid)));
    FullXid oldest = next.near(record.oldestRunningXid());
    if (complete) {
      xids.removeIf(xid -> xid.compareTo(oldest) < 0 && !listed.contains(xid));
    } else if (!record.overflow()) {
      // transactions seen before this record and not listed in it have ended
      xids.removeIf(xid -> xid.compareTo(nextXid) < 0);
      xids.addAll(listed);
      complete = true;
    }
  }

  Snapshot snapshot(Xid xmax) {
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
    return new Snapshot(xmin, xmax, ids);
  }
}
