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
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Steps;
import phaistos.server.wal.WalFiles;
import phaistos.server.xact.ProcArray;

/**
 * The switch from replaying WAL to writing it (the end of StartupXLOG): on the same timeline, or
 * after a promotion on a new one. Used by the startup process only.
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
    open(reached, fresh);
  }

  private void deleteSignal() throws IOException {
    disk.delete(StartupProcess.STANDBY_SIGNAL);
    disk.syncDirectory("");
  }

  /**
   * Opens the WAL for writing. On a new timeline its first record is END_OF_RECOVERY, before any
   * transaction gets an id.
   */
  void open(Reached reached, int timeline) throws IOException {
    boolean fullPages = server.settings().bool("full_page_writes");
    events.tablesChanged();
    catalog.changed();
    durable.clog().trim(procArray.next().xid());
    checkpointer.endRecovery(
        redo -> durable.wal().start(timeline, reached.end(), reached.last(), redo, fullPages));
    if (timeline != reached.timeline()) {
      steps.step(
          RecoverySteps.END_OF_RECOVERY_RECORD,
          timeline,
          () -> logEndOfRecovery(timeline, reached.timeline()));
    }
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
