package phaistos.nemesis;

import java.util.Optional;
import java.util.Set;
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

  Fault draw(Seed seed, Operator.Policy policy) {
    return maker.draw(seed.child("choice"), seed.child("target").drawLong(1L << 48), policy);
  }

  public Fault read(Edn.Table value) {
    return maker.read(value);
  }
}
