package phaistos.cluster;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Cluster.RestartReport;

/** The nodes of a cluster and their life. */
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

  /** SIGKILL: the process is gone, the page cache stays. Nothing happens if it is down. */
  void kill(NodeId node);

  /** All running nodes at one instant, before any of them can do anything in between. */
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
