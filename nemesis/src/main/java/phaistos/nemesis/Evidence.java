package phaistos.nemesis;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * What the faults of a history did, by the {@code :effects} that the nemesis measured.
 *
 * @param effective faults with an effect, by kind
 * @param withoutEffect faults that hit nothing, by kind
 * @param caughtUp whether every standby had caught up with the primary after the recovery at the
 *     end; empty if there was no recovery
 * @param lastCopies faults with an effect that may have taken the last good copy of what was
 *     promised: "sync-lie f3"
 * @param notFired handles of scheduled faults whose triggers never fired
 */
public record Evidence(
    TreeMap<String, Integer> effective,
    TreeMap<String, Integer> withoutEffect,
    Optional<Boolean> caughtUp,
    List<String> lastCopies,
    List<String> notFired) {

  public static Evidence of(History<UntypedCall> history) {
    TreeMap<String, Integer> effective = new TreeMap<>();
    TreeMap<String, Integer> withoutEffect = new TreeMap<>();
    Optional<Boolean> caughtUp = Optional.empty();
    List<String> lastCopies = new ArrayList<>();
    Set<Edn> takers = new HashSet<>();
    List<String> notFired = new ArrayList<>();
    for (Event<UntypedCall> event : history.nemesisEvents().toList()) {
      if (!(event.call().value() instanceof Edn.Table value)) {
        continue;
      }
      if (value.get("last-copy").equals(Edn.TRUE)) {
        takers.add(value.get("handle"));
      }
      if (value.get("caught-up") instanceof Edn.Bool(boolean all)) {
        caughtUp = Optional.of(all);
      }
      if (value.get("not-fired") instanceof Edn.Vector(List<Edn> handles)) {
        handles.forEach(handle -> notFired.add(handle instanceof Edn.Text t ? t.value() : "?"));
      }
      if (!(value.get("effects") instanceof Edn.Vector effects)) {
        continue;
      }
      for (Edn item : effects.items()) {
        if (item instanceof Edn.Table effect
            && effect.get("fault") instanceof Edn.Keyword(String fault)) {
          boolean counts = effect.get("effective").equals(Edn.TRUE);
          (counts ? effective : withoutEffect).merge(fault, 1, Integer::sum);
          if (counts && takers.contains(effect.get("handle"))) {
            lastCopies.add(fault + " " + ((Edn.Text) effect.get("handle")).value());
          }
        }
      }
    }
    return new Evidence(
        effective, withoutEffect, caughtUp, List.copyOf(lastCopies), List.copyOf(notFired));
  }

  /** How many faults had an effect. */
  public int total() {
    return effective.values().stream().mapToInt(Integer::intValue).sum();
  }
}
