package phaistos.server.xact;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import phaistos.environment.Latch;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;

/**
 * A session's shared state (PGPROC): its transaction ids, its latch, what it waits for, and
 * requests to cancel or terminate it. The locks of {@link ProcArray} and SyncRep guard ids and
 * waits; the flags are volatile.
 */
public final class Proc {
  /** Why replay cancels a query. */
  public static final String CONFLICT_DETAIL =
      "User query might have needed to see row versions that must be removed.";

  private final int pid;
  private final Latch latch;

  /** How many subtransactions are listed for others (PGPROC_MAX_CACHED_SUBXIDS). */
  static final int MAX_CACHED_SUBXIDS = 64;

  Xid xid = Xid.INVALID;

  /** The first of its subtransactions; if there are more, {@link #overflowed}. */
  final List<Xid> subxids = new ArrayList<>();

  boolean overflowed;

  /** The id that it got last. */
  FullXid latest = new FullXid(0);

  /** The ids on which it holds the lock; guarded by {@link XactLocks}. */
  final Set<Xid> locked = new HashSet<>();

  Xid xmin = Xid.INVALID;
  Xid waitingFor = Xid.INVALID;
  private volatile Consumer<PgError> warnings = warning -> {};
  private volatile boolean delayCheckpoint;
  private volatile boolean cancelPending;
  private volatile boolean diePending;
  private volatile boolean conflictPending;
  private volatile String waitEvent = "";
  private volatile Lsn waitLsn = Lsn.INVALID;

  public Proc(int pid, Latch latch) {
    this.pid = pid;
    this.latch = latch;
  }

  public int pid() {
    return pid;
  }

  /** Where warnings to the client go. */
  public void warnings(Consumer<PgError> to) {
    warnings = to;
  }

  void warn(PgError warning) {
    warnings.accept(warning);
  }

  public Latch latch() {
    return latch;
  }

  /**
   * Set while the session is between its commit record and its bits in the commit log: a checkpoint
   * waits (DELAY_CHKPT_START).
   */
  public void delayCheckpoint(boolean delay) {
    delayCheckpoint = delay;
  }

  boolean delaysCheckpoint() {
    return delayCheckpoint;
  }

  public void requestCancel() {
    cancelPending = true;
    latch.set();
  }

  public void requestDie() {
    diePending = true;
    latch.set();
  }

  /** The snapshot is in the way of replay. */
  public void requestConflict() {
    conflictPending = true;
    latch.set();
  }

  public boolean isCancelPending() {
    return cancelPending;
  }

  public boolean isDiePending() {
    return diePending;
  }

  public void clearCancel() {
    cancelPending = false;
    conflictPending = false;
  }

  /**
   * Acts on a pending request (CHECK_FOR_INTERRUPTS).
   *
   * @throws PgError 57P01, 57014, or 40001 for a conflict with replay
   */
  public void checkInterrupts() {
    if (diePending) {
      throw PgError.fatal("57P01", "terminating connection due to administrator command");
    }
    if (conflictPending) {
      conflictPending = false;
      throw PgError.error(
          "40001", "canceling statement due to conflict with recovery", CONFLICT_DETAIL);
    }
    if (cancelPending) {
      cancelPending = false;
      throw PgError.error("57014", "canceling statement due to user request");
    }
  }

  /** Type and name with a slash between them, or empty: "IPC/SyncRep". */
  public String waitEvent() {
    return waitEvent;
  }

  public void waitEvent(String event) {
    waitEvent = event;
  }

  /** The LSN that the process title of a SyncRep waiter shows. */
  public Lsn waitLsn() {
    return waitLsn;
  }

  public void waitLsn(Lsn lsn) {
    waitLsn = lsn;
  }
}
