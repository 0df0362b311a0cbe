package phaistos.cluster;

import java.util.Optional;
import phaistos.environment.Environment;

/**
 * A primary with its standbys, as tests and nemeses see it. The first of {@link #nodes} starts as
 * primary; every node has the same initial data directory. The WAL is kept for the whole run, so a
 * node can always join by streaming all of it.
 *
 * <p>Every cluster has {@link Nodes}. All other acts belong to parts that a cluster may lack;
 * {@link #capabilities} says why.
 *
 * <p>All calls come from tasks of {@link #control}. An act that is not possible now (a node to be
 * restarted is up, a container does not start) throws a {@link ClusterException}. A fault that did
 * nothing does not throw; its report says so. Thread-safe.
 */
public interface Cluster extends Nodes, AutoCloseable {
  /** What it can do. The answer is the same before and after the start. */
  Capabilities capabilities();

  /** The ports of the party outside the nodes: clients, nemesis, operator. */
  Environment control();

  /** Creates the nodes and starts them; returns once every standby streams from the primary. */
  void start();

  /** Present with {@link Capability#CUT}. */
  default Optional<Links> links() {
    return Optional.empty();
  }

  /** Present with {@link Capability#POWER_CUT}. */
  default Optional<Power> power() {
    return Optional.empty();
  }

  /** Present with {@link Capability#IMAGES}. */
  default Optional<Images> images() {
    return Optional.empty();
  }

  /** Present with {@link Capability#DISK}. */
  default Optional<Disks> disks() {
    return Optional.empty();
  }

  /** Present with {@link Capability#DISK_DAMAGE}. */
  default Optional<DiskDamage> diskDamage() {
    return Optional.empty();
  }

  /** Present with {@link Capability#CLOCK}. */
  default Optional<Clocks> clocks() {
    return Optional.empty();
  }

  /** Present with {@link Capability#STEPS}. */
  default Optional<ServerSteps> steps() {
    return Optional.empty();
  }

  /** Present with {@link Capability#REPLICATION_MESSAGES}. */
  default Optional<ReplicationMessages> replicationMessages() {
    return Optional.empty();
  }

  /** Present where the files of a node can be read at the moment of a reply. */
  default Optional<StandbyReplies> standbyReplies() {
    return Optional.empty();
  }

  /** Present with {@link Capability#SERVER_PROCESSES}. */
  default Optional<ServerProcesses> serverProcesses() {
    return Optional.empty();
  }

  /** Present with {@link Capability#SLOW_LINK}. */
  default Optional<SlowLinks> slowLinks() {
    return Optional.empty();
  }

  /** Present with {@link Capability#ADMINISTRATION}. */
  default Optional<Administration> administration() {
    return Optional.empty();
  }

  /** Present with {@link Capability#OPERATOR}. */
  default Optional<OperatorActs> operatorActs() {
    return Optional.empty();
  }

  /**
   * A part that the caller knows to be present.
   *
   * @throws ClusterException with the reason, if the cluster does not have it
   */
  default <T> T require(Optional<T> part, Capability capability) {
    return part.orElseThrow(
        () ->
            new ClusterException(
                capabilities()
                    .objection(capability)
                    .orElse(
                        "a cluster that claims to " + capability.act() + " has no part for it")));
  }

  /** Stops everything and removes everything that it created on the machine. */
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
    /**
     * Each page of 4 kB is as it was at some moment since its last sync, each file's size too, and
     * unsynced names are lost from some moment on; the seed decides the moments.
     */
    SOME_LOST,
    /** The same for each sector of 512 bytes: a page may be half new and half old. */
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
   * @param stopped bytes that were sent into a cut and did not arrive in time: held or dropped
   */
  record Traffic(long delivered, long stopped) {}

  /**
   * The result of a power cut.
   *
   * @param unsyncedBytesLost bytes written and not synced that are gone
   */
  record CrashReport(long unsyncedBytesLost) {}

  /**
   * The result of a restart.
   *
   * @param recovered whether redo ran (the log's "redo starts at")
   */
  record RestartReport(boolean recovered) {}
}
