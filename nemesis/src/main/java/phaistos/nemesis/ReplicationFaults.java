package phaistos.nemesis;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.OneValue;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults of the replication between primary and standbys. */
public final class ReplicationFaults {
  private static final long WAIT_NANOS = 2_000_000_000L;
  private static final long POLL_NANOS = 50_000_000L;
  private static final Properties LIMITS = OneValue.limits(1, 2, "phaistos-nemesis");

  static final FaultKind TERMINATE_WALSENDER =
      NodeFault.plain(
          "terminate-walsender",
          "pg_terminate_backend on the walsender of a standby, which connects again by itself;"
              + " counts when that walsender is gone.",
          "#8FB4C9",
          Optional.empty(),
          Set.of(),
          ReplicationFaults::terminate);

  static final List<FaultKind> KINDS = List.of(TERMINATE_WALSENDER);

  private ReplicationFaults() {}

  /** A primary among the targets has no walsender and is skipped. */
  private static NodeFault.Going terminate(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    TreeMap<NodeId, String> pids = walsenders(site, nodes);
    pids.values().forEach(pid -> ask(site, "select pg_terminate_backend(" + pid + ")"));
    List<NodeId> gone = awaitGone(site, pids);
    EdnTable walsenders = new EdnTable();
    pids.forEach((node, pid) -> walsenders.put(node.name(), pid));
    return NodeFault.Going.known(
        new EdnTable().put("walsenders", walsenders.build()),
        new Fault.Effect(!gone.isEmpty(), new EdnTable().put("gone", gone)));
  }

  private static List<NodeId> awaitGone(Fault.Site site, TreeMap<NodeId, String> pids) {
    long deadline = site.cluster().control().clock().monotonicNanos() + WAIT_NANOS;
    while (true) {
      List<NodeId> gone = gone(site, pids);
      if (gone.size() == pids.size()
          || site.cluster().control().clock().monotonicNanos() >= deadline) {
        return gone;
      }
      site.cluster().control().tasks().sleep(POLL_NANOS);
    }
  }

  /**
   * The pid of each node's walsender; a node that has none is left out. The primary is asked once,
   * and not at all if it is down or paused.
   */
  static TreeMap<NodeId, String> walsenders(Fault.Site site, List<NodeId> nodes) {
    return asked(site, nodes).orElseGet(TreeMap::new);
  }

  /** The nodes whose walsender is not the one of these any more; none if nobody knows. */
  static List<NodeId> gone(Fault.Site site, TreeMap<NodeId, String> pids) {
    if (pids.isEmpty()) {
      return List.of();
    }
    return asked(site, List.copyOf(pids.keySet()))
        .map(
            now ->
                pids.keySet().stream()
                    .filter(node -> !pids.get(node).equals(now.get(node)))
                    .toList())
        .orElse(List.of());
  }

  private static Optional<TreeMap<NodeId, String>> asked(Fault.Site site, List<NodeId> nodes) {
    NodeId primary = site.cluster().primary();
    if (site.cluster().state(primary) != NodeState.UP) {
      return Optional.empty();
    }
    TreeMap<NodeId, String> pids = new TreeMap<>();
    try (Connection connection = site.cluster().connect(primary, LIMITS);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select application_name, pid from pg_stat_replication")) {
      while (rows.next()) {
        NodeId node = new NodeId(rows.getString(1));
        if (nodes.contains(node)) {
          pids.put(node, rows.getString(2));
        }
      }
      return Optional.of(pids);
    } catch (SQLException _) {
      return Optional.empty();
    }
  }

  private static Optional<String> ask(Fault.Site site, String sql) {
    return OneValue.ofRunning(site.cluster(), site.cluster().primary(), sql, LIMITS);
  }
}
