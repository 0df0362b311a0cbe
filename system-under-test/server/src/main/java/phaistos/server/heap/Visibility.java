package phaistos.server.heap;

import java.util.Optional;
import phaistos.formats.Xid;
import phaistos.formats.heap.TupleHeader;
import phaistos.server.clog.Clog;
import phaistos.server.multixact.LockMode;
import phaistos.server.multixact.MultiXact;
import phaistos.server.state.ServerState;
import phaistos.server.steps.HintBit;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.storage.Buffer;
import phaistos.server.wal.Wal;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.Snapshot;
import phaistos.server.xact.Transaction;

/**
 * Which row versions a snapshot sees (heapam_visibility.c). The process array is read before the
 * commit log: a transaction with committed bits is still in progress for others until it has left
 * the array. Hint bits are set on the way, for a commit only once its record is flushed.
 *
 * <p>Callers hold the page's lock. Thread-safe.
 */
public final class Visibility {
  private final ProcArray procArray;
  private final RowLocking locking;
  private final Clog clog;
  private final Wal wal;
  private final ServerState state;
  private final Steps steps;

  public Visibility(
      ProcArray procArray,
      MultiXact multiXact,
      Clog clog,
      Wal wal,
      ServerState state,
      Steps steps) {
    this.locking = new RowLocking(procArray, multiXact);
    this.state = state;
    this.steps = steps;
    this.procArray = procArray;
    this.clog = clog;
    this.wal = wal;
  }

  /** What prevents a change to a version. */
  sealed interface Change {
    record Allowed() implements Change {}

    /** Changed before by this very transaction. */
    record BySelf() implements Change {}

    record InProgress(Xid xid) implements Change {}

    record Updated(Tid next) implements Change {}

    record Deleted() implements Change {}
  }

  /** Whether the snapshot sees this version. */
  boolean isVisible(Buffer buffer, Tid tid, Snapshot snapshot, Transaction own) {
    TupleHeader header = buffer.heapPage().header(tid.offset());
    if (header.has(TupleHeader.XMIN_COMMITTED)) {
      if (!header.isFrozen()
          && snapshot.isRunning(header.xmin())
          && !own.isCurrent(header.xmin())) {
        return false;
      }
      if (own.isCurrent(header.xmin())) {
        return isOwnVisible(header, own);
      }
    } else if (header.has(TupleHeader.XMIN_INVALID)) {
      return false;
    } else if (own.isCurrent(header.xmin())) {
      return isOwnVisible(header, own);
    } else if (snapshot.isRunning(header.xmin())) {
      return false;
    } else if (committed(header.xmin())) {
      hint(buffer, tid, header.xmin(), TupleHeader.XMIN_COMMITTED);
    } else {
      hint(buffer, tid, Xid.INVALID, TupleHeader.XMIN_INVALID);
      return false;
    }
    return !isDeleted(buffer, tid, header, snapshot, own)
        && steps.answer(StorageSteps.ROW_SHOWN, header.xmin(), () -> true);
  }

  private static boolean isOwnVisible(TupleHeader header, Transaction own) {
    if (insertingCommand(header, own) >= Integer.toUnsignedLong(own.command())) {
      return false;
    }
    if (header.has(TupleHeader.XMAX_INVALID)
        || header.has(TupleHeader.XMAX_LOCK_ONLY)
        || !own.isCurrent(header.xmax())) {
      return true;
    }
    return deletingCommand(header, own) >= Integer.toUnsignedLong(own.command());
  }

  private boolean isDeleted(
      Buffer buffer, Tid tid, TupleHeader header, Snapshot snapshot, Transaction own) {
    if (header.has(TupleHeader.XMAX_INVALID) || header.has(TupleHeader.XMAX_LOCK_ONLY)) {
      return false;
    }
    if (own.isCurrent(header.xmax())) {
      return deletingCommand(header, own) < Integer.toUnsignedLong(own.command());
    }
    if (snapshot.isRunning(header.xmax())) {
      return false;
    }
    if (header.has(TupleHeader.XMAX_COMMITTED)) {
      return true;
    }
    if (committed(header.xmax())) {
      hint(buffer, tid, header.xmax(), TupleHeader.XMAX_COMMITTED);
      return true;
    }
    hint(buffer, tid, Xid.INVALID, TupleHeader.XMAX_INVALID);
    return false;
  }

