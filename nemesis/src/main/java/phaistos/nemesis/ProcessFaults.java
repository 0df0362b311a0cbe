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
      NodeFault.plain(
          "kill",
          "SIGKILL: a node's process is gone, its page cache stays; counts when redo ran on it"
              + " afterwards.",
          "#E9A4A0",
          Optional.of("restart"),
          Set.of(Capability.KILL),
          ProcessFaults::kill);

  static final FaultKind PAUSE =
      NodeFault.plain(
          "pause",
          "SIGSTOP: a node's process stands still, its kernel goes on; counts when a running node"
              + " was stopped.",
          "#A0B1E9",
          Optional.of("resume"),
          Set.of(Capability.PAUSE),
          ProcessFaults::pause);

  static final List<FaultKind> KINDS = List.of(KILL, PAUSE);

  private ProcessFaults() {}

  private static NodeFault.Going kill(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    List<NodeId> killed = site.state().running(nodes);
    Deaths deaths = new Deaths(site.state(), killed);
    site.state().kill(site.handle(), nodes);
    return new NodeFault.Going(
        new EdnTable().put("killed", killed),
        () -> {},
        () ->
            deaths
                .recovered()
                .map(
                    recovered ->
                        new Fault.Effect(
                            !recovered.isEmpty(),
                            new EdnTable().put("nodes", killed).put("recovered", recovered))));
  }

  private static NodeFault.Going pause(
      Fault.Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed) {
    List<NodeId> stopped =
        site.state().pause(site.handle(), nodes).stream()
            .filter(node -> site.cluster().state(node) == NodeState.PAUSED)
            .toList();
    return NodeFault.Going.known(
        new EdnTable().put("stopped", stopped),
        new Fault.Effect(!stopped.isEmpty(), new EdnTable().put("nodes", stopped)));
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
}
