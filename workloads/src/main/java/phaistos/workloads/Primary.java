package phaistos.workloads;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Details;

/**
 * A connection to the node that accepts writes, with that node's state at the time of connecting. A
 * node never turns from primary to standby without a restart, so the timeline stays right as long
 * as the connection lives.
 *
 * @param timeline absent if the node does not tell it
 */
public record Primary(
    NodeId node,
    Connection connection,
    OptionalInt timeline,
    String synchronousCommit,
    String standbyNames) {
  private static final String STATE =
      "select pg_is_in_recovery(), current_setting('synchronous_commit'),"
          + " current_setting('synchronous_standby_names'),"
          + " case when not pg_is_in_recovery() then pg_walfile_name(pg_current_wal_lsn()) end";

  /** Runs statements on the primary, each as a transaction of its own, for a workload's set-up. */
  public static void execute(Cluster cluster, JdbcOptions options, List<String> statements)
      throws SQLException {
    try (Connection connection = find(cluster, options.properties()).connection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Asks the node that should be primary, then all others; a node in recovery is not primary. */
  public static Primary find(Cluster cluster, Properties options) throws SQLException {
    List<NodeId> candidates = new ArrayList<>(List.of(cluster.primary()));
    cluster.nodes().stream().filter(n -> !candidates.contains(n)).forEach(candidates::add);
    List<SQLException> failures = new ArrayList<>();
    for (NodeId node : candidates) {
      try {
        Connection connection = cluster.connect(node, options);
        try {
          Optional<Primary> primary = of(node, connection);
          if (primary.isPresent()) {
            return primary.get();
          }
          connection.close();
        } catch (SQLException e) {
          connection.close();
          throw e;
        }
      } catch (SQLException e) {
        failures.add(e);
      }
    }
    String said = failures.isEmpty() ? "" : "; the first said: " + failures.getFirst().getMessage();
    SQLException none = new SQLException("no node takes writes" + said, "08001");
    failures.forEach(none::addSuppressed);
    throw none;
  }

  /** Empty if the node is in recovery. */
  private static Optional<Primary> of(NodeId node, Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(STATE)) {
      row.next();
      return row.getBoolean(1)
          ? Optional.empty()
          : Optional.of(
              new Primary(
                  node,
                  connection,
                  timeline(row.getString(4)),
                  row.getString(2),
                  row.getString(3)));
    }
  }

  public static boolean isInRecovery(Connection connection) throws SQLException {
    String answer = queryText(connection, "select pg_is_in_recovery()");
    return answer.equals("t") || answer.equals("true");
  }

  /** The first eight hexadecimal digits of a WAL file's name. */
  private static OptionalInt timeline(String walFile) {
    try {
      return walFile == null || walFile.length() < 8
          ? OptionalInt.empty()
          : OptionalInt.of(Integer.parseUnsignedInt(walFile, 0, 8, 16));
    } catch (NumberFormatException _) {
      return OptionalInt.empty();
    }
  }

  /** The first column of every row, as a number. */
  public static List<Long> queryLongs(Connection connection, String sql) throws SQLException {
    List<Long> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getLong(1));
      }
    }
    return values;
  }

  static String queryText(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        throw new SQLException("no row: " + sql, "02000");
      }
      String text = rows.getString(1);
      return text == null ? "" : text;
    }
  }

  /** The same, with other standbys to which its commits are owed. */
  Primary owedTo(String names) {
    return new Primary(node, connection, timeline, synchronousCommit, names);
  }

  public void describe(Details.Builder details) {
    details.node(node.name()).synchronousCommit(synchronousCommit).standbyNames(standbyNames);
    timeline.ifPresent(details::timeline);
  }
}
