package phaistos.server.xact;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Tasks;
import phaistos.formats.Checkpoint;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.formats.record.StandbyBody;
import phaistos.server.clog.TransactionLog;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerState;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Steps;

/**
 * The transactions that run (procarray.c), and the next ids. A transaction is in progress for all
 * others until {@link #end}, even if the commit log already says committed. Snapshots are taken
 * here.
 *
 * <p>On a standby the running transactions are those whose ids replay has seen but not their ends
 * (KnownAssignedXids). They are usable once a RUNNING_XACTS record was replayed. Thread-safe: one
 * lock.
 */
public final class ProcArray {
  private final Tasks tasks;
  private final ServerState state;
  private final Steps steps;
  private final TransactionLog transactionLog;
  private final TransactionLimits limits;
  private final LockWaits waits = new LockWaits();
  private final XactLocks locks = new XactLocks(waits);
  private final TableLocks tableLocks = new TableLocks(waits);

  private final ReentrantLock lock = new ReentrantLock();
  private final RunningProcs running = new RunningProcs();
  private final HeldSnapshots held = new HeldSnapshots();

  private FullXid next = FullXid.FIRST_NORMAL;
  private FullXid latestCompleted = new FullXid(2);
  private final KnownAssignedXids knownAssigned = new KnownAssignedXids();

  public ProcArray(
      Tasks tasks,
      ServerState state,
      Steps steps,
      TransactionLog transactionLog,
      TransactionLimits limits) {
    this.tasks = tasks;
    this.transactionLog = transactionLog;
    this.limits = limits;
    this.state = state;
    this.steps = steps;
  }

  /** Begins with these ids; called before any transaction. */
  public void start(FullXid nextXid) {
    lock.lock();
    try {
      next = nextXid;
      latestCompleted = new FullXid(nextXid.value() - 1);
    } finally {
      lock.unlock();
    }
  }

  public TransactionLimits limits() {
    return limits;
  }

  /** Begins with a checkpoint's ids. */
  public void startup(Checkpoint checkpoint, boolean shutdown) {
    limits.set(checkpoint.oldestXid(), checkpoint.oldestXidDatabase());
    transactionLog.startup(checkpoint, shutdown);
  }

