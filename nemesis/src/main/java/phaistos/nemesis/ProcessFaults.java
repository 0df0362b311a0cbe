package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/** Faults of the nodes' processes. */
public final class ProcessFaults {
  static final FaultKind KILL =
      new FaultKind(
          "kill",
          "SIGKILL: a node's process is gone, its page cache stays; counts when redo ran on it"
              + " afterwards.",
          "#E9A4A0",
          Optional.of("restart"),
          Set.of(Capability.KILL),
          new FaultKind.Maker() {
            @Override
            public Fault draw(Seed choice, long seed, Operator.Policy policy) {
              return new Kill(NodeSpec.draw(choice), seed);
            }

            @Override
            public Fault read(Edn.Table value) {
              return new Kill(NodeSpec.of(value.get("target")), EdnValues.seed(value));
            }
          });

  static final FaultKind PAUSE =
      new FaultKind(
          "pause",
          "SIGSTOP: a node's process stands still, its kernel goes on; counts when a running node"
              + " was stopped.",
          "#A0B1E9",
          Optional.of("resume"),
          Set.of(Capability.PAUSE),
          new FaultKind.Maker() {
            @Override
            public Fault draw(Seed choice, long seed, Operator.Policy policy) {
              return new Pause(NodeSpec.draw(choice), seed);
            }

            @Override
            public Fault read(Edn.Table value) {
              return new Pause(NodeSpec.of(value.get("target")), EdnValues.seed(value));
            }
          });

  static final List<FaultKind> KINDS = List.of(KILL, PAUSE);

  private ProcessFaults() {}

  /** SIGKILL. */
  public record Kill(NodeSpec target, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return KILL;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable().put("target", target.toEdn()).put("seed", seed).build();
    }

    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes = target.resolve(site.cluster(), new Seed(seed));
      List<NodeId> killed = site.state().running(nodes);
      Deaths deaths = new Deaths(site.state(), killed);
      site.state().kill(site.handle(), nodes);
      return new Killed(site, target, nodes, killed, deaths);
    }
  }

  private record Killed(
      Fault.Site site, NodeSpec target, List<NodeId> nodes, List<NodeId> killed, Deaths deaths)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      return new EdnTable().put("target", target.toEdn()).put("nodes", nodes).put("killed", killed);
    }

    @Override
    public void end() {
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      return deaths
          .recovered()
          .map(
              recovered ->
                  new Fault.Effect(
                      !recovered.isEmpty(),
                      new EdnTable().put("nodes", killed).put("recovered", recovered)));
    }
  }

  /** Nodes that were killed, and whether redo ran in the next start of each. */
  static final class Deaths {
    private final ClusterState state;
    private final TreeMap<NodeId, Integer> startsBefore = new TreeMap<>();

    /** Must be created before the nodes are killed. */
    Deaths(ClusterState state, List<NodeId> nodes) {
      this.state = state;
      nodes.forEach(node -> startsBefore.put(node, state.starts(node)));
    }

    /** Those on which redo ran; empty as long as one of them has not started again. */
    Optional<List<NodeId>> recovered() {
      List<NodeId> recovered = new ArrayList<>();
      for (NodeId node : startsBefore.keySet()) {
        Optional<Boolean> redo = state.recoveredAt(node, startsBefore.get(node));
        if (redo.isEmpty()) {
          return Optional.empty();
        }
        if (redo.get()) {
          recovered.add(node);
        }
      }
      return Optional.of(recovered);
    }
  }

  /** SIGSTOP. */
  public record Pause(NodeSpec target, long seed) implements Fault {
    @Override
    public FaultKind kind() {
      return PAUSE;
    }

    @Override
    public Edn.Table value() {
      return new EdnTable().put("target", target.toEdn()).put("seed", seed).build();
    }

    @Override
    public UnderWay begin(Site site) {
      List<NodeId> nodes = target.resolve(site.cluster(), new Seed(seed));
      List<NodeId> stopped =
          site.state().pause(site.handle(), nodes).stream()
              .filter(node -> site.cluster().state(node) == NodeState.PAUSED)
              .toList();
      return new Paused(site, target, nodes, stopped);
    }
  }

  private record Paused(Fault.Site site, NodeSpec target, List<NodeId> nodes, List<NodeId> stopped)
      implements Fault.UnderWay {
    @Override
    public EdnTable began() {
      return new EdnTable()
          .put("target", target.toEdn())
          .put("nodes", nodes)
          .put("stopped", stopped);
    }

    @Override
    public void end() {
      site.state().release(site.handle());
    }

    @Override
    public Optional<Fault.Effect> effect() {
      return Optional.of(
          new Fault.Effect(!stopped.isEmpty(), new EdnTable().put("nodes", stopped)));
    }
  }
}
