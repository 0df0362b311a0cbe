package phaistos.formats.redo;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.formats.Checkpoint;
import phaistos.formats.CommitLog;
import phaistos.formats.CommitLogFiles;
import phaistos.formats.DataDirectory;
import phaistos.formats.FormatException;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.TwoPhaseState;
import phaistos.formats.Version;
import phaistos.formats.Xid;
import phaistos.formats.record.ClogBody;
import phaistos.formats.record.Outcome;
import phaistos.formats.record.RecordBody;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.record.XlogBody;
import phaistos.formats.wal.Rmgr;
import phaistos.formats.wal.WalEnd;
import phaistos.formats.wal.WalFiles;
import phaistos.formats.wal.WalReader;
import phaistos.formats.wal.WalRecord;

/**
 * Computes the commit log as recovery would leave it: replays Transaction and CLOG records from the
 * control file's checkpoint on a copy of {@code pg_xact}. The directory is not changed. It does not
 * look at rows. Like recovery it trusts the WAL up to the first invalid record. Not thread-safe.
 */
public final class CommitLogRedo {
  private final DataDirectory directory;
  private final RecoveryStart start;
  private final CommitLogImage image;
  private final Map<Xid, TwoPhaseState> prepared = new HashMap<>();
  private final Set<Xid> running = new HashSet<>();
  private FullXid nextXid;
  private FullXid oldestXid;
  private long recordCount;
  private Optional<Gap> gap = Optional.empty();
  private Optional<FullXid> knownFrom = Optional.empty();

  private CommitLogRedo(DataDirectory directory, RecoveryStart start) {
    this.directory = directory;
    this.start = start;
    this.image = new CommitLogImage(new CommitLogFiles(directory));
    this.nextXid = start.checkpoint().nextXid();
    this.oldestXid = nextXid.near(start.checkpoint().oldestXid());
  }

  /** What a server would answer to pg_xact_status after recovery. */
  public enum Answer {
    COMMITTED("committed"),
    ABORTED("aborted"),
    /** Prepared, or in progress on the primary whose WAL a standby replays. */
    IN_PROGRESS("in progress"),
    /** Not assigned yet, as far as this directory knows. */
    FUTURE("future"),
    /** Older than what the commit log keeps. */
    TRUNCATED("truncated"),
    /** It may have ended in missing WAL, or its page of the commit log is missing. */
    UNKNOWN("unknown");

    private final String label;

