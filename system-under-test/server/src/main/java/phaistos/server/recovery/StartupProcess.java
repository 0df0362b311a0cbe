package phaistos.server.recovery;

import java.io.IOException;
import java.util.Optional;
import phaistos.environment.Disk;
import phaistos.environment.Latch;
import phaistos.formats.Checkpoint;
import phaistos.formats.ControlFile;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Version;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.WalRecord;
import phaistos.server.backends.Backends;
import phaistos.server.backends.BackgroundProcess;
import phaistos.server.background.Checkpointer;
import phaistos.server.background.DurableState;
import phaistos.server.catalog.Catalog;
import phaistos.server.errors.PgError;
import phaistos.server.errors.StartupException;
import phaistos.server.recovery.RecordReader.Result;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;
import phaistos.server.steps.RecoverySteps;
import phaistos.server.steps.Steps;
import phaistos.server.wal.WalFiles;
import phaistos.server.xact.ProcArray;

/**
 * Brings the server up (StartupXLOG): crash recovery from the last checkpoint to the end of the
 * WAL; on a standby, replay of streamed WAL until promotion, then the switch to a new timeline. One
 * task, which ends when the server may write or stops.
 */
public final class StartupProcess {
  public static final String STANDBY_SIGNAL = "standby.signal";

  private final ServerContext server;
  private final DurableState durable;
  private final ProcArray procArray;
  private final Catalog catalog;
  private final Checkpointer checkpointer;
  private final Events events;
  private final EndOfRecovery end;
  private final Disk disk;
  private final WalFiles files;
  private final RecoveryProgress progress;
  private final SnapshotConflicts conflicts;
  private final Redo redo;
  private final InvalidPages invalid;
  private final ApplyDelay delay;
  private final Steps steps;
  private final Latch wake;
  private final Backends backends;
  private BackgroundProcess process;
  private Optional<Stream> current = Optional.empty();
  private RecordReader reader;
  private int replayTimeline;
  private Checkpoint checkpoint; // of the record that is being applied, or null
  private boolean consistent;

  /** The timeline to whose end the last connection streamed; 0 if it ended otherwise. */
  private int endedTimeline;

  private Lsn consistentAt = Lsn.INVALID;

  /** Events for other parts of the server. */
  public interface Events {
    /** Walsenders may send more. */
    void replayed();

    /**
     * Called before the first write: drops cached state of the tables, which replay has changed.
     */
    void tablesChanged();
  }

  public StartupProcess(
      ServerContext server,
      DurableState durable,
      ProcArray procArray,
      Catalog catalog,
      WalFiles files,
      RecoveryProgress progress,
      Checkpointer checkpointer,
      SnapshotConflicts conflicts,
      Backends backends,
      Events events) {
    this.backends = backends;
    this.server = server;
    this.durable = durable;
    this.procArray = procArray;
    this.catalog = catalog;
    this.files = files;
    this.progress = progress;
    this.conflicts = conflicts;
    this.checkpointer = checkpointer;
    this.events = events;
    this.steps = server.steps();
    this.invalid = new InvalidPages(server.log()::warning);
    this.disk = server.environment().disk();
    this.wake = progress.wake();
    this.delay = new ApplyDelay(server, progress);
    this.end = new EndOfRecovery(server, durable, procArray, catalog, files, checkpointer, events);
    this.redo =
        new Redo(
            durable,
            procArray,
            catalog,
            progress,
            steps,
            conflicts::resolve,
            invalid,
            this::onXlog);
  }

  /** Runs to the end; returns whether the server may write now. */
  public boolean run() {
    process = backends.background("startup", server.now());
    try {
      return start();
    } catch (IOException e) {
      throw PgError.panic("could not read or write during startup: " + e.getMessage(), e);
    } finally {
      backends.ended(process);
    }
  }

