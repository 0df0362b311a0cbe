package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.generators.Seed;

/** Which nodes a fault is for, by Jepsen's names. Resolved when the fault fires, by its seed. */
public enum NodeSpec {
  /** Any one. */
  ONE("one"),
  /** As many, of any, as can fail without the rest losing its majority. */
  MINORITY("minority"),
  /** Any smallest majority. */
  MAJORITY("majority"),
  /** The node that is primary now. */
  PRIMARIES("primaries"),
  ALL("all");

  private final String word;

  NodeSpec(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  /** An {@link IllegalArgumentException} names what there is. */
  public static NodeSpec of(String word) {
    for (NodeSpec spec : values()) {
      if (spec.word.equals(word)) {
        return spec;
      }
    }
    throw new IllegalArgumentException(
        "no node spec: " + word + " (expected one of one, minority, majority, primaries, all)");
  }

  /** In the order of the cluster's nodes. */
  public List<NodeId> resolve(Cluster cluster, Seed seed) {
    List<NodeId> nodes = cluster.nodes();
    int majority = nodes.size() / 2 + 1;
    return switch (this) {
      case ONE -> some(nodes, 1, seed);
      case MINORITY -> some(nodes, nodes.size() - majority, seed);
      case MAJORITY -> some(nodes, majority, seed);
      case PRIMARIES -> List.of(cluster.primary());
      case ALL -> nodes;
    };
  }

  private static List<NodeId> some(List<NodeId> nodes, int count, Seed seed) {
    List<NodeId> chosen = new ArrayList<>(nodes);
    Seed draw = seed;
    while (chosen.size() > count) {
      chosen.remove(draw.drawInt(chosen.size()));
      draw = draw.next();
    }
    return List.copyOf(chosen);
  }
}