  private static long insertingCommand(TupleHeader header, Transaction own) {
    int command =
        header.has(TupleHeader.COMBOCID)
            ? own.insertingCommand(header.command())
            : header.command();
    return Integer.toUnsignedLong(command);
  }

  private static long deletingCommand(TupleHeader header, Transaction own) {
    int command =
        header.has(TupleHeader.COMBOCID) ? own.deletingCommand(header.command()) : header.command();
    return Integer.toUnsignedLong(command);
  }

  private boolean committed(Xid xid) {
    return procArray.didCommit(xid);
  }

  /** Sets a hint bit, unless it is for a commit ({@code of}) whose record is not flushed yet. */
  private void hint(Buffer buffer, Tid tid, Xid of, int bit) {
    if (steps.answer(StorageSteps.HINT_BIT_ALLOWED, of, () -> isCommitDurable(of))) {
      HintBit hint = new HintBit(of, buffer.pageLsn());
      steps.step(StorageSteps.HINT_BIT_SET, hint, () -> setHint(buffer, tid, bit));
    }
  }

  /** Also for what has aborted, and in recovery, where all WAL that is replayed is durable. */
  private boolean isCommitDurable(Xid committed) {
    return !committed.isNormal()
        || state.isInRecovery()
        || clog.groupLsn(committed).compareTo(wal.flushedLsn()) <= 0;
  }

  private static void setHint(Buffer buffer, Tid tid, int bit) {
    TupleHeader header = buffer.heapPage().header(tid.offset());
    buffer.heapPage().setHeader(tid.offset(), header.withInfomask(header.infomask() | bit));
    buffer.markDirty();
  }

  /** Whether a version may be changed, given that its insertion is finished. */
  Change mayChange(TupleHeader header, Tid tid, Transaction own) {
    return mayLock(header, tid, LockMode.EXCLUSIVE, own);
  }

  /** The same for a lock. */
  Change mayLock(TupleHeader header, Tid tid, LockMode mode, Transaction own) {
    if (header.has(TupleHeader.XMAX_INVALID)) {
      return new Change.Allowed();
    }
    if (header.has(TupleHeader.XMAX_LOCK_ONLY)) {
      return locking
          .conflict(header, mode, own)
          .filter(xid -> steps.answer(StorageSteps.ROW_LOCKED, xid, () -> true))
          .<Change>map(Change.InProgress::new)
          .orElseGet(Change.Allowed::new);
    }
    Xid xmax = header.xmax();
    if (own.isCurrent(xmax)) {
      return new Change.BySelf();
    }
    if (procArray.isInProgress(xmax) && steps.answer(StorageSteps.ROW_LOCKED, xmax, () -> true)) {
      return new Change.InProgress(xmax);
    }
    if (!steps.answer(StorageSteps.ROW_REPLACED, xmax, () -> committed(xmax))) {
      return new Change.Allowed();
    }
    Tid next = new Tid(header.ctidBlock(), header.ctidOffset());
    return next.equals(tid) ? new Change.Deleted() : new Change.Updated(next);
  }

  /**
   * Whether a version conflicts with a unique key: its row exists, or may exist later.
   *
   * @return empty if it is dead, an invalid xid if it is live, or the transaction to wait for
   */
  Optional<Xid> conflicts(TupleHeader header, Transaction own) {
    return conflict(header, own)
        .filter(wait -> steps.answer(StorageSteps.KEY_TAKEN, wait, () -> true));
  }

  private Optional<Xid> conflict(TupleHeader header, Transaction own) {
    Xid xmin = header.xmin();
    boolean inserted =
        header.has(TupleHeader.XMIN_COMMITTED)
            || own.isCurrent(xmin)
            || !header.has(TupleHeader.XMIN_INVALID) && !inProgress(xmin) && committed(xmin);
    if (!inserted) {
      boolean pending = !header.has(TupleHeader.XMIN_INVALID) && inProgress(xmin);
      return pending ? Optional.of(xmin) : Optional.empty();
    }
    if (header.has(TupleHeader.XMAX_INVALID) || header.has(TupleHeader.XMAX_LOCK_ONLY)) {
      return Optional.of(Xid.INVALID);
    }
    Xid xmax = header.xmax();
    if (own.isCurrent(xmax)) {
      return Optional.empty();
    }
    if (inProgress(xmax)) {
      return Optional.of(xmax);
    }
    return committed(xmax) ? Optional.empty() : Optional.of(Xid.INVALID);
  }

