package phaistos.server.steps;

import java.util.List;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.server.steps.Step.Part;

/** Steps of pages, rows and checkpoints. */
public final class StorageSteps {
  // ---- storage

  public static final Step<RelationLocator, Void> BUFFER_READ =
      new Step<>(Part.STORAGE, "buffer-read", "A page of a relation is read from its file.");
  public static final Step<Lsn, Void> BUFFER_WAL_FLUSH =
      new Step<>(
          Part.STORAGE,
          "buffer-wal-flush",
          "The WAL is flushed up to a page's LSN before the page is written.");
  public static final Step<PageWrite, Void> BUFFER_WRITE =
      new Step<>(
          Part.STORAGE, "buffer-write", "A dirty page of a relation is written to its file.");
  public static final Step<String, Void> RELATION_SYNC =
      new Step<>(
          Part.STORAGE, "relation-sync", "A relation's file is synced at the end of a checkpoint.");
  public static final Step<String, Void> RELATION_DIRECTORY_SYNC =
      new Step<>(
          Part.STORAGE,
          "relation-directory-sync",
          "A relation's directory is synced at the end of a checkpoint.");
  public static final Step<RelationLocator, Void> RELATION_CREATE =
      new Step<>(Part.STORAGE, "relation-create", "An empty file of a relation is made.");
  public static final Step<RelationLocator, Void> RELATION_DROP =
      new Step<>(Part.STORAGE, "relation-drop", "A relation's pages and its file are removed.");
  public static final Step<String, Void> DATA_DIRECTORY_SYNC =
      new Step<>(
          Part.STORAGE,
          "data-directory-sync",
          "A file or directory is synced before crash recovery, since a crash may have left"
              + " it unsynced.");

  // ---- heap

  public static final Step<Xid, Void> HEAP_CHANGE =
      new Step<>(
          Part.HEAP,
          "heap-change",
          "A row is changed on its page and the change is logged, as one critical section.");
  public static final Step<Xid, Boolean> HINT_BIT_ALLOWED =
      new Step<>(
          Part.HEAP,
          "hint-bit-allowed",
          "Whether a hint bit may be set for a transaction: only once its commit record is"
              + " durable.");
  public static final Step<HintBit, Void> HINT_BIT_SET =
      new Step<>(Part.HEAP, "hint-bit-set", "A hint bit is set on a row version.");
  public static final Step<RelationLocator, Void> HEAP_PRUNE =
      new Step<>(
          Part.HEAP,
          "heap-prune",
          "Dead row versions are removed from a page, as one critical section with the record.");
  public static final Step<RelationLocator, Void> HEAP_VACUUM =
      new Step<>(
          Part.HEAP,
          "heap-vacuum",
          "VACUUM makes dead line pointers of a page unused, or freezes its rows, with the"
              + " record.");
  public static final Step<RelationLocator, Void> RELATION_TRUNCATE =
      new Step<>(
          Part.STORAGE,
          "relation-truncate",
          "Pages are cut off the end of a relation's file, after the record is flushed.");
  public static final Step<Integer, Void> OID_RECORD =
      new Step<>(
          Part.HEAP,
          "oid-record",
          "The record that OIDs up to this one may be given out is inserted.");

  // ---- checkpoint

