package phaistos.server.steps;

import java.util.List;
import phaistos.formats.CommitLog;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;
import phaistos.server.steps.Step.Part;

/** Steps of a commit on its own node: transaction, WAL, commit log. */
public final class CommitSteps {
  // ---- commit

  public static final Step<Xid, Void> DELAY_CHECKPOINT =
      new Step<>(
          Part.COMMIT,
          "delay-checkpoint",
          "A transaction that is about to insert its commit record asks checkpoints to wait"
              + " for it (DELAY_CHKPT_START).");
  public static final Step<Xid, Lsn> COMMIT_RECORD =
      new Step<>(
          Part.COMMIT,
          "commit-record",
          "The commit record is inserted into the WAL; answers its end.");
  public static final Step<Lsn, Void> COMMIT_FLUSH =
      new Step<>(
          Part.COMMIT,
          "commit-flush",
          "A commit waits until the WAL is durable up to the end of its record.");
  public static final Step<Xid, Void> COMMIT_LOG_SET =
      new Step<>(
          Part.COMMIT,
          "commit-log-set",
          "The bits of a committed or aborted transaction and of its subtransactions are"
              + " set in the commit log.");
  public static final Step<Xid, Void> COMMIT_LOG_SUB_COMMIT =
      new Step<>(
          Part.COMMIT,
          "commit-log-sub-commit",
          "Subtransactions whose bits are on other pages than their parent's are marked as"
              + " sub-committed first.");
  public static final Step<Lsn, Void> SYNC_REP_WAIT =
      new Step<>(
          Part.COMMIT, "sync-rep-wait", "A commit waits until enough standbys have its record.");
  public static final Step<Xid, Void> PROC_ARRAY_END =
      new Step<>(
          Part.COMMIT,
          "proc-array-end",
          "A transaction leaves the process array, so that new snapshots see it.");
  public static final Step<Xid, Void> CLIENT_ANSWER =
      new Step<>(
          Part.COMMIT, "client-answer", "The client is told that its transaction has committed.");
  public static final Step<Xid, Lsn> ABORT_RECORD =
      new Step<>(
          Part.COMMIT,
          "abort-record",
          "The abort record is inserted into the WAL; answers its end.");
  public static final Step<Xid, Void> XID_ASSIGN =
      new Step<>(
          Part.COMMIT,
          "xid-assign",
          "The next transaction id is about to be given out, and the commit log's page for"
              + " it is made if need be.");
  public static final Step<Xid, Void> SUBTRANS_SET =
      new Step<>(
          Part.COMMIT,
          "subtrans-set",
          "The parent of a subtransaction that has just got its id is noted in pg_subtrans.");
  public static final Step<Xid, Void> ASSIGNMENT_RECORD =
      new Step<>(
          Part.COMMIT,
          "assignment-record",
          "The record that names 64 subtransactions of a top-level transaction is inserted.");
  public static final Step<Xid, Void> SUBTRANSACTION_END =
      new Step<>(
          Part.COMMIT,
          "subtransaction-end",
          "An aborted subtransaction leaves the process array and gives up its locks.");
  public static final Step<Integer, Object> SNAPSHOT_TAKE =
      new Step<>(
          Part.COMMIT,
          "snapshot-take",
          "The session with this process id takes a snapshot; answers a Snapshot.");
  public static final Step<Xid, Void> XID_WAIT =
      new Step<>(Part.COMMIT, "xid-wait", "A session waits until another transaction has ended.");

  // ---- wal

