package phaistos.cluster;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;

/** Queries of a node with a single value as the answer. */
public final class OneValue {
  private static final String TIMELINE =
      "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int";

  private static final String RECEIVED_TIMELINE =
      "SELECT received_tli FROM pg_stat_wal_receiver WHERE status = 'streaming'";

  private OneValue() {}

  /**
   * The first column of the first row, as text; empty if there is no row, if it is null, or if the
   * node does not answer within the limits.
   *
   * @param limits pgjdbc's connectTimeout and socketTimeout
   */
  public static Optional<String> of(Nodes nodes, NodeId node, String sql, Properties limits) {
    try {
      return orThrow(nodes, node, sql, limits);
    } catch (SQLException _) {
      return Optional.empty();
    }
  }

  /** The same; asks no node that is down or paused, since it would wait for nothing. */
  public static Optional<String> ofRunning(
      Nodes nodes, NodeId node, String sql, Properties limits) {
    return nodes.state(node) == NodeState.UP ? of(nodes, node, sql, limits) : Optional.empty();
  }

  /** The same, but throws if the node does not answer. */
  public static Optional<String> orThrow(Nodes nodes, NodeId node, String sql, Properties limits)
      throws SQLException {
    try (Connection connection = nodes.connect(node, limits);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
    }
  }

  /** Runs a statement without a result; whether the node did it within the limits. */
  public static boolean execute(Nodes nodes, NodeId node, String sql, Properties limits) {
    try (Connection connection = nodes.connect(node, limits);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return true;
    } catch (SQLException _) {
      return false;
    }
  }

  /** Limits in whole seconds, and the name under which pg_stat_activity shows the connection. */
  public static Properties limits(int connectSeconds, int socketSeconds, String applicationName) {
    Properties properties = new Properties();
    properties.setProperty("connectTimeout", Integer.toString(connectSeconds));
    properties.setProperty("socketTimeout", Integer.toString(socketSeconds));
    properties.setProperty("ApplicationName", applicationName);
    return properties;
  }

  /** Whether the primary's view pg_stat_replication shows this standby as streaming. */
  public static boolean streams(Nodes nodes, NodeId primary, NodeId standby) {
    String sql =
        "select count(*) from pg_stat_replication where state = 'streaming'"
            + " and application_name = '"
            + standby
            + "'";
    return of(nodes, primary, sql, limits(5, 65, "phaistos-control"))
        .filter(count -> !count.equals("0"))
        .isPresent();
  }

  /**
   * Whether a standby receives the timeline that its primary writes, however far behind it is. One
   * whose WAL goes on beyond the fork asks for its old timeline (rescanLatestTimeLine,
   * xlogrecovery.c). Only real PostgreSQL has the view.
   */
  public static boolean receivesTimeline(Nodes nodes, NodeId primary, NodeId standby) {
    Properties limits = limits(5, 65, "phaistos-control");
    Optional<String> received = of(nodes, standby, RECEIVED_TIMELINE, limits);
    return received.isPresent() && received.equals(of(nodes, primary, TIMELINE, limits));
  }
}
