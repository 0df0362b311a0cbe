package phaistos.server.xact;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Tasks;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.formats.record.StandbyBody;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerState;
import phaistos.server.steps.CommitSteps;
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
  /** Called with every new id before it is assigned: the commit log may need a new page. */
  @FunctionalInterface
  public interface XidListener {
    void assigning(Xid xid);
  }

  private final Tasks tasks;
  private final ServerState state;
  private final Steps steps;
  private final TransactionLimits limits;

  /** Held while an id is made, over the making of its pages too; taken before {@link #lock}. */
  private final ReentrantLock idLock = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();
  private final List<Proc> running = new ArrayList<>();
  private final List<Proc> waiting = new ArrayList<>();
  private final HeldSnapshots held = new HeldSnapshots();

  private FullXid next = FullXid.FIRST_NORMAL;
  private FullXid latestCompleted = new FullXid(2);
  private final KnownAssignedXids knownAssigned = new KnownAssignedXids();
  private XidListener listener = xid -> {};

  public ProcArray(Tasks tasks, ServerState state, Steps steps, TransactionLimits limits) {
    this.tasks = tasks;
    this.limits = limits;
    this.state = state;
    this.steps = steps;
  }

  public void listen(XidListener xidListener) {
    listener = xidListener;
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

  public FullXid next() {
    lock.lock();
    try {
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** Assigns an id to the session's transaction, or to its subtransaction if it has one already. */
  public FullXid assign(Proc proc, boolean subtransaction) {
    tasks.yieldPoint();
    idLock.lock();
    try {
      if (!state.isRunning()) {
        throw PgError.error("55000", "cannot assign TransactionIds during recovery");
      }
      FullXid xid = next();
      limits.check(xid.xid(), "postgres").ifPresent(proc::warn);
      steps.step(CommitSteps.XID_ASSIGN, xid.xid(), () -> listener.assigning(xid.xid()));
      assigned(proc, xid, subtransaction);
      return xid;
    } finally {
      idLock.unlock();
    }
  }

  private void assigned(Proc proc, FullXid xid, boolean subtransaction) {
    lock.lock();
    try {
      next = xid.next();
      if (subtransaction) {
        proc.subxids.add(xid.xid());
      } else {
        proc.xid = xid.xid();
        running.add(proc);
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
      Snapshot snapshot = state.isRunning() ? primarySnapshot() : recoverySnapshot();
      held.hold(proc, snapshot.xmin());
      return snapshot;
    } finally {
      lock.unlock();
    }
  }

  private Snapshot primarySnapshot() {
    Xid xmax = latestCompleted.next().xid();
    Xid xmin = xmax;
    int[] ids = new int[8];
    int count = 0;
    for (Proc proc : running) {
      if (!proc.xid.precedes(xmax)) {
        continue;
      }
      if (proc.xid.precedes(xmin)) {
        xmin = proc.xid;
      }
      if (ids.length < count + 1 + proc.subxids.size()) {
        ids = Arrays.copyOf(ids, 2 * (count + 1 + proc.subxids.size()));
      }
      ids[count++] = proc.xid.value();
      for (Xid sub : proc.subxids) {
        ids[count++] = sub.value();
      }
    }
    ids = Arrays.copyOf(ids, count);
    Arrays.sort(ids);
    return new Snapshot(xmin, xmax, ids);
  }

  private Snapshot recoverySnapshot() {
    if (!knownAssigned.isComplete()) {
      throw PgError.fatal("57P03", "the database system is not yet accepting connections");
    }
    return knownAssigned.snapshot(latestCompleted.next().xid());
  }

  /** Removes the session's transaction: others see its changes from now on. */
  public void end(Proc proc) {
    tasks.yieldPoint();
    lock.lock();
    try {
      if (proc.xid.isValid()) {
        Xid latest = proc.xid;
        for (Xid sub : proc.subxids) {
          latest = sub.follows(latest) ? sub : latest;
        }
        complete(next.near(latest));
        wakeWaiters(proc);
        running.remove(proc);
        proc.xid = Xid.INVALID;
        proc.subxids.clear();
      }
      held.release(proc);
    } finally {
      lock.unlock();
    }
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

  private Xid oldestRunning() {
    return running.stream()
        .map(proc -> proc.xid)
        .reduce(next.xid(), (a, b) -> b.precedes(a) ? b : a);
  }

  /** Aborted subtransactions are no longer in progress. */
  public void endSubtransactions(Proc proc, List<Xid> aborted) {
    lock.lock();
    try {
      for (Proc waiter : waiting) {
        if (aborted.contains(waiter.waitingFor)) {
          waiter.latch().set();
        }
      }
      proc.subxids.removeAll(aborted);
      for (Xid xid : aborted) {
        complete(next.near(xid));
      }
    } finally {
      lock.unlock();
    }
  }

  private void complete(FullXid xid) {
    latestCompleted = xid.compareTo(latestCompleted) > 0 ? xid : latestCompleted;
  }

  private void wakeWaiters(Proc ended) {
    for (Proc waiter : waiting) {
      if (waiter.waitingFor.equals(ended.xid) || ended.subxids.contains(waiter.waitingFor)) {
        waiter.latch().set();
      }
    }
  }

  public boolean isInProgress(Xid xid) {
    lock.lock();
    try {
      return state.isRunning() ? owner(xid) != null : knownAssigned.contains(next.near(xid));
    } finally {
      lock.unlock();
    }
  }

  private Proc owner(Xid xid) {
    for (Proc proc : running) {
      if (proc.xid.equals(xid) || proc.subxids.contains(xid)) {
        return proc;
      }
    }
    return null;
  }

  /**
   * Waits until a transaction has ended (XactLockTableWait).
   *
   * @throws PgError 40P01 on a deadlock, 57014 if the wait is cancelled
   */
  public void awaitEnd(Xid xid, Proc waiter) {
    steps.step(CommitSteps.XID_WAIT, xid, () -> awaitEndOf(xid, waiter));
  }

  private void awaitEndOf(Xid xid, Proc waiter) {
    while (true) {
      waiter.latch().reset();
      lock.lock();
      try {
        Proc owner = owner(xid);
        if (owner == null || owner == waiter) {
          return;
        }
        checkDeadlock(xid, owner, waiter);
        waiter.waitingFor = xid;
        waiting.add(waiter);
      } finally {
        lock.unlock();
      }
      waiter.waitEvent("Lock/transactionid");
      try {
        waiter.checkInterrupts();
        waiter.latch().await();
        waiter.checkInterrupts();
      } finally {
        waiter.waitEvent("");
        lock.lock();
        try {
          waiter.waitingFor = Xid.INVALID;
          waiting.remove(waiter);
        } finally {
          lock.unlock();
        }
      }
    }
  }

  private void checkDeadlock(Xid wanted, Proc firstOwner, Proc waiter) {
    Proc owner = firstOwner;
    for (int steps = 0; owner != null && steps <= running.size(); steps++) {
      if (owner == waiter) {
        throw PgError.error(
            "40P01",
            "deadlock detected",
            "Process %d waits for ShareLock on transaction %s; blocked by process %d."
                .formatted(waiter.pid(), wanted, firstOwner.pid()));
      }
      owner = owner.waitingFor.isValid() ? owner(owner.waitingFor) : null;
    }
  }

  /**
   * The sessions between their commit record and its bits in the commit log. A checkpoint waits for
   * these, not for later ones.
   */
  public List<Proc> delayingCheckpoint() {
    lock.lock();
    try {
      return running.stream().filter(Proc::delaysCheckpoint).toList();
    } finally {
      lock.unlock();
    }
  }

  /** The record that lets a standby take snapshots. */
  public StandbyBody.RunningXacts runningXacts() {
    lock.lock();
    try {
      List<Xid> xids = new ArrayList<>();
      List<Xid> subxids = new ArrayList<>();
      for (Proc proc : running) {
        xids.add(proc.xid);
        subxids.addAll(proc.subxids);
      }
      return StandbyBody.RunningXacts.of(
          xids, subxids, false, next.xid(), oldestRunning(), latestCompleted.xid());
    } finally {
      lock.unlock();
    }
  }

  // ---- recovery ----

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
    lock.lock();
    try {
      next = knownAssigned.seen(next, next.near(xid));
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
    lock.lock();
    try {
      raiseNext(next.near(record.nextXid()));
      knownAssigned.apply(record, next);
      complete(next.near(record.latestCompletedXid()));
    } finally {
      lock.unlock();
    }
  }

  /** A shutdown checkpoint was replayed: nothing runs. */
  public void nothingRuns(FullXid nextXid) {
    lock.lock();
    try {
      knownAssigned.clear();
      raiseNext(nextXid);
      latestCompleted = new FullXid(next.value() - 1);
    } finally {
      lock.unlock();
    }
  }

  /** Advances the next id past ids in a checkpoint or another record. */
  public void advanceNext(FullXid nextXid) {
    lock.lock();
    try {
      raiseNext(nextXid);
    } finally {
      lock.unlock();
    }
  }

  private void raiseNext(FullXid nextXid) {
    next = nextXid.compareTo(next) > 0 ? nextXid : next;
  }
}
