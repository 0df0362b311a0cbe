package phaistos.cluster;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import phaistos.environment.Environment;
import phaistos.formats.DataDirectory;

/**
 * A primary with its standbys, as tests and nemeses see it. The first of {@link #nodes} starts as
 * primary; every node has the same initial data directory, and the WAL is kept for the length of a
 * run, so a node can always join by streaming everything.
 *
 * <p>All calls are made from tasks of {@link #control}. What cannot be done (a node that is up is
 * to be restarted, a container does not start) throws a {@link ClusterException}; a fault that did
 * nothing does not throw, its report says so. Thread-safe.
 */
public interface Cluster extends AutoCloseable {
  List<NodeId> nodes();

  /** The ports of the party outside the nodes: clients, nemesis, operator. */
  Environment control();

  /** Creates the nodes and starts them; returns once every standby streams from the primary. */
  void start();

  /** The node that was last made primary, by {@link #start} or {@link #promote}. */
  NodeId primary();

  NodeState state(NodeId node);

  /**
   * A JDBC connection through the client's link to the node.
   *
   * @param options pgjdbc's properties beyond address, user and database: socketTimeout, options
   */
  Connection connect(NodeId node, Properties options) throws SQLException;

  /** SIGKILL: the process is gone, the page cache stays. */
  void kill(NodeId node);

  /** Power cut: SIGKILL, and unsynced writes are lost as the mode and the seed say. */
  CrashReport crash(NodeId node, CrashMode mode, long seed);

  /** All running nodes at one instant, before any of them can do anything in between. */
  void killAll();

  /** Starts a node that is down, as it is; returns once it accepts connections or has recovered. */
  RestartReport restart(NodeId node);

  /** SIGSTOP. */
  void pause(NodeId node);

  /** SIGCONT. */
  void resume(NodeId node);

  /** Makes a standby primary, on a new timeline; returns once it accepts writes. */
  void promote(NodeId node);

  /** Makes a standby, up or down, stream from another primary; it is up afterwards. */
  void follow(NodeId standby, NodeId primary);

  /**
   * Throws away the node's data directory, and starts it again from the initial one as a standby of
   * {@code primary}: what a former primary needs. Returns once it streams.
   */
  void rejoin(NodeId node, NodeId primary);

  /** Stops the bytes on one directed stream until {@link #heal}. */
  void cut(Stream stream);

  void heal(Stream stream);

  void healAll();

  /** What went over this stream since the start. */
  Traffic traffic(Stream stream);

  /** Every stream of this cluster. */
  List<Stream> streams();

  /**
   * The files of a node that is down: as they are, or without any unsynced write (what was truly
   * flushed). A snapshot: it does not change when the node is started again.
   */
  DataDirectory image(NodeId node, ImageKind kind);

  /** The lines of the node's log so far. */
  List<String> log(NodeId node);

  /** Stops everything and removes what it left on the machine. */
  @Override
  void close();

  /** A node's name: "n1". */
  record NodeId(String name) implements Comparable<NodeId> {
    @Override
    public int compareTo(NodeId other) {
      return name.compareTo(other.name);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  enum NodeState {
    UP,
    PAUSED,
    DOWN
  }

  enum ImageKind {
    AS_IS,
    SYNCED_ONLY
  }

  enum CrashMode {
    /** Every unsynced write is lost. */
    ALL_LOST,
    /** Each unsynced write is lost or kept as the seed says. */
    SOME_LOST,
    /** As SOME_LOST, and one of them in parts (sectors of 512 bytes). */
    TORN
  }

  /**
   * One direction of the bytes on a link. The link is the one by which {@code dialer} connects to
   * {@code target} (no dialer: the clients); {@code toTarget} says which of its two streams.
   */
  record Stream(Optional<NodeId> dialer, NodeId target, boolean toTarget) {
    @Override
    public String toString() {
      String from = dialer.map(NodeId::name).orElse("clients");
      return toTarget ? from + "->" + target : target + "->" + from + " (dialed by " + from + ")";
    }
  }

  /**
   * Bytes on one stream.
   *
   * @param delivered bytes that arrived
   * @param stopped bytes that were sent into a cut and did not arrive in time: held or thrown away
   */
  record Traffic(long delivered, long stopped) {}

  /**
   * What a power cut did.
   *
   * @param unsyncedBytesLost bytes written and not synced that are gone
   */
  record CrashReport(long unsyncedBytesLost) {}

  /**
   * What a restart did.
   *
   * @param recovered whether redo ran (the log's "redo starts at")
   */
  record RestartReport(boolean recovered) {}
}
