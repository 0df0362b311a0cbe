package phaistos.harness.explain;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import phaistos.harness.LoadScript;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;

/** Calls of clients as data. */
final class Calls {
  private Calls() {}

  /**
   * What a call is about. Of {@code [12 [3 0]]} it is 12, of {@code [[:append 3 7] [:r 4 nil]]} 3
   * and 4.
   */
  static Set<Edn> keys(UntypedCall call) {
    Set<Edn> keys = new HashSet<>();
    if (call.value() instanceof Edn.Vector(List<Edn> items) && !items.isEmpty()) {
      if (items.getFirst() instanceof Edn.Vector) {
        for (Edn item : items) {
          if (item instanceof Edn.Vector(List<Edn> parts) && parts.size() > 1) {
            keys.add(parts.get(1));
          }
        }
      } else {
        keys.add(items.getFirst());
      }
    } else {
      keys.add(call.value());
    }
    return keys;
  }

  /** So much later, or earlier if it is negative, but not before the start. */
  static List<LoadScript.Call> later(List<LoadScript.Call> some, long nanos) {
    return some.stream()
        .map(c -> new LoadScript.Call(Math.max(0, c.atNanos() + nanos), c.thread(), c.call()))
        .toList();
  }
}
