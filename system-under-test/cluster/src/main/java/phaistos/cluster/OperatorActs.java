package phaistos.cluster;

import phaistos.cluster.Cluster.NodeId;

/** The operator's acts, which change the roles of nodes. */
public interface OperatorActs {
  /** Makes a standby primary, on a new timeline; returns once it accepts writes. */
  void promote(NodeId node);

  /**
   * Ends a node's server in an orderly way (a fast shutdown): a primary makes its shutdown
   * checkpoint, and connected standbys get all of its WAL. A server that does not end in time is
   * killed. Clusters with {@link ServerProcesses} have that for it.
   *
   * @return whether it ended by itself
   */
  default boolean stop(NodeId node) {
    throw new ClusterException("this cluster cannot end a server in an orderly way");
  }

  /** Makes a standby, up or down, stream from another primary. The standby is up afterwards. */
  void follow(NodeId standby, NodeId primary);

  /**
   * Deletes the node's data directory, and starts the node from the initial one as a standby of
   * {@code primary}. A former primary needs this. Returns once it streams.
   */
  void rejoin(NodeId node, NodeId primary);
}
