package phaistos.server.background;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Latch;
import phaistos.formats.Checkpoint;
import phaistos.formats.ControlFile;
import phaistos.formats.Lsn;
import phaistos.server.backends.BackgroundProcess;
import phaistos.server.background.Checkpoints.Kind;
import phaistos.server.catalog.Catalog;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Settings;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;
import phaistos.server.storage.BufferPool;
import phaistos.server.xact.ProcArray;

/**
 * Checkpoints (checkpointer.c, CreateCheckPoint): a checkpoint makes all changes of the WAL before
 * the redo point durable, then stores the redo point in the control file. On a standby a
 * restartpoint does the same with a redo point that the primary has logged (CreateRestartPoint). A
 * checkpoint requested by time or by WAL volume spreads its writes over
 * checkpoint_completion_target of the interval. All others run at once. WAL is never removed. One
 * checkpoint runs at a time; the next one serves requests that arrive meanwhile. Thread-safe.
 */
public final class Checkpointer {
  /** How long a spread checkpoint sleeps when it is ahead of schedule (CheckpointWriteDelay). */
  private static final long WRITE_DELAY_NANOS = 100_000_000;

  /** After this time the checkpointer retries a restartpoint that found no new redo point. */
  private static final long RESTART_RETRY_NANOS = 15_000_000_000L;

  private final ServerContext server;
  private final DurableState durable;
  private final RecoveryProgress recovery;
  private final BackgroundProcess process;
  private final Checkpoints checkpoints;
  private final Latch latch;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition done = lock.newCondition();
  private long requested;
  private long completed;
  private long urgent;
  private boolean walGrew;
  private boolean recoveryEnding;
  private Optional<Replayed> replayed = Optional.empty();
  private Lsn restartRedo = Lsn.INVALID;
  private boolean failed;
  private boolean stopping;
  private volatile Lsn askedFor = Lsn.INVALID;

  public Checkpointer(
      ServerContext server,
      DurableState durable,
      ProcArray procArray,
      Catalog catalog,
      RecoveryProgress recovery,
      BackgroundProcess process) {
    this.process = process;
    this.server = server;
    this.durable = durable;
    this.recovery = recovery;
    this.checkpoints = new Checkpoints(server, durable, procArray, catalog);
    this.latch = server.tasks().newLatch();
  }

  /** A checkpoint record that a standby has replayed: a candidate for its next restartpoint. */
  private record Replayed(Lsn start, Lsn end, Checkpoint checkpoint) {}

  /** The task: until {@link #stop}. */
  public void run() {
    long last = server.monotonicNanos();
    while (true) {
      long timeout = server.settings().nanos("checkpoint_timeout");
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
      long now = server.monotonicNanos();
      if (target > completed) {
        warnIfTooFrequent(cause, now - last);
        serve(target, cause);
        last = now;
      } else if (now - last >= timeout) {
        last = now;
        if (server.state().isInRecovery()) {
          last = restartPoint("time") ? now : now - timeout + RESTART_RETRY_NANOS;
        } else if (!durable.wal().insertedLsn().equals(checkpoints.lastEnd())) {
          checkpoints.create("time", Kind.ONLINE, pace());
        }
      } else {
        process.begin("Activity/CheckpointerMain");
        latch.await(timeout - (now - last));
        process.end();
      }
    }
  }

  private void warnIfTooFrequent(String cause, long sinceLast) {
    if (cause.equals("wal") && sinceLast < server.settings().nanos("checkpoint_warning")) {
      server.log().log(
          "checkpoints are occurring too frequently (%d seconds apart)"
              .formatted(sinceLast / 1_000_000_000));
      server.log().hint("Consider increasing the configuration parameter \"max_wal_size\".");
    }
  }