    Answer(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /** WAL from the redo point on that is missing although later WAL exists. */
  public record Gap(Lsn from, Lsn to) {}

  /** The state after replay. */
  public static final class Result {
    private final CommitLogRedo redo;
    private final WalEnd end;

    private Result(CommitLogRedo redo, WalEnd end) {
      this.redo = redo;
      this.end = end;
    }

    public RecoveryStart start() {
      return redo.start;
    }

    public WalEnd end() {
      return end;
    }

    /**
     * The gap, if the first WAL to replay is missing. Replay then began after it, and transactions
     * that may have ended in the gap are {@link Answer#UNKNOWN}.
     */
    public Optional<Gap> gap() {
      return redo.gap;
    }

    /** How many records were replayed. */
    public long records() {
      return redo.recordCount;
    }

    /** The first transaction id not assigned. */
    public FullXid nextXid() {
      return redo.nextXid;
    }

    /** The oldest transaction whose status the commit log must have. */
    public FullXid oldestXid() {
      return redo.oldestXid;
    }

    /** Two-phase transactions that wait for their end. */
    public Map<Xid, TwoPhaseState> prepared() {
      return Map.copyOf(redo.prepared);
    }

    /** The bits after replay, without interpretation. */
    public CommitLog.Status bits(Xid xid) throws IOException {
      return redo.image.get(xid);
    }

    public Answer answer(FullXid full) throws IOException {
      return redo.answer(full);
    }

    /** The answer for an id of 32 bits, taken as the one nearest to the next id. */
    public Answer answer(Xid xid) throws IOException {
      return redo.answer(redo.nextXid.near(xid));
    }
  }

  /**
   * Replays.
   *
   * @throws FormatException if the control file or the first WAL to replay is missing or damaged
   */
  public static Result run(DataDirectory directory) throws IOException {
    return new CommitLogRedo(directory, RecoveryStart.of(directory)).run();
  }

  private Result run() throws IOException {
    readStateFiles();
    WalFiles files = WalFiles.following(directory, WalFiles.DIRECTORY, start.history());
    Lsn from = files.layout().startAfter(start.redo());
    Lsn first = files.firstFrom(from).orElse(from);
    if (!first.equals(from)) {
      gap = Optional.of(new Gap(from, first));
    }
    WalReader reader = new WalReader(files, first, Lsn.INVALID);
    boolean any = false;
    while (reader.next()) {
      if (!any && gap.isEmpty() && !reader.lsn().equals(from)) {
        throw cannotBegin("the first record is at " + reader.lsn());
      }
      any = true;
      recordCount++;
      replay(reader);
    }
    WalEnd end = reader.end().orElseThrow();
    if (!any) {
      throw cannotBegin(end.describe());
    }
    prepared.keySet().removeIf(xid -> nextXid.near(xid).compareTo(nextXid) >= 0);
    return new Result(this, end);
  }

  private FormatException cannotBegin(String why) {
    return new FormatException(
        "%s: replay cannot begin at %s: %s".formatted(directory.describe(), start.redo(), why));
  }

  /** Transactions prepared before the checkpoint; the file of one that has ended is a leftover. */
  private void readStateFiles() throws IOException {
    List<String> names;
    try {
      names = directory.list(TwoPhaseState.DIRECTORY);
    } catch (NoSuchFileException e) {
      return;
    }
    Version version = start.control().version();
    for (String name : names) {
      if (!version.isStateFile(name)) {
        continue;
      }
      String path = TwoPhaseState.DIRECTORY + "/" + name;
      try {
        byte[] file = directory.read(path, 0, Math.toIntExact(directory.size(path)));
        TwoPhaseState state = TwoPhaseState.decodeFile(file, version.records().droppedStats());
        CommitLog.Status bits = image.get(state.xid());
        if (bits != CommitLog.Status.COMMITTED && bits != CommitLog.Status.ABORTED) {
          prepared.put(state.xid(), state);
        }
      } catch (FormatException e) {
        throw new FormatException(
            "%s/%s: %s".formatted(directory.describe(), path, e.getMessage()));
      }
    }
  }

  private void replay(WalReader reader) throws IOException {
    Xid xid = reader.xid();
    if (xid.isNormal()) {
      advance(xid);
      if (start.standby()) {
        running.add(xid);
      }
    }
    Optional<Rmgr> rmgr = Rmgr.of(reader.rmgrId());
    if (rmgr.isEmpty()) {
      return;
    }
    int info = reader.info() & WalRecord.RMGR_INFO;
    switch (rmgr.get()) {
      case TRANSACTION, CLOG -> replay(decode(reader), xid);
      case XLOG -> {
        if (info == 0x00 || info == 0x10) {
          replay(decode(reader), xid);
        }
      }
      case STANDBY -> {
        if (info == 0x10) {
          replay(decode(reader), xid);
        }
      }
      case STORAGE,
          DATABASE,
          TABLESPACE,
          MULTIXACT,
          RELMAP,
          HEAP2,
          HEAP,
          BTREE,
          HASH,
          GIN,
          GIST,
          SEQUENCE,
          SPGIST,
          BRIN,
          COMMIT_TS,
          REPLICATION_ORIGIN,
          GENERIC,
          LOGICAL_MESSAGE -> {
        // not relevant to the commit log
      }
    }
  }

  private RecordBody decode(WalReader reader) {
    try {
      return reader.body();
    } catch (FormatException e) {
      throw new FormatException(
          "%s: record at %s: %s".formatted(directory.describe(), reader.lsn(), e.getMessage()));
    }
  }

  private void replay(RecordBody body, Xid header) throws IOException {
    switch (body) {
      case TransactionBody.Commit(Outcome outcome) ->
          ended(outcome, header, CommitLog.Status.COMMITTED);
      case TransactionBody.Abort(Outcome outcome) ->
          ended(outcome, header, CommitLog.Status.ABORTED);
      case TransactionBody.Prepare(TwoPhaseState state) -> {
        prepared.put(state.xid(), state);
        state.subxids().forEach(this::advance);
      }
      case TransactionBody.Assignment(Xid _, List<Xid> subxids) -> subxids.forEach(this::advance);
      case ClogBody.ZeroPage(int page) -> image.zero(page);
      case ClogBody.Truncate(int page, Xid oldest, int _) -> {
        image.truncate(page);
        oldestXid = nextXid.near(oldest);
      }
      case XlogBody.CheckpointTaken(boolean shutdown, Checkpoint checkpoint) -> {
        if (shutdown) {
          nextXid = checkpoint.nextXid();
          running.clear();
        } else if (nextXid.compareTo(checkpoint.nextXid()) < 0) {
          nextXid = checkpoint.nextXid();
        }
        oldestXid = nextXid.near(checkpoint.oldestXid());
        Xid active = checkpoint.oldestActiveXid();
        if (shutdown || active.isNormal()) {
          knowFrom(shutdown ? nextXid : nextXid.near(active));
        }
      }
      case StandbyBody.RunningXacts snapshot -> snapshot(snapshot);
      default -> {
        // changes nothing here
      }
    }
  }

  private void ended(Outcome outcome, Xid header, CommitLog.Status status) throws IOException {
    Xid xid = outcome.twoPhaseXid().isValid() ? outcome.twoPhaseXid() : header;
    prepared.remove(outcome.twoPhaseXid());
    setStatus(xid, status);
    for (Xid subxid : outcome.subxids()) {
      setStatus(subxid, status);
    }
  }

  private void setStatus(Xid xid, CommitLog.Status status) throws IOException {
    advance(xid);
    running.remove(xid);
    image.set(xid, status);
  }

  /**
   * Transactions that the primary did not list have ended without a record (their backends died).
   */
  private void snapshot(StandbyBody.RunningXacts snapshot) {
    knowFrom(nextXid.near(snapshot.oldestRunningXid()));
    if (!start.standby()) {
      return;
    }
    if (snapshot.overflow()) {
      running.removeIf(xid -> xid.precedes(snapshot.oldestRunningXid()));
    } else {
      running.clear();
    }
    running.addAll(snapshot.xids());
    running.addAll(snapshot.subxids());
  }

  /**
   * After the first such point behind a gap, replay sees the end of every transaction from {@code
   * xid} on.
   */
  private void knowFrom(FullXid xid) {
    if (knownFrom.isEmpty()) {
      knownFrom = Optional.of(xid);
    }
  }

  private void advance(Xid xid) {
    FullXid full = nextXid.near(xid);
    if (xid.isNormal() && full.compareTo(nextXid) >= 0) {
      nextXid = full.next();
    }
  }

  private Answer answer(FullXid full) throws IOException {
    Xid xid = full.xid();
    if (!xid.isNormal()) {
      return Answer.COMMITTED;
    }
    if (full.compareTo(nextXid) >= 0) {
      return Answer.FUTURE;
    }
    if (full.compareTo(oldestXid) < 0 || image.isTruncated(xid)) {
      return Answer.TRUNCATED;
    }
    return switch (image.get(xid)) {
      case COMMITTED -> Answer.COMMITTED;
      case ABORTED -> Answer.ABORTED;
      case IN_PROGRESS, SUB_COMMITTED -> {
        if (isPrepared(xid) || running.contains(xid)) {
          yield Answer.IN_PROGRESS;
        }
        yield mayHaveEndedInGap(full) || image.isMissing(xid) ? Answer.UNKNOWN : Answer.ABORTED;
      }
    };
  }

  private boolean mayHaveEndedInGap(FullXid xid) {
    return gap.isPresent() && (knownFrom.isEmpty() || xid.compareTo(knownFrom.get()) < 0);
  }

  private boolean isPrepared(Xid xid) {
    return prepared.containsKey(xid)
        || prepared.values().stream().anyMatch(state -> state.subxids().contains(xid));
  }
}
