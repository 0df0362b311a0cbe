package phaistos.server;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Latch;
import phaistos.formats.Checkpoint;
import phaistos.formats.ControlFile;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.Padding;
import phaistos.formats.PgTime;
import phaistos.formats.Xid;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.XlogBody;
import phaistos.server.catalog.Catalog;
import phaistos.server.wal.Wal;
import phaistos.server.xact.Proc;

/**
 * Checkpoints (checkpointer.c, CreateCheckPoint): everything that the WAL before the redo point has
 * changed is made durable, then the control file says that replay may begin there. WAL is never
 * removed. One at a time; requests that come meanwhile are served by the next one. Thread-safe.
 */
public final class Checkpointer {
  private static final long DELAY_POLL_NANOS = 10_000_000;

  private final Instance instance;
  private final Latch latch;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition done = lock.newCondition();
  private long requested;
  private long completed;
  private boolean failed;
  private boolean stopping;
  private volatile Lsn lastEnd = Lsn.INVALID;
  private final AtomicLong timed = new AtomicLong();
  private final AtomicLong onRequest = new AtomicLong();
  private final AtomicLong buffersWritten = new AtomicLong();

  Checkpointer(Instance instance) {
    this.instance = instance;
    this.latch = instance.tasks().newLatch();
  }

  /** The task: until {@link #stop}. */
  void run() {
    long timeout = instance.settings().nanos("checkpoint_timeout");
    long last = instance.environment().clock().monotonicNanos();
    while (true) {
      latch.reset();
      long target;
      lock.lock();
      try {
        if (stopping) {
          return;
        }
        target = requested;
      } finally {
        lock.unlock();
      }
      long now = instance.environment().clock().monotonicNanos();
      if (target > completed) {
        onRequest.incrementAndGet();
        serve(target);
        last = now;
      } else if (now - last >= timeout) {
        timed.incrementAndGet();
        if (!instance.isInRecovery() && !instance.wal().insertedLsn().equals(lastEnd)) {
          create(false);
        }
        last = now;
      } else {
        latch.await(timeout - (now - last));
      }
    }
  }

  private void serve(long target) {
    boolean ok = false;
    try {
      if (!instance.isInRecovery()) {
        create(false);
      }
      ok = true;
    } finally {
      lock.lock();
      try {
        completed = target;
        failed |= !ok;
        done.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  void stop() {
    lock.lock();
    try {
      stopping = true;
      done.signalAll();
    } finally {
      lock.unlock();
    }
    latch.set();
  }

  /** Asks for a checkpoint and does not wait. */
  public void request() {
    lock.lock();
    try {
      requested++;
    } finally {
      lock.unlock();
    }
    latch.set();
  }

  /** Asks for a checkpoint and waits for it. */
  public void requestAndWait() {
    instance.tasks().yieldPoint();
    lock.lock();
    try {
      long mine = ++requested;
      latch.set();
      while (completed < mine && !stopping && !failed) {
        done.awaitUninterruptibly();
      }
      if (completed < mine || failed) {
        throw PgError.error("57P01", "checkpoint request failed");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Where the last checkpoint's record ends. */
  public Lsn lastEnd() {
    return lastEnd;
  }

  public void lastEnd(Lsn end) {
    lastEnd = end;
  }

  /** What pg_stat_bgwriter counts. */
  public record Counts(long timed, long requested, long buffers) {}

  public Counts counts() {
    return new Counts(timed.get(), onRequest.get(), buffersWritten.get());
  }

  /** Makes a checkpoint now; at shutdown nothing else writes any more. */
  void create(boolean shutdown) {
    Wal wal = instance.wal();
    instance.log().log("checkpoint starting: " + (shutdown ? "shutdown immediate" : "immediate"));
    if (shutdown) {
      setState(ControlFile.State.SHUTTING_DOWN);
    }
    Lsn redo = wal.advanceRedo();
    FullXid nextXid = instance.procArray().next();
    int nextOid = instance.catalog().nextOid();
    instance.points().proceed(InjectionPoints.CHECKPOINT_REDO_SET);
    awaitDelayed();
    instance.clog().flush();
    int written = instance.buffers().flush();
    buffersWritten.addAndGet(written);
    Xid oldestActive = Xid.INVALID;
    if (!shutdown) {
      oldestActive = logRunningXacts();
    }
    int timeline = wal.timeline();
    Checkpoint checkpoint =
        new Checkpoint(
            redo,
            timeline,
            timeline,
            wal.fullPageWrites(),
            nextXid,
            nextOid,
            1,
            0,
            Xid.FIRST_NORMAL,
            Catalog.DATABASE,
            1,
            Catalog.DATABASE,
            seconds(),
            Xid.INVALID,
            Xid.INVALID,
            oldestActive,
            Padding.ZERO);
    Wal.Range range = wal.insert(Xid.INVALID, new XlogBody.CheckpointTaken(shutdown, checkpoint));
    wal.flush(range.end());
    instance
        .control()
        .update(
            control -> {
              ControlFile changed =
                  control
                      .withCheckpoint(range.start(), checkpoint, seconds())
                      .withRecovery(ControlFile.RecoveryPoints.NONE);
              return shutdown ? changed.withState(ControlFile.State.SHUT_DOWN, seconds()) : changed;
            });
    lastEnd = range.end();
    instance.log().log(
        "checkpoint complete: wrote %d buffers; redo at %s".formatted(written, redo));
  }

  /** A commit whose record stands before the redo point must have its bits set before we write. */
  private void awaitDelayed() {
    List<Proc> delaying = instance.procArray().delayingCheckpoint();
    while (!delaying.isEmpty()) {
      instance.tasks().sleep(DELAY_POLL_NANOS);
      List<Proc> still = instance.procArray().delayingCheckpoint();
      delaying = delaying.stream().filter(still::contains).toList();
    }
  }

  /** Lets standbys take snapshots; answers the oldest transaction that runs. */
  Xid logRunningXacts() {
    StandbyBody.RunningXacts running = instance.procArray().runningXacts();
    Lsn end = instance.wal().insert(Xid.INVALID, running).end();
    instance.wal().asyncCommitted(end);
    return running.oldestRunningXid();
  }

  void setState(ControlFile.State state) {
    instance.control().update(control -> control.withState(state, seconds()));
  }

  private long seconds() {
    return instance.now() / 1_000_000 + PgTime.EPOCH_SECONDS;
  }
}