  public static final Step<Lsn, Lsn> CHECKPOINT_REDO_POINT =
      new Step<>(
          Part.CHECKPOINT,
          "checkpoint-redo-point",
          "A checkpoint moves the redo point to the end of the WAL; about the old one,"
              + " answers the new one.");
  public static final Step<Lsn, Void> CHECKPOINT_DELAY_WAIT =
      new Step<>(
          Part.CHECKPOINT,
          "checkpoint-delay-wait",
          "A checkpoint waits for commits that stand between their record and their bits in"
              + " the commit log.");
  public static final Step<Lsn, Void> CHECKPOINT_COMMIT_LOG =
      new Step<>(
          Part.CHECKPOINT,
          "checkpoint-commit-log",
          "A checkpoint or restartpoint writes the dirty pages of the commit log; about its"
              + " redo point.");
  public static final Step<Lsn, Void> CHECKPOINT_BUFFERS =
      new Step<>(
          Part.CHECKPOINT,
          "checkpoint-buffers",
          "A checkpoint or restartpoint writes and syncs the dirty pages of relations;"
              + " about its redo point.");
  public static final Step<Xid, Void> RUNNING_XACTS_RECORD =
      new Step<>(
          Part.CHECKPOINT,
          "running-xacts-record",
          "The record of the running transactions is inserted, with which standbys take"
              + " snapshots.");
  public static final Step<Lsn, Void> CHECKPOINT_RECORD =
      new Step<>(
          Part.CHECKPOINT,
          "checkpoint-record",
          "The checkpoint record is inserted and flushed; about the redo point that it"
              + " names.");
  public static final Step<String, Void> CONTROL_FILE_WRITE =
      new Step<>(
          Part.CHECKPOINT,
          "control-file-write",
          "The control file is written; about the new state in it.");
  public static final Step<String, Void> CONTROL_FILE_SYNC =
      new Step<>(
          Part.CHECKPOINT,
          "control-file-sync",
          "The control file is synced; about the new state in it.");
  public static final Step<Lsn, Void> MINIMUM_RECOVERY_POINT =
      new Step<>(
          Part.CHECKPOINT,
          "minimum-recovery-point",
          "A standby that is about to write a page notes how far replay must come before"
              + " its files are consistent.");

  public static final Step<Xid, Boolean> ROW_SHOWN =
      new Step<>(
          Part.HEAP,
          "row-shown",
          "Whether a row version is shown to a snapshot that may see it; about its xmin.");
  public static final Step<Xid, Boolean> ROW_LOCKED =
      new Step<>(
          Part.HEAP,
          "row-locked",
          "Whether a transaction that runs keeps others from changing a row version; about its"
              + " xmax.");
  public static final Step<Xid, Boolean> ROW_REPLACED =
      new Step<>(
          Part.HEAP,
          "row-replaced",
          "Whether a row version is gone since the transaction that changed it has committed; about"
              + " its xmax.");
  public static final Step<Xid, Boolean> KEY_TAKEN =
      new Step<>(
          Part.HEAP,
          "key-taken",
          "Whether a row version forbids another one of the same key; about the transaction to wait"
              + " for, invalid if it is live.");
  public static final Step<WalRange, Lsn> CHECKPOINT_REDO_NAMED =
      new Step<>(
          Part.CHECKPOINT,
          "checkpoint-redo-named",
          "The redo point that a checkpoint names; about the WAL from there to the end of what is"
              + " inserted.");

  static final List<Step<?, ?>> ALL =
      List.of(
          ROW_SHOWN,
          ROW_LOCKED,
          ROW_REPLACED,
          KEY_TAKEN,
          CHECKPOINT_REDO_NAMED,
          BUFFER_READ,
          BUFFER_WAL_FLUSH,
          BUFFER_WRITE,
          RELATION_SYNC,
          RELATION_DIRECTORY_SYNC,
          RELATION_CREATE,
          RELATION_DROP,
          RELATION_TRUNCATE,
          DATA_DIRECTORY_SYNC,
          HEAP_CHANGE,
          HINT_BIT_ALLOWED,
          HINT_BIT_SET,
          HEAP_PRUNE,
          HEAP_VACUUM,
          OID_RECORD,
          CHECKPOINT_REDO_POINT,
          CHECKPOINT_DELAY_WAIT,
          CHECKPOINT_COMMIT_LOG,
          CHECKPOINT_BUFFERS,
          RUNNING_XACTS_RECORD,
          CHECKPOINT_RECORD,
          CONTROL_FILE_WRITE,
          CONTROL_FILE_SYNC,
          MINIMUM_RECOVERY_POINT);

  private StorageSteps() {}
}
