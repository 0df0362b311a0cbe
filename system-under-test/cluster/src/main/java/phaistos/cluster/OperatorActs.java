package phaistos.cluster;

import phaistos.cluster.Cluster.NodeId;

/** What the operator of a cluster does to the nodes' roles. */
public interface OperatorActs {
  /** Makes a standby primary, on a new timeline; returns once it accepts writes. */
  void promote(NodeId node);

  /** Makes a standby, up or down, stream from another primary; it is up afterwards. */
  void follow(NodeId standby, NodeId primary);

  /**
   * Throws away the node's data directory, and starts it again from the initial one as a standby of
   * {@code primary}: what a former primary needs. Returns once it streams.
   */
  void rejoin(NodeId node, NodeId primary);
}
