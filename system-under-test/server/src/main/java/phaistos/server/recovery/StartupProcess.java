package phaistos.server.recovery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.environment.Disk;
import phaistos.environment.DiskFile;
import phaistos.environment.Latch;
import phaistos.formats.Checkpoint;
import phaistos.formats.ControlFile;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.PgTime;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Xid;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.WalRecord;
import phaistos.server.InjectionPoints;
import phaistos.server.Instance;
import phaistos.server.PgError;
import phaistos.server.StartupException;
import phaistos.server.recovery.RecordReader.Result;
import phaistos.server.wal.WalFiles;

/**
 * Brings the server up (StartupXLOG): crash recovery from the last checkpoint to the end of the
 * WAL; on a standby replay of what the walreceiver brings, for ever; at promotion the switch to a
 * new timeline. One task, which ends when the server may write, or is stopped.
 */
public final class StartupProcess {
  public static final String STANDBY_SIGNAL = "standby.signal";

  private static final String PROMOTE_REASON = "no recovery target specified";

  private final Instance instance;
  private final Disk disk;
  private final WalFiles files;
  private final RecoveryProgress progress;
  private final Redo redo;
  private final Latch wake;
  private Optional<Stream> current = Optional.empty();
  private RecordReader reader;
  private int replayTimeline;
  private Checkpoint checkpoint; // of the record that is being applied, or null
  private boolean archiveRecovery;
  private boolean consistent;
  private Lsn consistentAt = Lsn.INVALID;

  public StartupProcess(Instance instance) {
    this.instance = instance;
    this.disk = instance.environment().disk();
    this.files = instance.walFiles();
    this.progress = instance.recovery();
    this.wake = progress.wake();
    this.redo =
        new Redo(
            instance.buffers(),
            instance.clog(),
            instance.procArray(),
            instance.catalog(),
            this::onXlog);
  }

  /** Runs to the end; returns whether the server may write now. */
  public boolean run() {
    try {
      return start();
    } catch (IOException e) {
      throw PgError.panic("could not read or write during startup: " + e.getMessage(), e);
    }
  }

  private boolean start() throws IOException {
    boolean standby = disk.exists(STANDBY_SIGNAL);
    ControlFile control = instance.control().get();
    boolean clean =
        control.state() == ControlFile.State.SHUT_DOWN
            || control.state() == ControlFile.State.SHUT_DOWN_IN_RECOVERY;
    sayState(control);
    if (!clean) {
      syncDataDirectory();
    }
    int timeline = Math.max(control.checkpoint().timeline(), control.recovery().minimumTimeline());
    if (standby) {
      timeline = files.newestTimeline(timeline);
      instance.log().log("entering standby mode");
    }
    TimelineHistory history = history(timeline);
    reader = new RecordReader(disk, files, history);
    Result.Read checkpoint = readCheckpoint(control);
    FullXid nextXid = control.checkpoint().nextXid();
    instance.catalog().nextOid(control.checkpoint().nextOid());
    instance.clog().start(nextXid.xid());
    boolean shutdown = (checkpoint.record().info() & WalRecord.RMGR_INFO) == 0;
    replayTimeline = control.checkpoint().timeline();
    if (!standby && control.state() == ControlFile.State.SHUT_DOWN) {
      instance.procArray().start(nextXid);
      open(checkpoint.end(), checkpoint.start(), replayTimeline);
      return true;
    }
    instance.procArray().startRecovery(nextXid, shutdown);
    instance.clog().recovery(true);
    // a primary that crashed is consistent only once all of its own WAL is replayed
    boolean crashed =
        control.state() == ControlFile.State.IN_PRODUCTION
            || control.state() == ControlFile.State.SHUTTING_DOWN
            || control.state() == ControlFile.State.IN_CRASH_RECOVERY;
    archiveRecovery = standby && !crashed;
    setState(
        archiveRecovery
            ? ControlFile.State.IN_ARCHIVE_RECOVERY
            : ControlFile.State.IN_CRASH_RECOVERY);
    Lsn from = shutdown ? checkpoint.end() : control.checkpoint().redo();
    reader.seek(from, shutdown ? checkpoint.start() : Lsn.INVALID);
    progress.replayed(from, replayTimeline);
    instance.log().log("redo starts at " + from);
    if (standby) {
      instance.enter(Instance.Phase.RECOVERY);
      return runStandby(control);
    }
    // a crash recovery is not for reading: what was acknowledged may still be ahead
    String end = replayLocal();
    instance.log().log(end);
    instance.log().log("redo done at %s".formatted(reader.previous()));
    finish(replayTimeline);
    instance.checkpointer().requestNow();
    return true;
  }

  private void sayState(ControlFile control) {
    String at = PgTime.format((control.time() - PgTime.EPOCH_SECONDS) * 1_000_000);
    instance.log().log(
        switch (control.state()) {
          case SHUT_DOWN -> "database system was shut down at " + at;
          case SHUT_DOWN_IN_RECOVERY -> "database system was shut down in recovery at " + at;
          case SHUTTING_DOWN -> "database system shutdown was interrupted; last known up at " + at;
          case IN_CRASH_RECOVERY -> "database system was interrupted while in recovery at " + at;
          case IN_ARCHIVE_RECOVERY ->
              "database system was interrupted while in recovery at log time " + at;
          case STARTUP, IN_PRODUCTION -> "database system was interrupted; last known up at " + at;
        });
  }

