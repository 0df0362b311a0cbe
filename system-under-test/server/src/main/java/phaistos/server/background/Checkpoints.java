package phaistos.server.background;

import java.util.List;
import phaistos.formats.Checkpoint;
import phaistos.formats.ControlFile;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.Padding;
import phaistos.formats.Xid;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.XlogBody;
import phaistos.server.catalog.Catalog;
import phaistos.server.multixact.MultiXact;
import phaistos.server.state.ServerContext;
import phaistos.server.steps.Steps;
import phaistos.server.steps.StorageSteps;
import phaistos.server.steps.WalRange;
import phaistos.server.storage.BufferPool.Pace;
import phaistos.server.wal.Wal;
import phaistos.server.xact.Proc;
import phaistos.server.xact.ProcArray;

/**
 * What a checkpoint does (CreateCheckPoint): it sets the redo point, writes everything changed
 * before it to disk, writes the checkpoint record, then the control file. {@link Checkpointer}
 * decides when. Thread-safe; one at a time.
 */
final class Checkpoints {
  private static final long DELAY_POLL_NANOS = 10_000_000;

  private final ServerContext server;
  private final DurableState durable;
  private final ProcArray procArray;
  private final Catalog catalog;
  private final Steps steps;
  private volatile Lsn lastEnd = Lsn.INVALID;

  Checkpoints(ServerContext server, DurableState durable, ProcArray procArray, Catalog catalog) {
    this.server = server;
    this.durable = durable;
    this.procArray = procArray;
    this.catalog = catalog;
    this.steps = server.steps();
  }

  /** If log_checkpoints asks for it. */
  void log(String message) {
    if (server.settings().bool("log_checkpoints")) {
      server.log().log(message);
    }
  }

  /** Where the last checkpoint's record ends. */
  Lsn lastEnd() {
    return lastEnd;
  }

  /** When a checkpoint is made. */
  enum Kind {
    /** While others write. */
    ONLINE,
    /** The last act of a server. */
    SHUTDOWN,
    /** After crash recovery, before any transaction gets an id. */
    END_OF_RECOVERY;

    /** Whether nothing else writes, so that its record says that no transaction runs. */
    boolean isAlone() {
      return this != ONLINE;
    }
  }

  /** Makes a checkpoint. */
  void create(String cause, Kind kind, Pace pace) {
    Wal wal = durable.wal();
    boolean alone = kind.isAlone();
    log("checkpoint starting: " + cause);
    if (kind == Kind.SHUTDOWN) {
      durable.control().update(control -> inState(control, ControlFile.State.SHUTTING_DOWN));
    }
    Lsn redo = steps.answer(StorageSteps.CHECKPOINT_REDO_POINT, wal.redoLsn(), wal::advanceRedo);
    FullXid nextXid = procArray.next();
    int nextOid = catalog.nextOidAt(alone);
    steps.step(StorageSteps.CHECKPOINT_DELAY_WAIT, redo, this::awaitDelayed);
    int written = writeOut(redo, pace);
    Xid oldestRunning = alone ? Xid.INVALID : logRunningXacts();
    // All that ran at the redo point may have ended since: oldestActiveXid is never beyond nextXid.
    Xid oldestActive = nextXid.xid().precedes(oldestRunning) ? nextXid.xid() : oldestRunning;
    WalRange since = new WalRange(redo, wal.insertedLsn());
    Lsn named = steps.answer(StorageSteps.CHECKPOINT_REDO_NAMED, since, () -> redo);
    Checkpoint checkpoint = checkpoint(named, nextXid, nextOid, oldestActive);
    steps.step(
        StorageSteps.CHECKPOINT_RECORD,
        redo,
        () -> server.critical().run("ending a checkpoint", () -> end(checkpoint, alone)));
    truncateSubtrans();
    log("checkpoint complete: wrote %d buffers; redo at %s".formatted(written, redo));
  }

  /** No snapshot asks for the parents of older subtransactions. */
  void truncateSubtrans() {
    durable.subtrans().truncate(procArray.oldestXmin());
  }

  private void end(Checkpoint checkpoint, boolean alone) {
    WalRange range =
        durable.wal().insert(Xid.INVALID, new XlogBody.CheckpointTaken(alone, checkpoint));
    durable.wal().flush(range.end());
    durable
        .control()
        .update(
            control -> {
              ControlFile changed =
                  control
                      .withCheckpoint(range.start(), checkpoint, server.seconds())
                      .withRecovery(ControlFile.RecoveryPoints.NONE);
              return alone ? inState(changed, ControlFile.State.SHUT_DOWN) : changed;
            });
    lastEnd = range.end();
  }

  private ControlFile inState(ControlFile control, ControlFile.State state) {
    return control.withState(state, server.seconds());
  }

  private Checkpoint checkpoint(Lsn redo, FullXid nextXid, int nextOid, Xid oldestActive) {
    int timeline = durable.wal().timeline();
    MultiXact.Next multi = durable.multiXact().next();
    return new Checkpoint(
        redo,
        timeline,
        timeline,
        durable.wal().fullPageWrites(),
        nextXid,
        nextOid,
        multi.multi().value(),
        multi.offset(),
        procArray.limits().oldestXid(),
        procArray.limits().database(),
        1,
        Catalog.DATABASE,
        server.seconds(),
        Xid.INVALID,
        Xid.INVALID,
        oldestActive,
        Padding.ZERO);
  }

  /**
   * A commit whose record precedes the redo point must set its bits before the commit log is
   * written.
   */
  private void awaitDelayed() {
    List<Proc> delaying = procArray.delayingCheckpoint();
    while (!delaying.isEmpty()) {
      server.critical().check();
      server.tasks().sleep(DELAY_POLL_NANOS);
      List<Proc> still = procArray.delayingCheckpoint();
      delaying = delaying.stream().filter(still::contains).toList();
    }
  }

  /** Writes all changes to disk (CheckPointGuts); returns the number of pages. */
  int writeOut(Lsn redo, Pace pace) {
    steps.step(StorageSteps.CHECKPOINT_COMMIT_LOG, redo, () -> durable.clog().checkPoint());
    durable.subtrans().checkPoint();
    durable.multiXact().checkPoint();
    int[] written = new int[1];
    steps.step(
        StorageSteps.CHECKPOINT_BUFFERS, redo, () -> written[0] = durable.buffers().flush(pace));
    return written[0];
  }

  /**
   * Logs the running transactions, from which standbys build snapshots; returns the oldest of them.
   */
  Xid logRunningXacts() {
    StandbyBody.RunningXacts running = procArray.runningXacts();
    Xid oldest = running.oldestRunningXid();
    steps.step(
        StorageSteps.RUNNING_XACTS_RECORD,
        oldest,
        () -> {
          Lsn end = durable.wal().insert(Xid.INVALID, running).end();
          durable.wal().background().asyncCommitted(end);
        });
    return oldest;
  }
}