  private boolean start() throws IOException {
    boolean standby = disk.exists(STANDBY_SIGNAL);
    ControlFile control = durable.control().get();
    boolean clean =
        control.state() == ControlFile.State.SHUT_DOWN
            || control.state() == ControlFile.State.SHUT_DOWN_IN_RECOVERY;
    server.log().log(StartMessage.of(control));
    if (!clean) {
      DataDirectorySync.run(disk, steps);
    }
    int timeline = Math.max(control.checkpoint().timeline(), control.recovery().minimumTimeline());
    if (standby) {
      timeline = files.newestTimeline(timeline);
      server.log().log("entering standby mode");
    }
    TimelineHistory history = files.requireHistory(timeline);
    reader = new RecordReader(disk, files, history);
    Result.Read checkpoint = readCheckpoint(control);
    FullXid nextXid = control.checkpoint().nextXid();
    catalog.nextOid(control.checkpoint().nextOid());
    boolean shutdown = (checkpoint.record().info() & WalRecord.RMGR_INFO) == 0;
    replayTimeline = control.checkpoint().timeline();
    procArray.startup(control.checkpoint(), shutdown);
    durable.multiXact().startup(control.checkpoint());
    if (!standby && control.state() == ControlFile.State.SHUT_DOWN) {
      procArray.start(nextXid);
      reader.close();
      end.afterShutdown(
          new EndOfRecovery.Reached(checkpoint.end(), checkpoint.start(), replayTimeline));
      return true;
    }
    procArray.startRecovery(nextXid, shutdown);
    // a crashed primary is consistent only after it has replayed all of its own WAL
    boolean crashed =
        control.state() == ControlFile.State.IN_PRODUCTION
            || control.state() == ControlFile.State.SHUTTING_DOWN
            || control.state() == ControlFile.State.IN_CRASH_RECOVERY;
    enterRecovery(standby && !crashed);
    Lsn from = shutdown ? checkpoint.end() : control.checkpoint().redo();
    reader.seek(from, shutdown ? checkpoint.start() : Lsn.INVALID);
    progress.replayed(from, replayTimeline);
    server.log().log("redo starts at " + from);
    if (standby) {
      return runStandby(control);
    }
    // no reads during crash recovery: acknowledged commits may not be replayed yet
    String why = replayLocal();
    server.log().log(why);
    invalid.consistent();
    server.log().log("redo done at %s".formatted(reader.previous()));
    reader.close();
    return end.afterCrash(reached());
  }

  private void enterRecovery(boolean archive) {
    server
        .state()
        .enter(archive ? ServerState.Phase.ARCHIVE_RECOVERY : ServerState.Phase.CRASH_RECOVERY);
    if (!archive) {
      setState(ControlFile.State.IN_CRASH_RECOVERY);
      return;
    }
    durable
        .control()
        .update(
            control ->
                fromCheckpointOn(
                    control.withState(ControlFile.State.IN_ARCHIVE_RECOVERY, server.seconds())));
  }

  /**
   * A former primary that comes back after its shutdown checkpoint has no minimum recovery point,
   * but pages up to there (StartupXLOG, xlog.c).
   */
  private static ControlFile fromCheckpointOn(ControlFile control) {
    Lsn redo = control.checkpoint().redo();
    return control.recovery().minimum().compareTo(redo) < 0
        ? control.withMinimum(redo, control.checkpoint().timeline())
        : control;
  }

  private boolean isArchiveRecovery() {
    return server.state().phase() != ServerState.Phase.CRASH_RECOVERY;
  }

  private Result.Read readCheckpoint(ControlFile control) throws IOException {
    reader.seek(control.checkPoint(), Lsn.INVALID);
    Result result = reader.next();
    if (result instanceof Result.Read read
        && Version.WRITTEN.records().decode(read.record()) instanceof XlogBody.CheckpointTaken) {
      return read;
    }
    if (result instanceof Result.Invalid invalid) {
      server.log().log(invalid.message());
    }
    throw new StartupException("could not locate a valid checkpoint record");
  }

  /** Replays what is in pg_wal; answers why it ended. */
  private String replayLocal() throws IOException {
    reader.readAll();
    while (true) {
      switch (reader.next()) {
        case Result.Read read -> {
          if (!apply(read)) {
            return "";
          }
        }
        case Result.NeedMore need -> throw new IllegalStateException("limit at " + need.start());
        case Result.Invalid invalid -> {
          return invalid.message();
        }
      }
    }
  }

  /**
   * Whether replay goes on: a promotion ends it only where there is no more WAL. It does not if a
   * stop was requested while the record was held back.
   */
  private boolean apply(Result.Read read) {
    if (consistent && !delay.await(read.record())) {
      return false;
    }
    redo.apply(read.record(), read.end());
    steps.step(
        RecoverySteps.REDO_PROGRESS,
        read.end(),
        () -> progress.replayed(read.end(), replayTimeline));
    if (redo.wantsApplyFeedback()) {
      current.ifPresent(Stream::applied);
    }
    if (checkpoint != null) {
      if (isArchiveRecovery()) {
        checkpointer.replayed(read.start(), read.end(), checkpoint);
      }
      checkpoint = null;
    }
    checkConsistent(read.end());
    return !progress.isPromotionRequested()
        || steps.answer(RecoverySteps.REPLAY_GOES_ON, read.end(), () -> true);
  }

  private void onXlog(XlogBody body) {
    int timeline =
        switch (body) {
          case XlogBody.CheckpointTaken taken -> {
            checkpoint = taken.checkpoint();
            yield checkpoint.timeline();
          }
          case XlogBody.EndOfRecovery end -> end.timeline();
          case XlogBody.Noop _,
              XlogBody.NextOid _,
              XlogBody.Switch _,
              XlogBody.BackupEnd _,
              XlogBody.ParameterChange _,
              XlogBody.RestorePoint _,
              XlogBody.FullPageWritesChange _,
              XlogBody.FullPageImages _,
              XlogBody.CheckpointRedo _,
              XlogBody.OverwriteContrecord _ ->
              replayTimeline;
        };
    replayTimeline = timeline;
  }

