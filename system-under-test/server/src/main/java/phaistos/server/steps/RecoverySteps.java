package phaistos.server.steps;

import java.util.List;
import phaistos.formats.Lsn;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.server.steps.Step.Part;

/** Steps of replay and promotion. */
public final class RecoverySteps {
  // ---- recovery

  public static final Step<Lsn, Void> REDO_HEAP =
      new Step<>(
          Part.RECOVERY,
          "redo-heap",
          "A record of resource manager Heap is replayed; about where it ends.");
  public static final Step<Lsn, Void> REDO_TRANSACTION =
      new Step<>(
          Part.RECOVERY,
          "redo-transaction",
          "A record of resource manager Transaction is replayed; about where it ends.");
  public static final Step<Lsn, Void> REDO_COMMIT_LOG =
      new Step<>(
          Part.RECOVERY,
          "redo-commit-log",
          "A record of resource manager CLOG is replayed; about where it ends.");
  public static final Step<Lsn, Void> REDO_STANDBY =
      new Step<>(
          Part.RECOVERY,
          "redo-standby",
          "A record of resource manager Standby is replayed; about where it ends.");
  public static final Step<Lsn, Void> REDO_STORAGE =
      new Step<>(
          Part.RECOVERY,
          "redo-storage",
          "A record of resource manager Storage is replayed; about where it ends.");
  public static final Step<Lsn, Void> REDO_XLOG =
      new Step<>(
          Part.RECOVERY,
          "redo-xlog",
          "A record of resource manager XLOG is replayed; about where it ends.");
  public static final Step<Lsn, Void> REDO_OTHER =
      new Step<>(
          Part.RECOVERY,
          "redo-other",
          "A record of another resource manager is replayed: its page images alone; about"
              + " where it ends.");
  public static final Step<RelationLocator, Void> REDO_IMAGE =
      new Step<>(
          Part.RECOVERY, "redo-image", "A page is replaced by the image that a record carries.");
  public static final Step<RelationLocator, Boolean> REDO_CHANGE =
      new Step<>(
          Part.RECOVERY,
          "redo-change",
          "A page is changed as a record says; answers no if it is gone or has the change"
              + " already.");
  public static final Step<Lsn, Void> REDO_PROGRESS =
      new Step<>(Part.RECOVERY, "redo-progress", "Replay makes known how far it has come.");

  // ---- promotion

  public static final Step<Integer, Integer> TIMELINE_SELECT =
      new Step<>(
          Part.PROMOTION,
          "timeline-select",
          "A promoted standby selects its new timeline; about the old one.");
  public static final Step<Lsn, Void> TIMELINE_SEGMENT_COPY =
      new Step<>(
          Part.PROMOTION,
          "timeline-segment-copy",
          "The part of the last segment before the switch is copied to the new timeline's"
              + " first segment.");
  public static final Step<String, Void> TIMELINE_HISTORY_WRITE =
      new Step<>(
          Part.PROMOTION,
          "timeline-history-write",
          "A timeline's history file is written under a temporary name and synced.");
  public static final Step<String, Void> TIMELINE_HISTORY_RENAME =
      new Step<>(
          Part.PROMOTION, "timeline-history-rename", "A timeline's history file gets its name.");
  public static final Step<String, Void> STANDBY_SIGNAL_DELETE =
      new Step<>(
          Part.PROMOTION, "standby-signal-delete", "The file standby.signal is removed durably.");
  public static final Step<Integer, Void> END_OF_RECOVERY_RECORD =
      new Step<>(
          Part.PROMOTION,
          "end-of-recovery-record",
          "The record that a new timeline begins is inserted and flushed; about that"
              + " timeline.");

  public static final Step<Xid, Void> XID_SEEN =
      new Step<>(Part.RECOVERY, "xid-seen", "Replay learns that a transaction id was given out.");
  public static final Step<Lsn, Boolean> REPLAY_GOES_ON =
      new Step<>(
          Part.RECOVERY,
          "replay-goes-on",
          "Whether replay goes on with the WAL that is there when a promotion was requested.");
  public static final Step<Lsn, Lsn> FORK_POINT =
      new Step<>(
          Part.PROMOTION,
          "fork-point",
          "Where a new timeline forks off; about the end of the last record that was replayed.");

  static final List<Step<?, ?>> ALL =
      List.of(
          XID_SEEN,
          REPLAY_GOES_ON,
          FORK_POINT,
          REDO_HEAP,
          REDO_TRANSACTION,
          REDO_COMMIT_LOG,
          REDO_STANDBY,
          REDO_STORAGE,
          REDO_XLOG,
          REDO_OTHER,
          REDO_IMAGE,
          REDO_CHANGE,
          REDO_PROGRESS,
          TIMELINE_SELECT,
          TIMELINE_SEGMENT_COPY,
          TIMELINE_HISTORY_WRITE,
          TIMELINE_HISTORY_RENAME,
          STANDBY_SIGNAL_DELETE,
          END_OF_RECOVERY_RECORD);

  private RecoverySteps() {}
}
