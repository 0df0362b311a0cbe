package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.OneValue;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** What an administrator does to the processes of a running server. */
public final class BackendFaults {
  private static final Properties LIMITS = OneValue.limits(1, 5, "phaistos-nemesis");
  private static final String COLOR = "#C9B58F";
  private static final long RELOAD_GAP_NANOS = 20_000_000L;

  static final FaultKind CHECKPOINT =
      momentary(
          "checkpoint",
          "CHECKPOINT on a node, a restartpoint on a standby; counts when one was completed.",
          Set.of(Capability.LOG),
          BackendFaults::checkpoint);

  static final FaultKind CANCEL_BACKEND =
      momentary(
          "cancel-backend",
          "pg_cancel_backend on a client's session that runs or waits; counts when one was told.",
          Set.of(),
          (site, nodes, _, seed) -> signal(site, nodes, seed, "pg_cancel_backend"));

  static final FaultKind TERMINATE_BACKEND =
      momentary(
          "terminate-backend",
          "pg_terminate_backend on a client's session; counts when one was told.",
          Set.of(),
          (site, nodes, _, seed) -> signal(site, nodes, seed, "pg_terminate_backend"));

  static final FaultKind RELOAD =
      momentary(
          "reload",
          "The configuration is read again, ten times; counts when a server did it.",
          Set.of(),
          BackendFaults::reload);

  static final List<FaultKind> KINDS =
      List.of(CHECKPOINT, CANCEL_BACKEND, TERMINATE_BACKEND, RELOAD);

  private BackendFaults() {}

  private static FaultKind momentary(
      String name, String sentence, Set<Capability> needs, NodeFault.Begin begin) {
    return NodeFault.kind(
        name,
        sentence,
        COLOR,
        Optional.empty(),
        needs,
        _ -> Edn.Table.EMPTY,
        _ -> Edn.Table.EMPTY,
        begin);
  }

  private static NodeFault.Going checkpoint(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    List<NodeId> completed = new ArrayList<>();
    for (NodeId node : nodes) {
      if (site.cluster().state(node) != NodeState.UP) {
        continue;
      }
      long before = completed(site.cluster(), node);
      OneValue.execute(site.cluster(), node, "checkpoint", LIMITS);
      if (completed(site.cluster(), node) > before) {
        completed.add(node);
      }
    }
    return NodeFault.Going.known(
        new EdnTable(),
        new Fault.Effect(!completed.isEmpty(), new EdnTable().put("completed", completed)));
  }

  private static long completed(Cluster cluster, NodeId node) {
    return cluster.log(node).stream()
        .filter(
            line -> line.contains("checkpoint complete") || line.contains("restartpoint complete"))
        .count();
  }

  private static NodeFault.Going signal(
      Fault.Site site, List<NodeId> nodes, Seed seed, String function) {
    TreeMap<NodeId, String> told = new TreeMap<>();
    for (NodeId node : nodes) {
      Optional<String> pid = victim(site.cluster(), node, seed.child(node.name()));
      pid.flatMap(p -> ask(site.cluster(), node, "select %s(%s)".formatted(function, p)))
          .filter(answer -> answer.startsWith("t"))
          .ifPresent(_ -> told.put(node, pid.orElseThrow()));
    }
    EdnTable table = new EdnTable();
    told.forEach((node, pid) -> table.put(node.name(), pid));
    return NodeFault.Going.known(
        new EdnTable(),
        new Fault.Effect(!told.isEmpty(), new EdnTable().put("backends", table.build())));
  }

  /** A client's session; one that waits for a standby if there is one. */
  private static Optional<String> victim(Cluster cluster, NodeId node, Seed seed) {
    String from =
        " from pg_stat_activity where backend_type = 'client backend'"
            + " and application_name not like 'phaistos-%'";
    String waiting = from + " and wait_event = 'SyncRep'";
    boolean any = seed.drawInt(4) == 0;
    String those =
        !any && number(ask(cluster, node, "select count(*)" + waiting)) > 0 ? waiting : from;
    long count = number(ask(cluster, node, "select count(*)" + those));
    if (count == 0) {
      return Optional.empty();
    }
    long at = seed.next().drawLong(count);
    return ask(cluster, node, "select pid" + those + " order by pid offset " + at + " limit 1");
  }

  private static long number(Optional<String> text) {
    return text.map(Long::parseLong).orElse(0L);
  }

  private static NodeFault.Going reload(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    List<NodeId> reloaded = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      for (NodeId node : nodes) {
        Optional<String> answer = ask(site.cluster(), node, "select pg_reload_conf()");
        if (answer.filter(text -> text.startsWith("t")).isPresent() && !reloaded.contains(node)) {
          reloaded.add(node);
        }
      }
      site.cluster().control().tasks().sleep(RELOAD_GAP_NANOS);
    }
    return NodeFault.Going.known(
        new EdnTable(),
        new Fault.Effect(!reloaded.isEmpty(), new EdnTable().put("reloaded", reloaded)));
  }

  private static Optional<String> ask(Cluster cluster, NodeId node, String sql) {
    return OneValue.ofRunning(cluster, node, sql, LIMITS);
  }
}