  public static final Step<Xid, WalRange> WAL_INSERT =
      new Step<>(
          Part.WAL,
          "wal-insert",
          "A record is put into the WAL buffers: a range is reserved and filled; answers it.");
  public static final Step<Lsn, Boolean> FULL_PAGE_IMAGE =
      new Step<>(
          Part.WAL,
          "full-page-image",
          "Whether a record carries an image of a page that it changes; about the page's"
              + " LSN.");
  public static final Step<Lsn, Void> WAL_FLUSH =
      new Step<>(
          Part.WAL,
          "wal-flush",
          "Somebody makes the WAL durable up to an LSN, or waits for another who does.");
  public static final Step<Lsn, Void> WAL_WRITE =
      new Step<>(
          Part.WAL,
          "wal-write",
          "WAL is written to its segment files up to an LSN, without being made durable.");
  public static final Step<Lsn, Void> WAL_SYNC =
      new Step<>(
          Part.WAL,
          "wal-sync",
          "The current WAL segment is synced, which makes the WAL durable up to an LSN.");
  public static final Step<Lsn, Void> WAL_SEGMENT_LEAVE_SYNC =
      new Step<>(
          Part.WAL,
          "wal-segment-leave-sync",
          "A WAL segment is synced before the next one, which begins at an LSN, is written"
              + " to.");
  public static final Step<String, Void> WAL_SEGMENT_SYNC =
      new Step<>(
          Part.WAL,
          "wal-segment-sync",
          "The zeroes of a new WAL segment are synced under its temporary name.");
  public static final Step<String, Void> WAL_SEGMENT_RENAME =
      new Step<>(Part.WAL, "wal-segment-rename", "A new WAL segment gets its name.");
  public static final Step<String, Void> WAL_DIRECTORY_SYNC =
      new Step<>(
          Part.WAL,
          "wal-directory-sync",
          "The directory pg_wal is synced, so that a file in it keeps its name.");
  public static final Step<Lsn, Void> WAL_BACKGROUND_FLUSH =
      new Step<>(
          Part.WAL,
          "wal-background-flush",
          "The WAL writer flushes whole pages and asynchronous commits up to an LSN.");

  // ---- commit log

  public static final Step<Xid, Void> GROUP_LSN =
      new Step<>(
          Part.COMMIT_LOG,
          "group-lsn",
          "The LSN of an asynchronous commit is noted for its group of 32 transactions.");
  public static final Step<String, byte[]> SLRU_READ =
      new Step<>(
          Part.COMMIT_LOG,
          "slru-read",
          "A page of an SLRU is read from its file, named here with its offset; answers its"
              + " 8192 bytes.");
  public static final Step<String, Void> SLRU_EVICT =
      new Step<>(
          Part.COMMIT_LOG,
          "slru-evict",
          "A dirty page of an SLRU is written since another page needs its buffer.");
  public static final Step<String, Void> SLRU_ZERO_PAGE =
      new Step<>(Part.COMMIT_LOG, "slru-zero-page", "A page of an SLRU is made of zeroes.");
  public static final Step<Xid, Void> SLRU_ZERO_RECORD =
      new Step<>(
          Part.COMMIT_LOG,
          "slru-zero-record",
          "The record that a page of the commit log was made is inserted.");
  public static final Step<Lsn, Void> SLRU_WAL_FLUSH =
      new Step<>(
          Part.COMMIT_LOG,
          "slru-wal-flush",
          "The WAL is flushed up to the highest group LSN of a page that is about to be"
              + " written.");
  public static final Step<PageWrite, Void> SLRU_WRITE =
      new Step<>(
          Part.COMMIT_LOG, "slru-write", "A dirty page of an SLRU is written to its segment file.");
  public static final Step<String, Void> SLRU_SYNC =
      new Step<>(
          Part.COMMIT_LOG, "slru-sync", "A segment file of an SLRU is synced behind a write.");
  public static final Step<String, Void> SLRU_RANGE_SYNC =
      new Step<>(
          Part.COMMIT_LOG,
          "slru-range-sync",
          "The range of a page is written to the disk before its segment file is synced.");
  public static final Step<String, Void> SLRU_PREALLOCATE =
      new Step<>(
          Part.COMMIT_LOG,
          "slru-preallocate",
          "A new segment file of an SLRU gets its full size in zeroes.");
  public static final Step<String, Void> SLRU_DELETE =
      new Step<>(
          Part.COMMIT_LOG,
          "slru-delete",
          "A segment file of an SLRU is deleted since nobody needs its pages any more.");
  public static final Step<Xid, Void> COMMIT_LOG_TRUNCATE =
      new Step<>(
          Part.COMMIT_LOG,
          "commit-log-truncate",
          "The commit log forgets transactions before one, on disk too; its record is durable.");
  public static final Step<Xid, Void> COMMIT_LOG_TRUNCATE_RECORD =
      new Step<>(
          Part.COMMIT_LOG,
          "commit-log-truncate-record",
          "The record of a truncation of the commit log is inserted and flushed.");
  public static final Step<String, Void> SLRU_DIRECTORY_SYNC =
      new Step<>(
          Part.COMMIT_LOG,
          "slru-directory-sync",
          "The directory of an SLRU is synced since a segment file is new.");
  public static final Step<Xid, Void> COMMIT_LOG_TRIM =
      new Step<>(
          Part.COMMIT_LOG,
          "commit-log-trim",
          "At the end of recovery the bits behind the last transaction are cleared.");

