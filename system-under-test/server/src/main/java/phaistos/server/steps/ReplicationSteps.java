package phaistos.server.steps;

import java.util.List;
import phaistos.formats.Lsn;
import phaistos.server.steps.Step.Part;

/** Steps of replication, on both of its sides. */
public final class ReplicationSteps {
  // ---- primary replication

  public static final Step<Lsn, byte[]> WAL_SENDER_READ =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "wal-sender-read",
          "A walsender reads WAL from the segment files; about where it begins.");
  public static final Step<Lsn, Void> WAL_SENDER_SEND =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "wal-sender-send",
          "A walsender sends a message of WAL; about where it ends.");
  public static final Step<String, Void> WAL_SENDER_REPLY =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "wal-sender-reply",
          "A walsender takes the positions that a standby, named here, has reported.");
  public static final Step<String, Lsn> SYNC_REP_POSITION =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "sync-rep-position",
          "The position that is settled for a mode (WRITE, FLUSH, APPLY) by the standbys'"
              + " replies.");
  public static final Step<Lsn, Void> SYNC_REP_RELEASE =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "sync-rep-release",
          "The commits that wait for a position up to this one are released.");

  // ---- standby replication

  public static final Step<Lsn, Void> STANDBY_WRITE =
      new Step<>(
          Part.STANDBY_REPLICATION,
          "standby-write",
          "The walreceiver writes WAL that has come up to an LSN, without making it" + " durable.");
  public static final Step<Lsn, Void> STANDBY_SYNC =
      new Step<>(
          Part.STANDBY_REPLICATION,
          "standby-sync",
          "The walreceiver syncs its segment file, which makes the WAL durable up to an" + " LSN.");
  public static final Step<Lsn, Lsn> STANDBY_POSITION =
      new Step<>(
          Part.STANDBY_REPLICATION,
          "standby-position",
          "The flush position that the walreceiver is about to report; about the position"
              + " up to which it has written.");
  public static final Step<StandbyReply, Void> STANDBY_REPLY =
      new Step<>(
          Part.STANDBY_REPLICATION,
          "standby-reply",
          "The walreceiver reports its positions to the primary; about these.");

  public static final Step<Lsn, Lsn> WAL_SENDER_LIMIT =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "wal-sender-limit",
          "Up to where a walsender may send; about how far the WAL is written.");
  public static final Step<String, Boolean> SYNC_REP_CANDIDATE =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "sync-rep-candidate",
          "Whether a standby, named here, counts for the commits that wait.");
  public static final Step<Integer, Integer> SYNC_REP_NEEDED =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "sync-rep-needed",
          "How many standbys must have a commit; about the number in synchronous_standby_names.");
  public static final Step<String, String> SYNC_REP_MODE =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "sync-rep-mode",
          "Which position of the standbys a commit waits for: WRITE, FLUSH or APPLY; about the"
              + " right one.");
  public static final Step<Integer, Void> SYNC_REP_WARNING =
      new Step<>(
          Part.PRIMARY_REPLICATION,
          "sync-rep-warning",
          "A client is warned that its wait was cut short; about its process id.");
  public static final Step<Lsn, Lsn> RECEIVER_START =
      new Step<>(
          Part.STANDBY_REPLICATION,
          "receiver-start",
          "Up to where the walreceiver counts WAL as flushed when it begins; about what is"
              + " replayed.");
  public static final Step<Lsn, Lsn> STANDBY_APPLIED =
      new Step<>(
          Part.STANDBY_REPLICATION,
          "standby-applied",
          "The apply position that the walreceiver is about to report; about its flush position.");

  static final List<Step<?, ?>> ALL =
      List.of(
          WAL_SENDER_LIMIT,
          SYNC_REP_CANDIDATE,
          SYNC_REP_NEEDED,
          SYNC_REP_MODE,
          SYNC_REP_WARNING,
          RECEIVER_START,
          STANDBY_APPLIED,
          WAL_SENDER_READ,
          WAL_SENDER_SEND,
          WAL_SENDER_REPLY,
          SYNC_REP_POSITION,
          SYNC_REP_RELEASE,
          STANDBY_WRITE,
          STANDBY_SYNC,
          STANDBY_POSITION,
          STANDBY_REPLY);

  private ReplicationSteps() {}
}
