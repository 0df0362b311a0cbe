package phaistos.harness;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.ClusterException;
import phaistos.environment.Environment;

/**
 * The nodes of a run that is over: their names and logs, and nothing that runs. A workload can be
 * built on it for the sake of its checkers; whatever acts throws.
 */
record StoredCluster(List<NodeId> nodes, NodeId primary, Map<String, List<String>> logs)
    implements Cluster {
  private static final String OVER = "the nodes of a stored run do not run";

  @Override
  public Capabilities capabilities() {
    Map<Capability, String> reasons = new EnumMap<>(Capability.class);
    for (Capability capability : Capability.values()) {
      reasons.put(capability, OVER);
    }
    return Capabilities.allBut(reasons);
  }

  @Override
  public Environment control() {
    throw new ClusterException(OVER);
  }

  @Override
  public void start() {
    throw new ClusterException(OVER);
  }

  @Override
  public void close() {}

  @Override
  public NodeState state(NodeId node) {
    return NodeState.DOWN;
  }

  @Override
  public Connection connect(NodeId node, Properties options) throws SQLException {
    throw new SQLException(OVER);
  }

  @Override
  public void kill(NodeId node) {}

  @Override
  public void killAll() {}

  @Override
  public RestartReport restart(NodeId node) {
    throw new ClusterException(OVER);
  }

  @Override
  public void pause(NodeId node) {
    throw new ClusterException(OVER);
  }

  @Override
  public void resume(NodeId node) {
    throw new ClusterException(OVER);
  }

  @Override
  public List<String> log(NodeId node) {
    return logs.getOrDefault(node.name(), List.of());
  }
}