  private void serve(long target, String cause) {
    boolean ok = false;
    try {
      if (server.state().isInRecovery()) {
        restartPoint(cause);
      } else if (recoveryEnding) {
        checkpoints.create("end-of-recovery immediate wait", Kind.END_OF_RECOVERY, pace());
        recoveryEnding = false;
      } else {
        checkpoints.create(cause, Kind.ONLINE, pace());
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

  /** The settings have changed. */
  public void reloaded() {
    latch.set();
  }

  public void stop() {
    lock.lock();
    try {
      stopping = true;
      done.signalAll();
    } finally {
      lock.unlock();
    }
    latch.set();
  }

  /** Requests a spread checkpoint and does not wait. */
  public void request() {
    request(false);
  }

  private void request(boolean forWal) {
    lock.lock();
    try {
      requested++;
      walGrew |= forWal;
    } finally {
      lock.unlock();
    }
    latch.set();
  }

  /** Requests a checkpoint if the WAL has grown enough. */
  public void walReached(Lsn position, Lsn redo) {
    if (redo.isValid() && !redo.equals(askedFor) && position.minus(redo) > walLimit()) {
      askedFor = redo;
      request(true);
    }
  }

  /** Bytes of WAL from redo point to redo point (CalculateCheckpointSegments). */
  private long walLimit() {
    Settings settings = server.settings();
    return (long) ((settings.number("max_wal_size") << 20) / (1 + completionTarget()));
  }

  private double completionTarget() {
    return server.settings().real("checkpoint_completion_target");
  }

  /** Requests an immediate checkpoint and waits for it. */
  public void requestAndWait() {
    server.tasks().yieldPoint();
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
  Lsn lastEnd() {
    return checkpoints.lastEnd();
  }

  /**
   * Spreads the writes of pages: sleeps while the share of pages written is ahead of the elapsed
   * share of time and of WAL (IsCheckpointOnSchedule). It does not sleep once somebody waits for
   * the checkpoint.
   */
  private BufferPool.Pace pace() {
    long start = server.monotonicNanos();
    Lsn startLsn = position();
    double timeout = server.settings().nanos("checkpoint_timeout");
    double target = completionTarget();
    double wal = walLimit();
    return (written, total) -> {
      double due = target * written / total;
      while (!isHurried()
          && (server.monotonicNanos() - start) / timeout < due
          && position().minus(startLsn) / wal < due) {
        server.tasks().sleep(WRITE_DELAY_NANOS);
      }
    };
  }

  private Lsn position() {
    return server.state().isInRecovery() ? recovery.replayed() : durable.wal().insertedLsn();
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
    walReached(end, durable.control().get().checkpoint().redo());
  }

  /** Opens the WAL; pages need a full image from this redo point on. */
  @FunctionalInterface
  public interface WalOpening {
    void from(Lsn redo) throws IOException;
  }

  /**
   * From now on this server makes checkpoints, not restartpoints. The redo point of a restartpoint
   * in progress counts already: no other full-page image would repair its torn pages.
   *
   * @param crashed whether the next checkpoint ends a crash recovery
   */
  public void endRecovery(boolean crashed, WalOpening opening) throws IOException {
    lock.lock();
    try {
      Lsn made = durable.control().get().checkpoint().redo();
      opening.from(restartRedo.compareTo(made) > 0 ? restartRedo : made);
      recoveryEnding = crashed;
      server.state().enter(ServerState.Phase.END_OF_RECOVERY);
    } finally {
      lock.unlock();
    }
  }

  /** Returns false if there is no redo point beyond the last one, or if recovery has ended. */
  public boolean restartPoint(String cause) {
    Replayed target;
    lock.lock();
    try {
      Lsn last = durable.control().get().checkpoint().redo();
      if (!server.state().isInRecovery()
          || replayed.isEmpty()
          || replayed.get().checkpoint().redo().compareTo(last) <= 0) {
        return false;
      }
      target = replayed.get();
      restartRedo = target.checkpoint().redo();
    } finally {
      lock.unlock();
    }
    checkpoints.log("restartpoint starting: " + cause);
    int written = checkpoints.writeOut(target.checkpoint().redo(), pace());
    durable.control().update(control -> moved(control, target));
    checkpoints.truncateSubtrans();
    checkpoints.log(
        "restartpoint complete: wrote %d buffers; redo at %s"
            .formatted(written, target.checkpoint().redo()));
    checkpoints.log("recovery restart point at " + target.checkpoint().redo());
    return true;
  }

  /**
   * If a promotion has left IN_ARCHIVE_RECOVERY meanwhile, the minimum recovery point stays at the
   * end of recovery, since it names the timeline.
   */
  private ControlFile moved(ControlFile control, Replayed to) {
    if (control.checkpoint().redo().compareTo(to.checkpoint().redo()) >= 0) {
      return control;
    }
    ControlFile changed = control.withCheckpoint(to.start(), to.checkpoint(), server.seconds());
    return control.state() == ControlFile.State.IN_PRODUCTION
        ? changed
        : changed.withMinimum(to.end(), to.checkpoint().timeline());
  }

  // ---- checkpoints ----

  /** Makes the last checkpoint of this server. */
  public void createAtShutdown() {
    checkpoints.create("shutdown immediate", Kind.SHUTDOWN, pace());
  }

  /** Logs the running transactions, from which standbys build snapshots. */
  void logRunningXacts() {
    checkpoints.logRunningXacts();
  }
}
