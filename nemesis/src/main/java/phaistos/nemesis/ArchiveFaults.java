package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import phaistos.cluster.Administration;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.ClusterException;
import phaistos.cluster.OneValue;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults of the archive of WAL, and standbys that live by it. */
final class ArchiveFaults {
  private static final Properties LIMITS = OneValue.limits(1, 5, "phaistos-nemesis");
  private static final String RESTORED = "restored log file";
  private static final String COLOR = "#B5BFA0";
  private static final long SOON_NANOS = 10_000_000_000L;

  static final FaultKind ARCHIVE_FAILURE =
      NodeFault.plain(
          "archive-failure",
          "archive_command fails on every node: WAL is kept, and archived later; counts when the"
              + " primary counted a failure.",
          COLOR,
          Optional.of("archive-again"),
          Set.of(Capability.ADMINISTRATION),
          ArchiveFaults::fail);

  static final FaultKind ARCHIVE_ONLY =
      NodeFault.plain(
          "archive-only",
          "A standby knows no primary, and gets WAL from the archive only; counts when it restored"
              + " a file.",
          COLOR,
          Optional.of("stream-again"),
          Set.of(Capability.ADMINISTRATION, Capability.LOG),
          ArchiveFaults::shipOnly);

  static final FaultKind REBUILD =
      NodeFault.plain(
          "rebuild",
          "A standby's disk is replaced: it recovers from the first backup and the archive, then"
              + " streams; only while no other fault is open; counts when it restored a file.",
          COLOR,
          Optional.empty(),
          Set.of(Capability.ADMINISTRATION, Capability.LOG),
          ArchiveFaults::rebuild);

  static final List<FaultKind> KINDS =
      List.of(SlotFaults.SLOT, ARCHIVE_FAILURE, ARCHIVE_ONLY, REBUILD);

  private ArchiveFaults() {}

  private static NodeFault.Going fail(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Cluster cluster = site.cluster();
    NodeId primary = cluster.primary();
    Optional<String> before = failures(cluster, primary);
    for (NodeId node : cluster.nodes()) {
      site.state().settings.hold(site.handle(), node, Map.of("archive_command", "false"));
    }
    switchWal(cluster);
    boolean[] hasFailed = {false};
    return NodeFault.Going.measured(
        new EdnTable().put("primary", primary.name()),
        () -> {
          hasFailed[0] |=
              before.isPresent()
                  && Soon.is(cluster, SOON_NANOS, () -> hasMore(cluster, primary, before.get()));
          site.state().settings.release(site.handle()::equals);
        },
        () -> new Fault.Effect(hasFailed[0], new EdnTable()));
  }

  private static boolean hasMore(Cluster cluster, NodeId primary, String before) {
    return cluster.state(primary) != NodeState.UP
        || failures(cluster, primary).filter(now -> !now.equals(before)).isPresent();
  }

  private static Optional<String> failures(Cluster cluster, NodeId primary) {
    return ask(cluster, primary, "select failed_count from pg_stat_archiver");
  }

  private static NodeFault.Going shipOnly(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Cluster cluster = site.cluster();
    List<NodeId> standbys = standbys(cluster, nodes);
    TreeMap<NodeId, Long> before = new TreeMap<>();
    standbys.forEach(node -> before.put(node, restored(cluster, node)));
    Map<String, String> settings =
        Map.of("primary_conninfo", "", "restore_command", administration(cluster).restoreCommand());
    standbys.forEach(node -> site.state().settings.hold(site.handle(), node, settings));
    switchWal(cluster);
    List<NodeId> hit = new ArrayList<>();
    return NodeFault.Going.measured(
        new EdnTable().put("standbys", standbys),
        () -> {
          if (hit.isEmpty()) {
            switchWal(cluster);
            Soon.is(cluster, SOON_NANOS, () -> hasRestored(cluster, before).containsAll(standbys));
            hit.addAll(hasRestored(cluster, before));
          }
          site.state().settings.release(site.handle()::equals);
        },
        () -> new Fault.Effect(!hit.isEmpty(), new EdnTable().put("restored", hit)));
  }

  private static NodeFault.Going rebuild(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    Cluster cluster = site.cluster();
    NodeId primary = cluster.primary();
    boolean isQuiet = !site.state().hasHolds() && cluster.state(primary) == NodeState.UP;
    List<NodeId> standbys = isQuiet ? standbys(cluster, nodes) : List.of();
    List<NodeId> hit = new ArrayList<>();
    // One after the other: what the others have acknowledged is still there.
    for (NodeId node : standbys) {
      if (site.operator().isCurrent(node)) {
        switchWal(cluster);
        long before = restored(cluster, node);
        rebuild(site, node, primary);
        if (restored(cluster, node) > before) {
          hit.add(node);
        }
      }
    }
    return NodeFault.Going.known(
        new EdnTable().put("standbys", standbys),
        new Fault.Effect(!hit.isEmpty(), new EdnTable().put("restored", hit)));
  }

  /**
   * The standby counts again when it has what the primary had then: what it had acknowledged was
   * lost with its disk.
   */
  private static void rebuild(Fault.Site site, NodeId node, NodeId primary) {
    site.operator().doesNotCount(node);
    try {
      administration(site.cluster()).rebuild(node, primary);
    } catch (ClusterException _) {
      return; // it joins later, as a node that a failover left out
    }
    if (site.operator().positions().hasCaughtUp(node, primary)) {
      site.operator().counts(node);
    }
  }

  private static List<NodeId> standbys(Cluster cluster, List<NodeId> nodes) {
    return nodes.stream()
        .filter(node -> !node.equals(cluster.primary()) && cluster.state(node) == NodeState.UP)
        .toList();
  }

  private static List<NodeId> hasRestored(Cluster cluster, TreeMap<NodeId, Long> before) {
    return before.keySet().stream()
        .filter(node -> restored(cluster, node) > before.get(node))
        .toList();
  }

  private static long restored(Cluster cluster, NodeId node) {
    return cluster.log(node).stream().filter(line -> line.contains(RESTORED)).count();
  }

  /** So that there is a segment to be archived. */
  private static void switchWal(Cluster cluster) {
    ask(cluster, cluster.primary(), "select pg_switch_wal()");
  }

  private static Administration administration(Cluster cluster) {
    return cluster.require(cluster.administration(), Capability.ADMINISTRATION);
  }

  private static Optional<String> ask(Cluster cluster, NodeId node, String sql) {
    return OneValue.ofRunning(cluster, node, sql, LIMITS);
  }
}
