package phaistos.nemesis;

import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import phaistos.cluster.Capability;
import phaistos.histories.Edn;
import phaistos.histories.generators.Seed;

/**
 * One kind of fault.
 *
 * @param name on the command line, in schedules, and as the function in the history
 * @param sentence of documentation
 * @param color of its bars in plots, "#rrggbb"
 * @param end the function that ends it in schedules and history; empty for a momentary fault
 * @param needs the capabilities that a cluster needs for it
 */
public record FaultKind(
    String name,
    String sentence,
    String color,
    Optional<String> end,
    Set<Capability> needs,
    Maker maker) {

  /** Makes faults of one kind. */
  public interface Maker {
    /**
     * Draws one.
     *
     * @param seed for the fault's own choices when it begins, smaller than a long so that it
     *     survives JSON
     */
    Fault draw(Seed choice, long seed, Operator.Policy policy);

    /** Reads {@link Fault#value}; an {@link IllegalArgumentException} says what is wrong. */
    Fault read(Edn.Table value);
  }

  /** Draws and reads {@code {:seed ..}}: a fault has no other parameter. */
  static Maker seeded(LongFunction<Fault> fault) {
    return new Maker() {
      @Override
      public Fault draw(Seed choice, long seed, Operator.Policy policy) {
        return fault.apply(seed);
      }

      @Override
      public Fault read(Edn.Table value) {
        return fault.apply(EdnValues.seed(value));
      }
    };
  }

  /** The value of such a fault. */
  static Edn.Table seededValue(long seed) {
    return new EdnTable().put("seed", seed).build();
  }

  /** Makes a fault of nodes that has a mode. */
  interface Moded<M> {
    Fault make(NodeSpec target, M mode, long seed);
  }

  /** Draws and reads {@code {:target .. :mode .. :seed ..}}, one of these modes. */
  static <M extends Enum<M>> Maker moded(M[] modes, Moded<M> fault) {
    return new Maker() {
      @Override
      public Fault draw(Seed choice, long seed, Operator.Policy policy) {
        M mode = modes[choice.child("mode").drawInt(modes.length)];
        return fault.make(NodeSpec.draw(choice), mode, seed);
      }

      @Override
      public Fault read(Edn.Table value) {
        return fault.make(
            NodeSpec.of(value.get("target")),
            EdnValues.word(value, "mode", modes),
            EdnValues.seed(value));
      }
    };
  }

  /** The value of such a fault. */
  static Edn.Table modedValue(NodeSpec target, Enum<?> mode, long seed) {
    return new EdnTable()
        .put("target", target.toEdn())
        .put("mode", EdnValues.word(mode))
        .put("seed", seed)
        .build();
  }

  public Fault draw(Seed seed, Operator.Policy policy) {
    return maker.draw(seed.child("choice"), seed.child("target").drawLong(1L << 48), policy);
  }

  public Fault read(Edn.Table value) {
    return maker.read(value);
  }
}
