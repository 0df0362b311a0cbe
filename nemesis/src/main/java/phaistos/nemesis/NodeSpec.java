package phaistos.nemesis;

import java.util.ArrayList;
import java.util.List;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ServerSteps;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.generators.Seed;

/**
 * The targets of a fault: one of Jepsen's words, or the nodes themselves. The fault's seed resolves
 * it when the fault begins.
 */
public sealed interface NodeSpec {
  /** One node, drawn. */
  NodeSpec ONE = Word.ONE;

  /** As many nodes, drawn, as can fail while the rest keeps a majority. */
  NodeSpec MINORITY = Word.MINORITY;

  /** A smallest majority, drawn. */
  NodeSpec MAJORITY = Word.MAJORITY;

  /** The node that is primary now. */
  NodeSpec PRIMARIES = Word.PRIMARIES;

  NodeSpec ALL = Word.ALL;

  /**
   * The nodes that a trigger holds at a step of their server; one node, drawn, if there is none.
   */
  NodeSpec HELD = Word.HELD;

  /** {@code :primaries}. */
  enum Word implements NodeSpec {
    ONE,
    MINORITY,
    MAJORITY,
    PRIMARIES,
    ALL,
    HELD
  }

  /** {@code ["n2" "n3"]}. */
  record Listed(List<NodeId> nodes) implements NodeSpec {
    public Listed {
      nodes = List.copyOf(nodes);
      if (nodes.isEmpty()) {
        throw new IllegalArgumentException("a target without nodes");
      }
    }
  }

  static NodeSpec nodes(NodeId... nodes) {
    return new Listed(List.of(nodes));
  }

  /**
   * Reads a keyword or a vector of names; an {@link IllegalArgumentException} lists the keywords.
   */
  static NodeSpec of(Edn value) {
    for (Word word : Word.values()) {
      if (EdnValues.word(word).equals(value)) {
        return word;
      }
    }
    if (value instanceof Edn.Vector(List<Edn> items)) {
      List<NodeId> nodes = new ArrayList<>();
      for (Edn item : items) {
        if (!(item instanceof Edn.Text(String name))) {
          throw new IllegalArgumentException(":target: " + EdnWriter.print(item) + " is no name");
        }
        nodes.add(new NodeId(name));
      }
      return new Listed(nodes);
    }
    throw new IllegalArgumentException(
        ":target: "
            + EdnWriter.print(value)
            + " (expected :one, :minority, :majority, :primaries, :all, :held or names as in"
            + " [\"n2\"])");
  }

  default Edn toEdn() {
    return switch (this) {
      case Word word -> EdnValues.word(word);
      case Listed(List<NodeId> nodes) ->
          new Edn.Vector(nodes.stream().map(node -> Edn.of(node.name())).toList());
    };
  }

  /**
   * The nodes, in the order of the cluster's nodes.
   *
   * @throws IllegalArgumentException if a named node is not in the cluster
   */
  default List<NodeId> resolve(Cluster cluster, Seed seed) {
    List<NodeId> nodes = cluster.nodes();
    int majority = nodes.size() / 2 + 1;
    return switch (this) {
      case Word.ONE -> some(nodes, 1, seed);
      case Word.MINORITY -> some(nodes, nodes.size() - majority, seed);
      case Word.MAJORITY -> some(nodes, majority, seed);
      case Word.PRIMARIES -> List.of(cluster.primary());
      case Word.ALL -> nodes;
      case Word.HELD -> {
        List<NodeId> held = cluster.steps().map(ServerSteps::held).orElse(List.of());
        yield held.isEmpty()
            ? some(nodes, 1, seed)
            : nodes.stream().filter(held::contains).toList();
      }
      case Listed(List<NodeId> named) -> {
        requireKnown(named, nodes);
        yield nodes.stream().filter(named::contains).toList();
      }
    };
  }

  /** An {@link IllegalArgumentException} names the node that the cluster does not have. */
  static void requireKnown(List<NodeId> named, List<NodeId> nodes) {
    for (NodeId node : named) {
      if (!nodes.contains(node)) {
        throw new IllegalArgumentException("no node " + node + " (there are " + nodes + ")");
      }
    }
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

  /** Draws the targets of a fault. */
  static NodeSpec draw(Seed choice) {
    return switch (choice.drawInt(10)) {
      case 0 -> ALL;
      case 1, 2 -> MAJORITY;
      case 3, 4, 5 -> PRIMARIES;
      case 6 -> MINORITY;
      default -> ONE;
    };
  }
}
