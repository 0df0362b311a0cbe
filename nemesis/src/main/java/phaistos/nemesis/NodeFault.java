package phaistos.nemesis;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/**
 * A fault on each of its targets, as data: the shape that most faults share. What is particular to
 * a kind is how its parameters are drawn and read, and how it begins.
 *
 * @param parameters beside target and seed
 * @param seed for the fault's own choices when it begins
 */
record NodeFault(Shape shape, NodeSpec target, Edn.Table parameters, long seed) implements Fault {
  /** What is particular to a kind. */
  static final class Shape {
    private final FaultKind kind;
    private final Begin begin;

    private Shape(FaultKind kind, Begin begin) {
      this.kind = kind;
      this.begin = begin;
    }
  }

  /** How a fault begins on its nodes. */
  @FunctionalInterface
  interface Begin {
    Going on(Site site, List<NodeId> nodes, Edn.Table parameters, Seed seed);
  }

  /**
   * What has begun.
   *
   * @param hit what it hit, beside the nodes
   * @param end lets go of what {@link ClusterState} does not hold; called once or more often. It
   *     comes first: a node that is brought back may wait for it.
   * @param effect measured after the end; empty while it is not known
   */
  record Going(EdnTable hit, Runnable end, Supplier<Optional<Effect>> effect) {
    /** A fault whose effect is known as soon as it has ended. */
    static Going measured(EdnTable hit, Runnable end, Supplier<Effect> effect) {
      return new Going(hit, end, () -> Optional.of(effect.get()));
    }

    /** A fault whose effect is known as soon as it has begun. */
    static Going known(EdnTable hit, Effect effect) {
      return new Going(hit, () -> {}, () -> Optional.of(effect));
    }
  }

  /** A fault of this kind, as a schedule would have it. */
  static Fault of(FaultKind kind, NodeSpec target, EdnTable parameters, long seed) {
    Edn.Table value = parameters.build();
    return kind.read(
        new EdnTable().put("target", target.toEdn()).putAll(value).put("seed", seed).build());
  }

  /** A kind without parameters, whose faults last. */
  static FaultKind plain(
      String name,
      String sentence,
      String color,
      Optional<String> end,
      Set<Capability> needs,
      Begin begin) {
    return kind(
        name, sentence, color, end, needs, _ -> Edn.Table.EMPTY, _ -> Edn.Table.EMPTY, begin);
  }

  /** Makes a kind of fault that {@code stop-NAME} ends, and that needs one capability. */
  static FaultKind lasting(
      String name,
      String sentence,
      String color,
      Capability needs,
      Function<Seed, Edn.Table> draw,
      Function<Edn.Table, Edn.Table> read,
      Begin begin) {
    return kind(
        name, sentence, color, Optional.of("stop-" + name), Set.of(needs), draw, read, begin);
  }

  /**
   * Makes a kind.
   *
   * @param end the function that ends it; empty for a momentary fault
   * @param draw draws the parameters
   * @param read keeps the parameters that it knows, checked; an {@link IllegalArgumentException}
   *     says what is wrong
   */
  static FaultKind kind(
      String name,
      String sentence,
      String color,
      Optional<String> end,
      Set<Capability> needs,
      Function<Seed, Edn.Table> draw,
      Function<Edn.Table, Edn.Table> read,
      Begin begin) {
    Shape[] shape = new Shape[1];
    FaultKind kind =
        new FaultKind(
            name,
            sentence,
            color,
            end,
            needs,
            new FaultKind.Maker() {
              @Override
              public Fault draw(Seed choice, long seed, Operator.Policy policy) {
                return new NodeFault(
                    shape[0], NodeSpec.draw(choice), draw.apply(choice.child("more")), seed);
              }

              @Override
              public Fault read(Edn.Table value) {
                return new NodeFault(
                    shape[0],
                    NodeSpec.of(value.get("target")),
                    read.apply(value),
                    EdnValues.seed(value));
              }
            });
    shape[0] = new Shape(kind, begin);
    return kind;
  }

  @Override
  public FaultKind kind() {
    return shape.kind;
  }

  @Override
  public Edn.Table value() {
    return new EdnTable()
        .put("target", target.toEdn())
        .putAll(parameters)
        .put("seed", seed)
        .build();
  }

  @Override
  public UnderWay begin(Site site) {
    Seed own = new Seed(seed);
    List<NodeId> nodes = target.resolve(site.cluster(), own);
    Going going = shape.begin.on(site, nodes, parameters, own.child("own"));
    EdnTable began = new EdnTable().putAll(value()).put("nodes", nodes).putAll(going.hit);
    return new UnderWay() {
      @Override
      public EdnTable began() {
        return began;
      }

      @Override
      public void letGo() {
        going.end.run();
      }

      @Override
      public void end() {
        letGo();
        site.state().release(site.handle());
      }

      @Override
      public Optional<Effect> effect() {
        return going.effect.get();
      }
    };
  }
}