  public FullXid next() {
    lock.lock();
    try {
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** A new id is given to the session's transaction, or to a subtransaction of it. */
  void assigned(Proc proc, FullXid xid, boolean subtransaction) {
    locks.insert(xid.xid(), proc);
    lock.lock();
    try {
      next = xid.next();
      proc.latest = xid;
      if (!subtransaction) {
        proc.xid = xid.xid();
        running.add(proc);
      } else if (proc.subxids.size() < Proc.MAX_CACHED_SUBXIDS) {
        proc.subxids.add(xid.xid());
      } else {
        proc.overflowed = true;
      }
    } finally {
      lock.unlock();
    }
  }

  public Snapshot snapshot(Proc proc) {
    tasks.yieldPoint();
    return (Snapshot) steps.answer(CommitSteps.SNAPSHOT_TAKE, proc.pid(), () -> take(proc));
  }

  private Snapshot take(Proc proc) {
    lock.lock();
    try {
      Snapshot snapshot =
          state.isRunning()
              ? running.snapshot(latestCompleted.next().xid(), transactionLog.subtrans())
              : recoverySnapshot();
      held.hold(proc, snapshot.xmin());
      return snapshot;
    } finally {
      lock.unlock();
    }
  }

  private Snapshot recoverySnapshot() {
    if (!knownAssigned.isComplete()) {
      throw PgError.fatal("57P03", "the database system is not yet accepting connections");
    }
    return knownAssigned.snapshot(latestCompleted.next().xid(), transactionLog.subtrans());
  }

  /** Removes the session's transaction: others see its changes from now on. */
  public void end(Proc proc) {
    tasks.yieldPoint();
    lock.lock();
    try {
      if (proc.xid.isValid()) {
        complete(proc.latest);
        running.remove(proc);
        proc.xid = Xid.INVALID;
        proc.subxids.clear();
        proc.overflowed = false;
      }
      held.release(proc);
    } finally {
      lock.unlock();
    }
    locks.releaseAll(proc);
  }

  public TableLocks tableLocks() {
    return tableLocks;
  }

  /** The locks on transactions. */
  public List<XactLocks.Row> xactLocks() {
    return locks.rows();
  }

  /** The snapshots that sessions hold. */
  public HeldSnapshots held() {
    return held;
  }

  /**
   * The oldest transaction that a snapshot of this server, taken or to be taken, may still see as
   * running (ComputeXidHorizons). What an older one has deleted, nobody sees.
   */
  public Xid oldestXmin() {
    lock.lock();
    try {
      return held.oldest(oldestRunning());
    } finally {
      lock.unlock();
    }
  }

  /**
   * An aborted subtransaction with its children is no longer in progress
   * (XidCacheRemoveRunningXids), and nobody need wait for it.
   */
  public void endSubtransaction(Proc proc, Xid xid, List<Xid> children) {
    List<Xid> all = new ArrayList<>(children);
    all.add(xid);
    lock.lock();
    try {
      proc.subxids.removeAll(all);
      complete(next.near(TransactionLog.transactionIdLatest(xid, children)));
    } finally {
      lock.unlock();
    }
    locks.release(proc, all);
  }

  private void complete(FullXid xid) {
    latestCompleted = xid.compareTo(latestCompleted) > 0 ? xid : latestCompleted;
  }

  /**
   * Whether a transaction or subtransaction runs (TransactionIdIsInProgress). Where not all
   * subtransactions are listed, commit log and pg_subtrans say whose it is.
   */
  public boolean isInProgress(Xid xid) {
    List<Xid> candidates = new ArrayList<>();
    Xid oldest;
    lock.lock();
    try {
      if (!state.isRunning()) {
        FullXid full = next.near(xid);
        if (knownAssigned.contains(full)) {
          return true;
        }
        if (!knownAssigned.mayMiss(full)) {
          return false;
        }
        candidates.addAll(knownAssigned.all());
      } else if (running.lists(xid, candidates)) {
        return true;
      }
      oldest = oldestRunning();
    } finally {
      lock.unlock();
    }
    if (candidates.isEmpty()
        || xid.precedes(oldest)
        || transactionLog.transactionIdDidAbort(xid, () -> oldest)) {
      return false;
    }
    return candidates.contains(transactionLog.subtrans().getTopmost(xid, oldest));
  }

  private Xid oldestRunning() {
    return running.oldest(knownAssigned.oldest().orElse(next.xid()));
  }

  /** Whether a transaction that is not in progress has committed. */
  public boolean didCommit(Xid xid) {
    return transactionLog.transactionIdDidCommit(xid, this::oldestXmin);
  }

  /**
   * Waits until a transaction has ended (XactLockTableWait).
   *
   * @throws PgError 40P01 on a deadlock, 57014 if the wait is cancelled, 55P03 after lock_timeout
   */
  public void awaitEnd(Xid xid, Proc waiter) {
    steps.step(CommitSteps.XID_WAIT, xid, () -> locks.await(xid, waiter));
  }

  /** Whether so many other transactions have ids and wait for none (MinimumActiveBackends). */
  public boolean areActive(int count, Proc self) {
    lock.lock();
    try {
      return running.active(self) >= count;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The sessions between their commit record and its bits in the commit log. A checkpoint waits for
   * these, not for later ones.
   */
  public List<Proc> delayingCheckpoint() {
    lock.lock();
    try {
      return running.delayingCheckpoint();
    } finally {
      lock.unlock();
    }
  }

  /** The record that lets a standby take snapshots. */
  public StandbyBody.RunningXacts runningXacts() {
    lock.lock();
    try {
      return running.record(next.xid(), oldestRunning(), latestCompleted.xid());
    } finally {
      lock.unlock();
    }
  }

  /** Recovery begins: ids are learned from the WAL. */
  public void startRecovery(FullXid nextXid, boolean usable) {
    lock.lock();
    try {
      next = nextXid;
      latestCompleted = new FullXid(nextXid.value() - 1);
      knownAssigned.begin(usable);
    } finally {
      lock.unlock();
    }
  }

  /** Recovery has ended: what still ran is aborted. */
  public void endRecovery() {
    lock.lock();
    try {
      knownAssigned.clear();
      latestCompleted = new FullXid(next.value() - 1);
    } finally {
      lock.unlock();
    }
  }

  public boolean snapshotsUsable() {
    lock.lock();
    try {
      return knownAssigned.isComplete();
    } finally {
      lock.unlock();
    }
  }

  /** A record of this transaction was replayed; all ids before it were assigned too. */
  public void seen(Xid xid) {
    if (!xid.isNormal()) {
      return;
    }
    extend(next.near(xid).next());
    lock.lock();
    try {
      steps.step(
          RecoverySteps.XID_SEEN, xid, () -> next = knownAssigned.seen(next, next.near(xid)));
    } finally {
      lock.unlock();
    }
  }

  /** The end of a transaction with its subtransactions was replayed. */
  public void ended(Xid xid, List<Xid> subxids) {
    seen(xid);
    subxids.forEach(this::seen);
    lock.lock();
    try {
      FullXid latest = next.near(xid);
      knownAssigned.ended(latest);
      for (Xid sub : subxids) {
        FullXid full = next.near(sub);
        knownAssigned.ended(full);
        latest = full.compareTo(latest) > 0 ? full : latest;
      }
      complete(latest);
    } finally {
      lock.unlock();
    }
  }

  /** A RUNNING_XACTS record was replayed: transactions that it does not list have ended. */
  public void apply(StandbyBody.RunningXacts record) {
    advanceNext(next.near(record.nextXid()));
    lock.lock();
    try {
      knownAssigned.apply(record, next, this::hasEnded);
      complete(next.near(record.latestCompletedXid()));
    } finally {
      lock.unlock();
    }
  }

  /** A shutdown checkpoint was replayed: nothing runs. */
  public void nothingRuns(FullXid nextXid) {
    advanceNext(nextXid);
    lock.lock();
    try {
      knownAssigned.clear();
      latestCompleted = new FullXid(next.value() - 1);
    } finally {
      lock.unlock();
    }
  }

  /** Advances the next id past ids in a checkpoint or another record. */
  public void advanceNext(FullXid nextXid) {
    extend(nextXid);
    lock.lock();
    try {
      next = nextXid.compareTo(next) > 0 ? nextXid : next;
    } finally {
      lock.unlock();
    }
  }

  /** The pages of pg_subtrans for the ids before {@code newNext}; only replay moves next here. */
  private void extend(FullXid newNext) {
    if (newNext.compareTo(next) > 0) {
      transactionLog.subtrans().extend(new FullXid(next.value() - 1).xid(), newNext.xid());
    }
  }

  private boolean hasEnded(Xid xid) {
    return transactionLog.transactionIdDidCommit(xid, () -> next.xid())
        || transactionLog.transactionIdDidAbort(xid, () -> next.xid());
  }

  /** An ASSIGNMENT record was replayed (ProcArrayApplyXidAssignment). */
  public void assignment(Xid top, List<Xid> subxids) {
    seen(TransactionLog.transactionIdLatest(top, subxids));
    subxids.forEach(xid -> transactionLog.subtrans().setParent(xid, top));
    lock.lock();
    try {
      knownAssigned.assigned(subxids.stream().map(next::near).toList());
    } finally {
      lock.unlock();
    }
  }
}