  private void checkConsistent(Lsn at) {
    if (server.state().phase() != ServerState.Phase.ARCHIVE_RECOVERY
        || consistentAt.compareTo(at) > 0) {
      return;
    }
    if (!consistent) {
      consistent = true;
      invalid.consistent();
      server.log().log("consistent recovery state reached at " + at);
    }
    if (consistent && server.settings().bool("hot_standby") && procArray.snapshotsUsable()) {
      server.state().enter(ServerState.Phase.HOT_STANDBY);
      server.log().log("database system is ready to accept read-only connections");
    }
  }

  private boolean runStandby(ControlFile control) throws IOException {
    consistentAt = control.recovery().minimum();
    checkConsistent(progress.replayed());
    String lastMessage = "";
    while (true) {
      String message = replayLocal();
      if (!isArchiveRecovery()) {
        beginArchiveRecovery();
      }
      checkConsistent(progress.replayed());
      if (progress.isPromotionRequested()) {
        return promote();
      }
      if (!message.equals(lastMessage)) {
        server.log().log(message);
        lastMessage = message;
      }
      if (progress.isStopRequested()) {
        setState(ControlFile.State.SHUT_DOWN_IN_RECOVERY);
        return false;
      }
      TimelineRescan.run(files, reader, server.log());
      stream();
    }
  }

  /** Starts archive recovery after the WAL that a crashed primary had written itself. */
  private void beginArchiveRecovery() {
    consistentAt = Lsn.INVALID;
    enterRecovery(true);
    Lsn reached = progress.replayed();
    durable.control().update(control -> control.withMinimum(reached, replayTimeline));
  }

  /** Streams and replays until the connection ends, or a promotion or stop is requested. */
  private void stream() throws IOException {
    String conninfo = conninfo();
    if (conninfo.isEmpty()) {
      RetrieveRetry.await(server, progress, process);
      return;
    }
    boolean moved = false;
    Lsn position = reader.position();
    int timeline = reader.history().timelineAt(position);
    // nobody will write more of one that has ended, and no newer one is ours
    if (timeline == endedTimeline && !RetrieveRetry.await(server, progress, process)) {
      return;
    }
    Stream stream = new Stream(server, durable.control(), files, progress, backends, conninfo);
    current = Optional.of(stream);
    stream.start(position, timeline);
    try {
      while (true) {
        wake.reset();
        boolean ended = stream.hasEnded();
        conflicts.received();
        Lsn received = stream.received();
        reader.readStreamed(received, timeline);
        String problem = replayReceived();
        if (!problem.isEmpty()) {
          server.log().log(problem);
          break;
        }
        if (progress.isPromotionRequested() || progress.isStopRequested() || ended) {
          break;
        }
        moved = !conninfo.equals(conninfo());
        if (moved) {
          server.log().log("WAL receiver process shutdown requested");
          break;
        }
        // a commit that was held back may have taken the wake-up
        if (stream.received().equals(received) && !stream.hasEnded()) {
          process.begin("Activity/RecoveryWalStream");
          wake.await();
          process.end();
        }
      }
    } finally {
      stream.stop();
      current = Optional.empty();
    }
    endedTimeline = stream.endedTimeline() ? timeline : 0;
    if (endedTimeline == 0 && !moved) {
      RetrieveRetry.await(server, progress, process);
    }
  }

  private String conninfo() {
    return server.settings().get("primary_conninfo");
  }

  private String replayReceived() throws IOException {
    while (true) {
      switch (reader.next()) {
        case Result.Read read -> {
          if (!apply(read) || progress.isStopRequested()) {
            return "";
          }
        }
        case Result.NeedMore _ -> {
          events.replayed();
          current.ifPresent(Stream::applied);
          return "";
        }
        case Result.Invalid invalid -> {
          return invalid.message();
        }
      }
    }
  }

  private boolean promote() throws IOException {
    server.log().log("received promote request");
    EndOfRecovery.requireConsistent(consistentAt, progress.replayed());
    server.log().log("redo done at %s".formatted(reader.previous()));
    EndOfRecovery.Reached reached = reached();
    TimelineHistory history = reader.history();
    int lastSegment = reader.segmentTimeline();
    reader.close();
    end.promote(reached, history, lastSegment);
    checkpointer.request();
    return true;
  }

  private EndOfRecovery.Reached reached() {
    return new EndOfRecovery.Reached(reader.position(), reader.previous(), replayTimeline);
  }

  private void setState(ControlFile.State state) {
    durable.control().update(control -> control.withState(state, server.seconds()));
  }
}
