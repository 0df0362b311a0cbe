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
      new FaultKind(
          "terminate-walsender",
          "pg_terminate_backend on the walsender of a standby, which connects again by itself;"
              + " counts when that walsender is gone.",
          "#8FB4C9",
          Optional.empty(),
          Set.of(),
          new FaultKind.Maker() {
            @Override
            public Fault draw(Seed choice, long seed, Operator.Policy policy) {
              return new TerminateWalsender(NodeSpec.draw(choice), seed);
            }

            @Override
            public Fault read(Edn.Table value) {
              return new TerminateWalsender(
                  NodeSpec.of(value.get("target")), EdnValues.seed(value));
            }
          });

  static final List<FaultKind> KINDS = List.of(TERMINATE_WALSENDER);

  private ReplicationFaults() {}

  /**
   * @param target the standbys whose walsenders end; a primary among the targets has none and is
   *     skipped
   */
  public record TerminateWalsender(NodeSpec target, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return TERMINATE_WALSENDER;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable().put("target", target.toEdn()).put("seed", seed).build();
    }

    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes = target.resolve(site.cluster(), new Seed(seed));
      TreeMap<NodeId, String> pids = new TreeMap<>();
      for (NodeId node : nodes) {
        pid(site, node).ifPresent(pid -> pids.put(node, pid));
      }
      pids.values().forEach(pid -> ask(site, "select pg_terminate_backend(" + pid + ")"));
      return new Terminated(this, nodes, pids, awaitGone(site, pids));
    }

    private static List<NodeId> awaitGone(Site site, TreeMap<NodeId, String> pids) {
      long deadline = site.cluster().control().clock().monotonicNanos() + WAIT_NANOS;
      while (true) {
        List<NodeId> gone =
            pids.keySet().stream()
                .filter(node -> !pid(site, node).equals(Optional.of(pids.get(node))))
                .toList();
        if (gone.size() == pids.size()
            || site.cluster().control().clock().monotonicNanos() >= deadline) {
          return gone;
        }
        site.cluster().control().tasks().sleep(POLL_NANOS);
      }
    }

    private static Optional<String> pid(Site site, NodeId standby) {
      return ask(
          site, "select pid from pg_stat_replication where application_name = '" + standby + "'");
    }

    private static Optional<String> ask(Site site, String sql) {
      return OneValue.of(site.cluster(), site.cluster().primary(), sql, LIMITS);
    }
  }

  private record Terminated(
      TerminateWalsender fault, List<NodeId> nodes, TreeMap<NodeId, String> pids, List<NodeId> gone)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      EdnTable table = new EdnTable();
      pids.forEach((node, pid) -> table.put(node.name(), pid));
      return new EdnTable()
          .put("target", fault.target.toEdn())
          .put("nodes", nodes)
          .put("walsenders", table.build());
    }

    @Override
    public void end() {}

    @Override
    public Optional<Fault.Effect> effect() {
      return Optional.of(new Fault.Effect(!gone.isEmpty(), new EdnTable().put("gone", gone)));
    }
  }
}