  public static final Step<Xid, String> COMMIT_LEVEL =
      new Step<>(
          Part.COMMIT,
          "commit-level",
          "Which level of synchronous_commit a commit obeys; answers its name.");
  public static final Step<Xid, List<Xid>> COMMIT_SUBXIDS =
      new Step<>(
          Part.COMMIT, "commit-subxids", "Which subtransactions share the outcome of a commit.");
  public static final Step<Lsn, Lsn> SYNC_REP_TARGET =
      new Step<>(
          Part.COMMIT,
          "sync-rep-target",
          "Up to where standbys must have the WAL of a commit; about the end of its record.");
  public static final Step<BitChange, Void> COMMIT_LOG_BITS =
      new Step<>(
          Part.COMMIT_LOG,
          "commit-log-bits",
          "The two bits of one transaction are set on a page of the commit log in memory.");
  public static final Step<Xid, CommitLog.Status> COMMIT_LOG_LOOKUP =
      new Step<>(
          Part.COMMIT_LOG, "commit-log-lookup", "What the commit log says of a transaction.");
  public static final Step<Xid, Xid> COMMIT_LOG_TRIM_FROM =
      new Step<>(
          Part.COMMIT_LOG,
          "commit-log-trim-from",
          "From which transaction on the end of recovery clears bits; about the next one.");

  static final List<Step<?, ?>> ALL =
      List.of(
          COMMIT_LEVEL,
          COMMIT_SUBXIDS,
          SYNC_REP_TARGET,
          COMMIT_LOG_BITS,
          COMMIT_LOG_LOOKUP,
          COMMIT_LOG_TRIM_FROM,
          DELAY_CHECKPOINT,
          COMMIT_RECORD,
          COMMIT_FLUSH,
          COMMIT_LOG_SET,
          COMMIT_LOG_SUB_COMMIT,
          SYNC_REP_WAIT,
          PROC_ARRAY_END,
          CLIENT_ANSWER,
          ABORT_RECORD,
          XID_ASSIGN,
          SUBTRANS_SET,
          ASSIGNMENT_RECORD,
          SUBTRANSACTION_END,
          SNAPSHOT_TAKE,
          XID_WAIT,
          WAL_INSERT,
          FULL_PAGE_IMAGE,
          WAL_FLUSH,
          WAL_WRITE,
          WAL_SYNC,
          WAL_SEGMENT_LEAVE_SYNC,
          WAL_SEGMENT_SYNC,
          WAL_SEGMENT_RENAME,
          WAL_DIRECTORY_SYNC,
          WAL_BACKGROUND_FLUSH,
          GROUP_LSN,
          SLRU_READ,
          SLRU_EVICT,
          SLRU_ZERO_PAGE,
          SLRU_ZERO_RECORD,
          SLRU_WAL_FLUSH,
          SLRU_WRITE,
          SLRU_SYNC,
          SLRU_RANGE_SYNC,
          SLRU_PREALLOCATE,
          SLRU_DELETE,
          COMMIT_LOG_TRUNCATE,
          COMMIT_LOG_TRUNCATE_RECORD,
          SLRU_DIRECTORY_SYNC,
          COMMIT_LOG_TRIM);

  private CommitSteps() {}
}
