package phaistos.cluster;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a cluster can do, and for everything else the reason why it cannot. This is known before the
 * cluster starts, so that a test which needs more is refused and does not fail in the middle.
 *
 * @param reasons for every missing {@link Capability}: a clause, "its nodes share the machine's
 *     clock"
 */
public record Capabilities(Set<Capability> present, Map<Capability, String> reasons) {
  /**
   * @throws IllegalArgumentException if a capability is neither present nor missing with a reason,
   *     or is both
   */
  public Capabilities {
    present = Set.copyOf(present);
    reasons = Map.copyOf(reasons);
    for (Capability capability : Capability.values()) {
      if (present.contains(capability) == reasons.containsKey(capability)) {
        throw new IllegalArgumentException(
            "capability " + capability + " must either be there or be missing with a reason");
      }
    }
  }

  /** Everything but these. */
  public static Capabilities allBut(Map<Capability, String> reasons) {
    EnumSet<Capability> present = EnumSet.allOf(Capability.class);
    present.removeAll(reasons.keySet());
    return new Capabilities(present, reasons);
  }

  public boolean has(Capability capability) {
    return present.contains(capability);
  }

  /** "this cluster cannot set a node's clock: its nodes share the machine's"; empty if it can. */
  public Optional<String> objection(Capability capability) {
    return Optional.ofNullable(reasons.get(capability))
        .map(reason -> "this cluster cannot " + capability.act() + ": " + reason);
  }
}
