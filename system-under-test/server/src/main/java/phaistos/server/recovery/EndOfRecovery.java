package phaistos.server.recovery;

import java.io.IOException;
import phaistos.environment.Disk;
import phaistos.formats.ControlFile;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Xid;
import phaistos.formats.record.XlogBody;
import phaistos.server.background.Checkpointer;
import phaistos.server.background.DurableState;
import phaistos.server.catalog.Catalog;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Steps;
import phaistos.server.wal.WalFiles;
import phaistos.server.xact.ProcArray;

/**
 * The switch from replaying WAL to writing it (the end of StartupXLOG): on the same timeline, or
 * after a promotion on a new one, whose first record is END_OF_RECOVERY. Used by the startup
 * process only.
 */
final class EndOfRecovery {
  private static final String PROMOTE_REASON = "no recovery target specified";

  private final ServerContext server;
  private final DurableState durable;
  private final ProcArray procArray;
  private final Catalog catalog;
  private final WalFiles files;
  private final Checkpointer checkpointer;
  private final StartupProcess.Events events;
  private final Disk disk;
  private final Steps steps;

  EndOfRecovery(
      ServerContext server,
      DurableState durable,
      ProcArray procArray,
      Catalog catalog,
      WalFiles files,
      Checkpointer checkpointer,
      StartupProcess.Events events) {
    this.server = server;
    this.durable = durable;
    this.procArray = procArray;
    this.catalog = catalog;
    this.files = files;
    this.checkpointer = checkpointer;
    this.events = events;
    this.disk = server.environment().disk();
    this.steps = server.steps();
  }

  /**
   * Where replay has ended.
   *
   * @param end the position after the last record
   * @param last the start of that record
   * @param timeline of that record
   */
  record Reached(Lsn end, Lsn last, int timeline) {}

  /**
   * Pages on disk may be newer than the WAL that is left.
   *
   * @throws PgError FATAL then
   */
  static void requireConsistent(Lsn consistentAt, Lsn reached) {
    if (consistentAt.compareTo(reached) > 0) {
      throw PgError.fatal("55000", "WAL ends before consistent recovery point");
    }
  }

  /**
   * Makes a new timeline and opens the server on it.
   *
   * @param history of the timeline that replay follows
   * @param lastSegment the timeline of the file that holds the last record
   */
  void promote(Reached reached, TimelineHistory history, int lastSegment) throws IOException {
    int old = reached.timeline();
    int fresh =
        steps.answer(
            RecoverySteps.TIMELINE_SELECT, old, () -> files.newestTimeline(history.timeline()) + 1);
    server.log().log("selected new timeline ID: " + fresh);
    TimelineHistory base = old == history.timeline() ? history : files.requireHistory(old);
    steps.step(
        RecoverySteps.TIMELINE_SEGMENT_COPY,
        reached.end(),
        () -> files.copyForNewTimeline(lastSegment, fresh, reached.end()));
    Lsn fork = steps.answer(RecoverySteps.FORK_POINT, reached.end(), reached::end);
    files.writeHistory(base.fork(fresh, fork, PROMOTE_REASON));
    steps.step(
        RecoverySteps.STANDBY_SIGNAL_DELETE, StartupProcess.STANDBY_SIGNAL, this::deleteSignal);
    server.log().log("archive recovery complete");
    open(reached, fresh, false);
    steps.step(RecoverySteps.END_OF_RECOVERY_RECORD, fresh, () -> logEndOfRecovery(fresh, old));
    serve();
  }

  private void deleteSignal() throws IOException {
    disk.delete(StartupProcess.STANDBY_SIGNAL);
    disk.syncDirectory("");
  }

  /** Opens the server after a clean shutdown: there was nothing to replay. */
  void afterShutdown(Reached reached) throws IOException {
    open(reached, reached.timeline(), false);
    serve();
  }

  /**
   * Opens the server after crash recovery. The first record is a checkpoint of the same kind as at
   * a shutdown (CHECKPOINT_END_OF_RECOVERY): standbys learn from it that what ran before the crash
   * has ended.
   *
   * @return false if an immediate stop came first
   */
  boolean afterCrash(Reached reached) throws IOException {
    open(reached, reached.timeline(), true);
    try {
      checkpointer.requestAndWait();
    } catch (PgError e) {
      if (server.state().stop() != ServerState.Stop.NONE) {
        return false;
      }
      throw e;
    }
    serve();
    return true;
  }

  /** Opens the WAL for writing. No transaction gets an id yet. */
  private void open(Reached reached, int timeline, boolean crashed) throws IOException {
    boolean fullPages = server.settings().bool("full_page_writes");
    events.tablesChanged();
    catalog.changed();
    durable.clog().trim(procArray.next().xid());
    checkpointer.endRecovery(
        crashed,
        redo -> durable.wal().start(timeline, reached.end(), reached.last(), redo, fullPages));
  }

  private void serve() {
    procArray.endRecovery();
    durable
        .control()
        .update(control -> control.withState(ControlFile.State.IN_PRODUCTION, server.seconds()));
    server.state().enter(ServerState.Phase.RUNNING);
    server.log().log("database system is ready to accept connections");
  }

  private void logEndOfRecovery(int timeline, int previous) {
    XlogBody record = new XlogBody.EndOfRecovery(server.now(), timeline, previous);
    Lsn written = durable.wal().insert(Xid.INVALID, record).end();
    durable.wal().flush(written);
    ControlFile.RecoveryPoints points =
        new ControlFile.RecoveryPoints(written, timeline, Lsn.INVALID, Lsn.INVALID, false);
    durable.control().update(control -> control.withRecovery(points));
  }
}