  private TimelineHistory history(int timeline) throws IOException {
    return files
        .history(timeline)
        .orElseThrow(
            () ->
                new StartupException(
                    "timeline history file %s is not there"
                        .formatted(TimelineHistory.fileName(timeline))));
  }

  private Result.Read readCheckpoint(ControlFile control) throws IOException {
    reader.seek(control.checkPoint(), Lsn.INVALID);
    Result result = reader.next();
    if (result instanceof Result.Read read
        && RecordBody.decode(read.record()) instanceof XlogBody.CheckpointTaken) {
      return read;
    }
    if (result instanceof Result.Invalid invalid) {
      instance.log().log(invalid.message());
    }
    throw new StartupException("could not locate a valid checkpoint record");
  }

  /**
   * What was written before a crash and never synced must not count as durable: it is now, or it is
   * gone (SyncDataDirectory).
   */
  private void syncDataDirectory() throws IOException {
    List<String> directories = new ArrayList<>(List.of("pg_wal", "pg_xact", "global"));
    disk.list("base").forEach(database -> directories.add("base/" + database));
    for (String directory : directories) {
      for (String name : disk.list(directory)) {
        try (DiskFile file = disk.open(directory + "/" + name)) {
          file.sync();
        }
      }
      disk.syncDirectory(directory);
    }
  }

  /** Replays what is in pg_wal; answers why it ended. */
  private String replayLocal() throws IOException {
    reader.readAll();
    while (true) {
      switch (reader.next()) {
        case Result.Read read -> apply(read);
        case Result.NeedMore need -> throw new IllegalStateException("limit at " + need.start());
        case Result.Invalid invalid -> {
          return invalid.message();
        }
      }
    }
  }

  private void apply(Result.Read read) {
    redo.apply(read.record(), read.end());
    progress.replayed(read.end(), replayTimeline);
    instance.points().proceed(InjectionPoints.STANDBY_REPLAYED);
    if (read.record().rmgrId() == 1) {
      noteCommitTime(read.record());
    }
    if (redo.wantsApplyFeedback()) {
      current.ifPresent(Stream::applied);
    }
    if (checkpoint != null) {
      if (archiveRecovery) {
        instance.checkpointer().replayed(read.start(), read.end(), checkpoint);
      }
      checkpoint = null;
    }
    checkConsistent(read.end());
  }

