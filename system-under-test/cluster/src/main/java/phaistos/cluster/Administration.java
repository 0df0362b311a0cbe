package phaistos.cluster;

import java.util.Map;
import phaistos.cluster.Cluster.NodeId;

/**
 * What an administrator of PostgreSQL does to a node, beside starting, stopping and promoting it.
 * Every primary archives its WAL into one folder of the run ({@code archive_command}), unless the
 * settings of the cluster say otherwise.
 */
public interface Administration {
  /**
   * Sets these beside the cluster's own settings, in place of those set before, and has a running
   * server read them. They hold until the node follows another primary or joins it again.
   */
  void set(NodeId node, Map<String, String> settings);

  /** The {@code restore_command} that finds what a primary has archived. */
  String restoreCommand();

  /**
   * Replaces the files of a standby by the backup that all nodes began with. It recovers from the
   * archive, then streams the rest. Returns once it streams.
   *
   * @throws ClusterException if it does not
   */
  void rebuild(NodeId standby, NodeId primary);
}
