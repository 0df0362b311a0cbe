package phaistos.server.xact;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import phaistos.environment.Latch;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.backends.WaitEvents;
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

  volatile Xid xid = Xid.INVALID;

  /** The first of its subtransactions; if there are more, {@link #overflowed}. */
  final List<Xid> subxids = new ArrayList<>();

  boolean overflowed;

  /** The id that it got last. */
  FullXid latest = new FullXid(0);

  /** The ids on which it holds the lock; guarded by {@link XactLocks}. */
  final Set<Xid> locked = new HashSet<>();

  /** The tables that it has locked; changed under the lock of {@link LockWaits}. */
  final Map<Integer, Set<TableLockMode>> tableLocks = new TreeMap<>();

  /** What it waits for, or null; guarded by {@link LockWaits}. */
  LockWaits.Wait waits;

  volatile Xid xmin = Xid.INVALID;
  Xid waitingFor = Xid.INVALID;
  private volatile Consumer<PgError> warnings = warning -> {};
  private volatile boolean delayCheckpoint;
  private volatile boolean cancelPending;
  private volatile boolean timedOut;
  private volatile long lockTimeoutNanos;
  private volatile boolean diePending;
  private volatile boolean conflictPending;
  private final WaitEvents events;
  private volatile WaitEvents.Wait wait = WaitEvents.NONE;
  private volatile Lsn waitLsn = Lsn.INVALID;
  private volatile Consumer<Lsn> title = lsn -> {};

  /**
   * @param events where the session's waits are counted
   */
  public Proc(int pid, Latch latch, WaitEvents events) {
    this.pid = pid;
    this.events = events;
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

  /** statement_timeout has passed: a cancel with another text. */
  public void requestTimeout() {
    timedOut = true;
    requestCancel();
  }

  /** How long a wait for a lock may last; 0 for no limit. */
  public void lockTimeout(long nanos) {
    lockTimeoutNanos = nanos;
  }

  /** The time, for {@link #awaitLock}. */
  long monotonicNanos() {
    return events.monotonicNanos();
  }

  /**
   * Waits for the latch while it waits for a lock since {@code began}.
   *
   * @throws PgError 55P03 after lock_timeout
   */
  void awaitLock(long began) {
    if (lockTimeoutNanos == 0) {
      latch.await();
    } else if (!latch.await(lockTimeoutNanos - (monotonicNanos() - began))) {
      throw PgError.error("55P03", "canceling statement due to lock timeout");
    }
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
    timedOut = false;
  }

  /** What a session that somebody ends tells its client. */
  public static PgError terminated() {
    return PgError.fatal("57P01", "terminating connection due to administrator command");
  }

  /**
   * Acts on a pending request (CHECK_FOR_INTERRUPTS).
   *
   * @throws PgError 57P01, 57014, or 40001 for a conflict with replay
   */
  public void checkInterrupts() {
    if (diePending) {
      throw terminated();
    }
    if (conflictPending) {
      conflictPending = false;
      throw PgError.error(
          "40001", "canceling statement due to conflict with recovery", CONFLICT_DETAIL);
    }
    if (cancelPending) {
      String cause = timedOut ? "statement timeout" : "user request";
      clearCancel();
      throw PgError.error("57014", "canceling statement due to " + cause);
    }
  }

  /** Type and name with a slash between them, or empty: "IPC/SyncRep". */
  public String waitEvent() {
    return wait.event();
  }

  /** The session waits for this event from now on; for none if it is empty. */
  public void waitEvent(String event) {
    events.end(wait);
    wait = event.isEmpty() ? WaitEvents.NONE : events.begin(event);
  }

  /**
   * Another task has woken the session at that time of the clock: how long that took is counted.
   */
  public void woken(String event, long atNanos) {
    events.end(new WaitEvents.Wait(event, atNanos));
  }

  /** The transaction's id for others to see; it may just be changing. */
  public Xid shownXid() {
    return xid;
  }

  /** The snapshot's oldest id for others to see. */
  public Xid shownXmin() {
    return xmin;
  }

  /** Shows the LSN that the session waits for, on the session's task. */
  public void title(Consumer<Lsn> shows) {
    title = shows;
  }

  /** The LSN that the process title of a SyncRep waiter shows. */
  public Lsn waitLsn() {
    return waitLsn;
  }

  public void waitLsn(Lsn lsn) {
    waitLsn = lsn;
    title.accept(lsn);
  }
}
