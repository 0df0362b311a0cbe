package phaistos.cluster;

import java.util.List;
import java.util.OptionalInt;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.DataDirectory;
import phaistos.formats.Lsn;
import phaistos.formats.Xid;

/**
 * The replies of standbys, at the moment before each is sent, and what primaries send and write.
 */
public interface StandbyReplies {
  /** Tells this listener of every reply from now on. Call it before the start. */
  void listen(Listener listener);

  /** The time now, as replies have it. */
  long nowNanos();

  /** Bytes of a segment file of the WAL. */
  int walSegmentSize();

  /** Called by the task that sends the reply; it must not act on the cluster. */
  interface Listener {
    /** A standby begins to stream; what it has reported before was another walreceiver's. */
    void streams(NodeId standby);

    /**
     * A node sends WAL up to a position to one of its standbys.
     *
     * @param timeline on which it writes WAL itself; empty for a standby
     * @param durable and {@code cached}: its files, as of a reply
     * @param isSound whether its disk has neither lied nor been damaged
     */
    default void sends(
        NodeId sender,
        long timeNanos,
        Lsn end,
        OptionalInt timeline,
        DataDirectory durable,
        DataDirectory cached,
        boolean isSound) {}

    /**
     * A primary has put a commit record into its WAL.
     *
     * @param xids of the transaction and its subtransactions
     * @param end of the record
     * @param flushed up to where the primary counts its WAL as flushed
     */
    default void commits(NodeId primary, long timeNanos, List<Xid> xids, Lsn end, Lsn flushed) {}

    /**
     * A primary is about to write a page of a table or of the commit log.
     *
     * @param path below the data directory
     * @param page its 8192 bytes
     * @param flushed up to where the primary counts its WAL as flushed
     */
    default void writes(
        NodeId primary, long timeNanos, String path, long offset, byte[] page, Lsn flushed) {}

    /**
     * A primary is about to set a hint bit that says that a transaction committed.
     *
     * @param page the LSN of the page, which may be written at any time from now on
     * @param flushed up to where the primary counts its WAL as flushed
     */
    default void hints(NodeId primary, long timeNanos, Xid xid, Lsn page, Lsn flushed) {}

    /** A standby is about to send a reply, also one that the next method is not told of. */
    default void reports(Reply reply) {}

    /** Not called for a standby whose disk has lied or is damaged: it cannot keep to anything. */
    void replies(Reply reply);
  }

  /**
   * A reply and the standby's files at that moment, which change as soon as the call returns.
   *
   * @param timeNanos since the cluster was made, or an earlier moment
   * @param timeline that is streamed
   * @param replayed how far the standby has replayed
   * @param durable what a power cut would leave if no unsynced write reached the platter
   * @param cached what a SIGKILL would leave
   */
  record Reply(
      NodeId standby,
      long timeNanos,
      int timeline,
      Lsn written,
      Lsn flushed,
      Lsn applied,
      Lsn replayed,
      DataDirectory durable,
      DataDirectory cached) {}
}
