package phaistos.cluster;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Cluster.RestartReport;

/** The nodes of a cluster: starting, stopping and connecting to them. */
public interface Nodes {
  /** In the order of their names; the first starts as primary. */
  List<NodeId> nodes();

  /** The node that was last made primary, by the start or by {@link OperatorActs#promote}. */
  NodeId primary();

  NodeState state(NodeId node);

  /**
   * A JDBC connection through the client's link to the node.
   *
   * @param options pgjdbc's properties beyond address, user and database: socketTimeout, options
   */
  Connection connect(NodeId node, Properties options) throws SQLException;

  /** Sends SIGKILL: the process is gone, the page cache stays. Does nothing if the node is down. */
  void kill(NodeId node);

  /**
   * Kills all running nodes at the same instant; none of them acts between the first kill and the
   * last.
   */
  void killAll();

  /** Starts a node that is down, as it is; returns once it accepts connections or has recovered. */
  RestartReport restart(NodeId node);

  /** SIGSTOP. */
  void pause(NodeId node);

  /** SIGCONT. */
  void resume(NodeId node);

  /** The lines of the node's log so far. */
  List<String> log(NodeId node);
}
