package phaistos.server;

import java.util.List;
import java.util.Optional;
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
import phaistos.server.settings.Settings;
import phaistos.server.storage.BufferPool;
import phaistos.server.wal.Wal;
import phaistos.server.xact.Proc;

/**
 * Checkpoints (checkpointer.c, CreateCheckPoint): everything that the WAL before the redo point has
 * changed is made durable, then the control file says that replay may begin there. While a standby
 * replays, its restartpoints do the same with the redo points that its primary has logged
 * (CreateRestartPoint). What time or the growth of the WAL has asked for is spread over
 * checkpoint_completion_target of the time until the next one; anything else is made at once. WAL
 * is never removed. One at a time; requests that come meanwhile are served by the next one.
 * Thread-safe.
 */
public final class Checkpointer {
  private static final long DELAY_POLL_NANOS = 10_000_000;

  /** How long a spread checkpoint rests when it is ahead of its time (CheckpointWriteDelay). */
  private static final long WRITE_DELAY_NANOS = 100_000_000;

  /** After this a restartpoint is tried again that had no new redo point to move to. */
  private static final long RESTART_RETRY_NANOS = 15_000_000_000L;

  private final Instance instance;
  private final Latch latch;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition done = lock.newCondition();
  private long requested;
  private long completed;
  private long urgent;
  private boolean walGrew;
  private Optional<Replayed> replayed = Optional.empty();
  private Lsn restartRedo = Lsn.INVALID;
  private boolean recoveryEnded;
  private boolean failed;
  private boolean stopping;
  private volatile Lsn lastEnd = Lsn.INVALID;
  private volatile Lsn askedFor = Lsn.INVALID;
  private final AtomicLong timed = new AtomicLong();
  private final AtomicLong onRequest = new AtomicLong();
  private final AtomicLong buffersWritten = new AtomicLong();

  Checkpointer(Instance instance) {
    this.instance = instance;
    this.latch = instance.tasks().newLatch();
  }

  /** A checkpoint record that a standby has replayed: where its next restartpoint can move to. */
  private record Replayed(Lsn start, Lsn end, Checkpoint checkpoint) {}

  /** The task: until {@link #stop}. */
  void run() {
    long timeout = instance.settings().nanos("checkpoint_timeout");
    long last = instance.environment().clock().monotonicNanos();
    while (true) {
      latch.reset();
      long target;
      String cause;
      lock.lock();
      try {
        if (stopping) {
          return;
        }
        target = requested;
        cause = urgent > completed ? "immediate force wait" : walGrew ? "wal" : "force";
        walGrew = false;
      } finally {
        lock.unlock();
      }
      long now = instance.environment().clock().monotonicNanos();
      if (target > completed) {
        onRequest.incrementAndGet();
        serve(target, cause);
        last = now;
      } else if (now - last >= timeout) {
        timed.incrementAndGet();
        last = now;
        if (instance.isInRecovery()) {
          last = restartPoint("time") ? now : now - timeout + RESTART_RETRY_NANOS;
        } else if (!instance.wal().insertedLsn().equals(lastEnd)) {
          create("time", false);
        }
      } else {
        latch.await(timeout - (now - last));
      }
    }
  }