  private boolean inProgress(Xid xid) {
    return procArray.isInProgress(xid);
  }

  /** What a version is to those who would remove it (HTSV_Result). */
  enum Life {
    LIVE,
    INSERT_IN_PROGRESS,
    DELETE_IN_PROGRESS,
    /** Deleted or updated, but a snapshot may still see it. */
    RECENTLY_DEAD,
    /** Nobody can see it any more. */
    DEAD
  }

  /**
   * The oldest transaction that may still run for a snapshot of anybody: versions that an older one
   * has ended are dead.
   */
  Xid horizon() {
    return procArray.oldestXmin();
  }

  /** See {@link Life}; sets hint bits (HeapTupleSatisfiesVacuumHorizon). */
  Life life(Buffer buffer, Tid tid, Optional<Transaction> own, Xid horizon) {
    TupleHeader header = buffer.heapPage().header(tid.offset());
    if (!header.has(TupleHeader.XMIN_COMMITTED)) {
      Xid xmin = header.xmin();
      if (header.has(TupleHeader.XMIN_INVALID)) {
        return Life.DEAD;
      }
      if (own.isPresent() && own.get().isCurrent(xmin)) {
        boolean deleted =
            !header.has(TupleHeader.XMAX_INVALID)
                && !header.has(TupleHeader.XMAX_LOCK_ONLY)
                && own.get().isCurrent(header.xmax());
        return deleted ? Life.DELETE_IN_PROGRESS : Life.INSERT_IN_PROGRESS;
      }
      if (inProgress(xmin)) {
        return Life.INSERT_IN_PROGRESS;
      }
      if (!committed(xmin)) {
        hint(buffer, tid, Xid.INVALID, TupleHeader.XMIN_INVALID);
        return Life.DEAD;
      }
      hint(buffer, tid, xmin, TupleHeader.XMIN_COMMITTED);
    }
    return end(buffer, tid, header, horizon);
  }

  /** Of a version whose inserter has committed. */
  private Life end(Buffer buffer, Tid tid, TupleHeader header, Xid horizon) {
    if (header.has(TupleHeader.XMAX_INVALID)) {
      return Life.LIVE;
    }
    Xid xmax = header.xmax();
    if (header.has(TupleHeader.XMAX_LOCK_ONLY)) {
      if (locking.lockers(header).isEmpty()) {
        hint(buffer, tid, Xid.INVALID, TupleHeader.XMAX_INVALID);
      }
      return Life.LIVE;
    }
    if (!header.has(TupleHeader.XMAX_COMMITTED)) {
      if (inProgress(xmax)) {
        return Life.DELETE_IN_PROGRESS;
      }
      if (!committed(xmax)) {
        hint(buffer, tid, Xid.INVALID, TupleHeader.XMAX_INVALID);
        return Life.LIVE;
      }
      hint(buffer, tid, xmax, TupleHeader.XMAX_COMMITTED);
    }
    return xmax.precedes(horizon) ? Life.DEAD : Life.RECENTLY_DEAD;
  }

  /**
   * Whether a version that the caller's snapshot does not see is dead to all, as its hint bits say
   * it (HeapTupleIsSurelyDead).
   */
  static boolean isSurelyDead(TupleHeader header, Xid horizon) {
    if (!header.has(TupleHeader.XMIN_COMMITTED)) {
      return header.has(TupleHeader.XMIN_INVALID);
    }
    return !header.has(TupleHeader.XMAX_INVALID)
        && !header.has(TupleHeader.XMAX_LOCK_ONLY)
        && !header.has(TupleHeader.XMAX_IS_MULTI)
        && header.has(TupleHeader.XMAX_COMMITTED)
        && header.xmax().precedes(horizon);
  }

  RowLocking locking() {
    return locking;
  }

  boolean hasCommitted(Xid xid) {
    return xid.equals(Xid.FROZEN) || committed(xid);
  }
}
