package phaistos.nemesis;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;

/**
 * The settings that faults hold on nodes beside their own, a part of {@link ClusterState}: each
 * node has those of all faults. A node that follows another primary or joins again has its own ones
 * only; so whatever held it holds it no more. Not thread-safe; only the nemesis' task calls it.
 */
final class HeldSettings {
  private final BiConsumer<NodeId, Map<String, String>> set;
  private final TreeMap<NodeId, TreeMap<Handle, Map<String, String>>> held = new TreeMap<>();

  /**
   * @param set gives a node settings beside its own, in place of those given before
   */
  HeldSettings(BiConsumer<NodeId, Map<String, String>> set) {
    this.set = set;
  }

  static HeldSettings of(Cluster cluster) {
    return new HeldSettings(
        (node, settings) ->
            cluster
                .require(cluster.administration(), Capability.ADMINISTRATION)
                .set(node, settings));
  }

  /** Where two faults hold one setting, the later one by its handle counts. */
  void hold(Handle handle, NodeId node, Map<String, String> settings) {
    held.computeIfAbsent(node, _ -> new TreeMap<>()).put(handle, settings);
    apply(node);
  }

  void release(Predicate<Handle> whose) {
    for (NodeId node : List.copyOf(held.keySet())) {
      if (held.get(node).keySet().removeIf(whose)) {
        apply(node);
      }
    }
    held.values().removeIf(TreeMap::isEmpty);
  }

  /** The node has its own settings only. */
  void forget(NodeId node) {
    held.remove(node);
  }

  boolean isEmpty() {
    return held.isEmpty();
  }

  private void apply(NodeId node) {
    TreeMap<String, String> all = new TreeMap<>();
    held.get(node).values().forEach(all::putAll);
    set.accept(node, all);
  }
}