  private void serve(long target, String cause) {
    boolean ok = false;
    try {
      if (instance.isInRecovery()) {
        restartPoint(cause);
      } else {
        create(cause, false);
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

  /** Asks for a checkpoint, spread as one by time is, and does not wait. */
  public void request() {
    request(false, false);
  }

  /** Asks for one that does not spread its writes, and does not wait. */
  public void requestNow() {
    request(true, false);
  }

  private void request(boolean now, boolean forWal) {
    lock.lock();
    try {
      requested++;
      urgent = now ? requested : urgent;
      walGrew |= forWal;
    } finally {
      lock.unlock();
    }
    latch.set();
  }

  /** Asks for one if this much WAL is due one. */
  void walReached(Lsn position, Lsn redo) {
    if (redo.isValid() && !redo.equals(askedFor) && position.minus(redo) > walLimit()) {
      askedFor = redo;
      request(false, true);
    }
  }

  /** Bytes of WAL from redo point to redo point (CalculateCheckpointSegments). */
  private long walLimit() {
    Settings settings = instance.settings();
    return (long) ((settings.number("max_wal_size") << 20) / (1 + completionTarget()));
  }

  private double completionTarget() {
    return Double.parseDouble(instance.settings().get("checkpoint_completion_target"));
  }

  /** Asks for a checkpoint at once, and waits for it. */
  public void requestAndWait() {
    instance.tasks().yieldPoint();
    lock.lock();
    try {
      long mine = ++requested;
      urgent = mine;
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

  /**
   * Spreads the writes of pages: rests while the share that is written is ahead of the share of
   * time and of WAL that has gone by (IsCheckpointOnSchedule). Nobody rests once somebody waits.
   */
  private BufferPool.Pace pace() {
    long start = instance.environment().clock().monotonicNanos();
    Lsn startLsn = position();
    double timeout = instance.settings().nanos("checkpoint_timeout");
    double target = completionTarget();
    double wal = walLimit();
    return (written, total) -> {
      double due = target * written / total;
      while (!isHurried()
          && (instance.environment().clock().monotonicNanos() - start) / timeout < due
          && position().minus(startLsn) / wal < due) {
        instance.tasks().sleep(WRITE_DELAY_NANOS);
      }
    };
  }

  /** Everything that is changed goes to the disk (CheckPointGuts); answers how many pages. */
  private int writeOut() {
    instance.clog().flush();
    int written = instance.buffers().flush(pace());
    buffersWritten.addAndGet(written);
    return written;
  }

  private Lsn position() {
    return instance.isInRecovery() ? instance.recovery().replayed() : instance.wal().insertedLsn();
  }

  private boolean isHurried() {
    lock.lock();
    try {
      return stopping || urgent > completed;
    } finally {
      lock.unlock();
    }
  }

  // ---- restartpoints ----

  /** The startup process has replayed a checkpoint's record (RecoveryRestartPoint). */
  public void replayed(Lsn start, Lsn end, Checkpoint checkpoint) {
    lock.lock();
    try {
      replayed = Optional.of(new Replayed(start, end, checkpoint));
    } finally {
      lock.unlock();
    }
    walReached(end, instance.control().get().checkpoint().redo());
  }

  /**
   * From now on this server makes checkpoints.
   *
   * @return the redo point from which pages need a full image: that of a restartpoint that is still
   *     being made counts already, since its torn pages would have no other
   */
  public Lsn endRecovery() {
    lock.lock();
    try {
      recoveryEnded = true;
      Lsn made = instance.control().get().checkpoint().redo();
      return restartRedo.compareTo(made) > 0 ? restartRedo : made;
    } finally {
      lock.unlock();
    }
  }

  /** Answers false if there is no redo point beyond the last one, or recovery has ended. */
  boolean restartPoint(String cause) {
    Replayed target;
    lock.lock();
    try {
      Lsn last = instance.control().get().checkpoint().redo();
      if (recoveryEnded
          || replayed.isEmpty()
          || replayed.get().checkpoint().redo().compareTo(last) <= 0) {
        return false;
      }
      target = replayed.get();
      restartRedo = target.checkpoint().redo();
    } finally {
      lock.unlock();
    }
    instance.log().log("restartpoint starting: " + cause);
    int written = writeOut();
    instance.control().update(control -> moved(control, target));
    instance.log().log(
        "restartpoint complete: wrote %d buffers; redo at %s"
            .formatted(written, target.checkpoint().redo()));
    instance.log().log("recovery restart point at " + target.checkpoint().redo());
    return true;
  }

  /**
   * A promotion meanwhile has left IN_ARCHIVE_RECOVERY; then the end of recovery stays the least
   * that a crash must replay, since it names the timeline.
   */
  private ControlFile moved(ControlFile control, Replayed to) {
    if (control.checkpoint().redo().compareTo(to.checkpoint().redo()) >= 0) {
      return control;
    }
    ControlFile changed = control.withCheckpoint(to.start(), to.checkpoint(), seconds());
    return control.state() == ControlFile.State.IN_PRODUCTION
        ? changed
        : changed.withMinimum(to.end(), to.checkpoint().timeline());
  }

  // ---- checkpoints ----

  /** Makes a checkpoint now; at shutdown nothing else writes any more. */
  void create(String cause, boolean shutdown) {
    Wal wal = instance.wal();
    instance.log().log("checkpoint starting: " + cause);
    if (shutdown) {
      setState(ControlFile.State.SHUTTING_DOWN);
    }
    Lsn redo = wal.advanceRedo();
    FullXid nextXid = instance.procArray().next();
    int nextOid = instance.catalog().nextOidAt(shutdown);
    instance.points().proceed(InjectionPoints.CHECKPOINT_REDO_SET);
    awaitDelayed();
    int written = writeOut();
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
