package phaistos.nemesis;

import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import phaistos.cluster.Cluster.NodeId;
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

  /** The pid of each node's walsender; a node that has none is left out. */
  static TreeMap<NodeId, String> walsenders(Fault.Site site, List<NodeId> nodes) {
    TreeMap<NodeId, String> pids = new TreeMap<>();
    for (NodeId node : nodes) {
      pid(site, node).ifPresent(pid -> pids.put(node, pid));
    }
    return pids;
  }

  /** The nodes whose walsender is not the one of these any more. */
  static List<NodeId> gone(Fault.Site site, TreeMap<NodeId, String> pids) {
    return pids.keySet().stream()
        .filter(node -> !pid(site, node).equals(Optional.of(pids.get(node))))
        .toList();
  }

  private static Optional<String> pid(Fault.Site site, NodeId standby) {
    return ask(
        site, "select pid from pg_stat_replication where application_name = '" + standby + "'");
  }

  private static Optional<String> ask(Fault.Site site, String sql) {
    return OneValue.of(site.cluster(), site.cluster().primary(), sql, LIMITS);
  }
}
