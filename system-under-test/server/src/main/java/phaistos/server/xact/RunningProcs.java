package phaistos.server.xact;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.formats.Xid;
import phaistos.formats.record.StandbyBody;
import phaistos.server.clog.Subtrans;

/** The sessions whose transactions have ids. Used under the lock of {@link ProcArray}. */
final class RunningProcs {
  private final List<Proc> procs = new ArrayList<>();

  void add(Proc proc) {
    procs.add(proc);
  }

  void remove(Proc proc) {
    procs.remove(proc);
  }

  /** How many others do not wait for a lock. */
  int active(Proc self) {
    int active = 0;
    for (Proc proc : procs) {
      active += proc == self || proc.waitingFor.isValid() ? 0 : 1;
    }
    return active;
  }

  /** GetSnapshotData. */
  Snapshot snapshot(Xid xmax, Subtrans subtrans) {
    Xid xmin = xmax;
    int[] ids = new int[8];
    int count = 0;
    boolean overflowed = false;
    for (Proc proc : procs) {
      if (!proc.xid.precedes(xmax)) {
        continue;
      }
      xmin = proc.xid.precedes(xmin) ? proc.xid : xmin;
      if (ids.length < count + 1 + proc.subxids.size()) {
        ids = Arrays.copyOf(ids, 2 * (count + 1 + proc.subxids.size()));
      }
      overflowed |= proc.overflowed;
      ids[count++] = proc.xid.value();
      for (Xid sub : proc.subxids) {
        ids[count++] = sub.value();
      }
    }
    ids = Arrays.copyOf(ids, count);
    Arrays.sort(ids);
    return new Snapshot(xmin, xmax, ids, overflowed ? Optional.of(subtrans) : Optional.empty());
  }

  /**
   * Whether a transaction or subtransaction is listed.
   *
   * @param overflowed gets the transactions that may have it as a subtransaction all the same
   */
  boolean lists(Xid xid, List<Xid> overflowed) {
    for (Proc proc : procs) {
      if (proc.xid.equals(xid) || proc.subxids.contains(xid)) {
        return true;
      }
      if (proc.overflowed && proc.xid.precedes(xid)) {
        overflowed.add(proc.xid);
      }
    }
    return false;
  }

  /** The oldest of their ids and {@code other}. */
  Xid oldest(Xid other) {
    Xid oldest = other;
    for (Proc proc : procs) {
      oldest = proc.xid.precedes(oldest) ? proc.xid : oldest;
    }
    return oldest;
  }

  /** The sessions between their commit record and its bits in the commit log. */
  List<Proc> delayingCheckpoint() {
    return procs.stream().filter(Proc::delaysCheckpoint).toList();
  }

  /** The record that lets a standby take snapshots (GetRunningTransactionData). */
  StandbyBody.RunningXacts record(Xid next, Xid oldest, Xid latestCompleted) {
    List<Xid> xids = new ArrayList<>();
    List<Xid> subxids = new ArrayList<>();
    boolean overflowed = false;
    for (Proc proc : procs) {
      xids.add(proc.xid);
      subxids.addAll(proc.subxids);
      overflowed |= proc.overflowed;
    }
    return StandbyBody.RunningXacts.of(
        xids, overflowed ? List.of() : subxids, overflowed, next, oldest, latestCompleted);
  }
}
