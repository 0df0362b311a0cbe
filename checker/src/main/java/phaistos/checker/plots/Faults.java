package phaistos.checker.plots;

import java.util.ArrayList;
import java.util.List;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * When faults were active. A fault begins with an event of no client, and ends with the next one
 * whose function undoes it: {@code start} by {@code stop}, {@code start-X} by {@code stop-X},
 * {@code kill} and {@code crash} by {@code start} or {@code restart}, {@code pause} by {@code
 * resume}, {@code partition} by {@code heal}, {@code promote} by {@code rejoin}. What nothing
 * undoes lasts a moment, or, if it has an end of its own name, to the end of the history.
 */
final class Faults {
  /** From and to in nanoseconds; {@code name} is the function that began it. */
  record Band(String name, long fromNanos, long toNanos) {}

  private Faults() {}

  static List<Band> bands(History<UntypedCall> history, long endNanos) {
    List<Band> bands = new ArrayList<>();
    List<Event<UntypedCall>> open = new ArrayList<>();
    for (Event<UntypedCall> event : history.events()) {
      if (event.isClient() || event.timeNanos() < 0) {
        continue;
      }
      String f = event.call().name();
      boolean ends = false;
      for (int i = open.size() - 1; i >= 0; i--) {
        Event<UntypedCall> begun = open.get(i);
        if (undoes(f, begun.call().name())) {
          bands.add(new Band(begun.call().name(), begun.timeNanos(), event.timeNanos()));
          open.remove(i);
          ends = true;
        }
      }
      boolean again = open.stream().anyMatch(begun -> begun.call().name().equals(f));
      if (!ends && !again && begins(f)) {
        open.add(event);
      }
    }
    open.forEach(begun -> bands.add(new Band(begun.call().name(), begun.timeNanos(), endNanos)));
    return bands;
  }

  private static boolean begins(String f) {
    return !f.startsWith("stop")
        && !f.startsWith("heal")
        && !f.startsWith("resume")
        && !f.startsWith("restart")
        && !f.startsWith("rejoin")
        && !f.startsWith("recover")
        && !f.startsWith("reset");
  }

  private static boolean undoes(String f, String begun) {
    return switch (begun) {
      case "start" -> f.equals("stop");
      case "kill", "crash" -> f.equals("start") || f.equals("restart");
      case "pause" -> f.equals("resume");
      case "promote", "failover" -> f.equals("rejoin");
      default ->
          f.equals("heal")
              || f.equals("recover")
              || f.equals("stop-" + begun)
              || f.equals("heal-" + begun)
              || f.equals("reset-" + begun)
              || (begun.startsWith("start-") && f.equals("stop-" + begun.substring(6)));
    };
  }
}