  private void noteCommitTime(WalRecord record) {
    if (RecordBody.decode(record) instanceof TransactionBody.Commit commit) {
      progress.lastCommitTime(commit.outcome().time());
    }
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
              XlogBody.OverwriteContrecord _ ->
              replayTimeline;
        };
    replayTimeline = timeline;
  }

  private void checkConsistent(Lsn at) {
    if (instance.phase() != Instance.Phase.RECOVERY || consistentAt.compareTo(at) > 0) {
      return;
    }
    if (!consistent && !consistentAt.equals(RecordReader.NO_LIMIT)) {
      consistent = true;
      instance.log().log("consistent recovery state reached at " + at);
    }
    if (consistent
        && instance.settings().bool("hot_standby")
        && instance.procArray().snapshotsUsable()) {
      instance.enter(Instance.Phase.HOT_STANDBY);
      instance.log().log("database system is ready to accept read-only connections");
    }
  }

  // ---- standby ----

  private boolean runStandby(ControlFile control) throws IOException {
    consistentAt = archiveRecovery ? control.recovery().minimum() : RecordReader.NO_LIMIT;
    checkConsistent(progress.replayed());
    String lastMessage = "";
    while (true) {
      String message = replayLocal();
      if (!archiveRecovery) {
        beginArchiveRecovery();
      }
      checkConsistent(progress.replayed());
      if (progress.isPromotionRequested()) {
        return promote();
      }
      if (!message.equals(lastMessage)) {
        instance.log().log(message);
        lastMessage = message;
      }
      if (progress.isStopRequested()) {
        setState(ControlFile.State.SHUT_DOWN_IN_RECOVERY);
        return false;
      }
      rescanTimelines();
      stream();
    }
  }

  /** Behind the WAL that a crashed primary had of its own. */
  private void beginArchiveRecovery() {
    archiveRecovery = true;
    consistentAt = Lsn.INVALID;
    setState(ControlFile.State.IN_ARCHIVE_RECOVERY);
    Lsn reached = progress.replayed();
    instance.control().update(control -> control.withMinimum(reached, replayTimeline));
  }

  /** Streams and replays until the connection ends or something else is asked for. */
  private void stream() throws IOException {
    String conninfo = instance.settings().get("primary_conninfo");
    if (conninfo.isEmpty()) {
      pause();
      return;
    }
    Lsn position = reader.position();
    int timeline = reader.history().timelineAt(position);
    Stream stream = new Stream(instance, conninfo);
    current = Optional.of(stream);
    stream.start(position, timeline);
    try {
      while (true) {
        wake.reset();
        boolean ended = stream.hasEnded();
        reader.readStreamed(stream.received(), timeline);
        String problem = replayReceived();
        if (!problem.isEmpty()) {
          instance.log().log(problem);
          break;
        }
        if (progress.isPromotionRequested() || progress.isStopRequested() || ended) {
          break;
        }
        wake.await();
      }
    } finally {
      stream.stop();
      current = Optional.empty();
    }
    if (!stream.endedTimeline()) {
      pause();
    }
  }

  private String replayReceived() throws IOException {
    while (true) {
      switch (reader.next()) {
        case Result.Read read -> {
          apply(read);
          if (progress.isStopRequested()) {
            return "";
          }
        }
        case Result.NeedMore _ -> {
          instance.replication().moved();
          current.ifPresent(Stream::applied);
          return "";
        }
        case Result.Invalid invalid -> {
          return invalid.message();
        }
      }
    }
  }

  private void pause() {
    long until =
        instance.environment().clock().monotonicNanos()
            + instance.settings().nanos("wal_retrieve_retry_interval");
    while (!progress.isPromotionRequested() && !progress.isStopRequested()) {
      wake.reset();
      long left = until - instance.environment().clock().monotonicNanos();
      if (left <= 0 || progress.isPromotionRequested() || progress.isStopRequested()) {
        return;
      }
      wake.await(left);
    }
  }

  /** Follows the newest timeline whose history holds our position (rescanLatestTimeLine). */
  private void rescanTimelines() throws IOException {
    int current = reader.history().timeline();
    int newest = files.newestTimeline(current);
    if (newest == current) {
      return;
    }
    TimelineHistory history = history(newest);
    Optional<TimelineHistory.Entry> fork =
        history.ancestors().stream().filter(entry -> entry.timeline() == current).findFirst();
    if (fork.isEmpty()) {
      instance.log().log(
          "new timeline %d is not a child of database system timeline %d"
              .formatted(newest, current));
    } else if (fork.get().end().compareTo(reader.position()) < 0) {
      instance.log().log(
          ("new timeline %d forked off current database system timeline %d before current"
                  + " recovery point %s")
              .formatted(newest, current, reader.position()));
    } else {
      reader.follow(history);
      instance.log().log("new target timeline is " + newest);
    }
  }

  // ---- the end of recovery ----

  private boolean promote() throws IOException {
    instance.log().log("received promote request");
    instance.log().log("redo done at %s".formatted(reader.previous()));
    Lsn end = reader.position();
    int old = replayTimeline;
    int fresh = files.newestTimeline(reader.history().timeline()) + 1;
    instance.log().log("selected new timeline ID: " + fresh);
    TimelineHistory base = old == reader.history().timeline() ? reader.history() : history(old);
    files.copyForNewTimeline(reader.segmentTimeline(), fresh, end);
    files.writeHistory(base.fork(fresh, end, PROMOTE_REASON));
    disk.delete(STANDBY_SIGNAL);
    disk.syncDirectory("");
    instance.log().log("archive recovery complete");
    finish(fresh);
    instance.checkpointer().request();
    return true;
  }

  private void finish(int timeline) throws IOException {
    Lsn end = reader.position();
    Lsn last = reader.previous();
    reader.close();
    open(end, last, timeline);
  }

  /**
   * From here on this server writes. A new timeline's first record says so before any transaction
   * can get an id.
   */
  private void open(Lsn end, Lsn last, int timeline) throws IOException {
    boolean fullPages = instance.settings().bool("full_page_writes");
    instance.indexes().clear();
    instance.sequences().clear();
    instance.catalog().changed();
    instance.clog().trim(instance.procArray().next().xid());
    instance.clog().recovery(false);
    Lsn redoPoint = instance.checkpointer().endRecovery();
    instance.wal().start(timeline, end, last, redoPoint, fullPages);
    if (timeline != replayTimeline) {
      logEndOfRecovery(timeline);
    }
    instance.procArray().endRecovery();
    setState(ControlFile.State.IN_PRODUCTION);
    instance.enter(Instance.Phase.RUNNING);
    instance.log().log("database system is ready to accept connections");
  }

  private void logEndOfRecovery(int timeline) {
    XlogBody record = new XlogBody.EndOfRecovery(instance.now(), timeline, replayTimeline);
    Lsn written = instance.wal().insert(Xid.INVALID, record).end();
    instance.wal().flush(written);
    ControlFile.RecoveryPoints points =
        new ControlFile.RecoveryPoints(written, timeline, Lsn.INVALID, Lsn.INVALID, false);
    instance.control().update(control -> control.withRecovery(points));
  }

  private void setState(ControlFile.State state) {
    long seconds = instance.now() / 1_000_000 + PgTime.EPOCH_SECONDS;
    instance.control().update(control -> control.withState(state, seconds));
  }
}
