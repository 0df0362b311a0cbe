package phaistos.checker.plots;

import java.util.ArrayList;
import java.util.List;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * When faults were active. A fault begins with a nemesis event and ends with the next one whose
 * function undoes it: {@code start} by {@code stop}, {@code start-X} by {@code stop-X}, {@code
 * kill} and {@code crash} by {@code start} or {@code restart}, {@code pause} by {@code resume},
 * {@code partition} by {@code heal}, {@code promote} by {@code rejoin}. A fault that nothing undoes
 * lasts to the end of the history.
 */
final class Faults {
  /** From and to in nanoseconds; {@code name} is the function that began it. */
  record Band(String name, long fromNanos, long toNanos) {}

  private Faults() {}

  /** The same by the places of the events in the history; {@code to} is -1 for no end. */
  record Span(String name, int from, int to) {}

  static List<Band> bands(History<UntypedCall> history, long endNanos) {
    List<Event<UntypedCall>> events = history.events();
    List<Band> bands = new ArrayList<>();
    for (Span span : spans(events)) {
      long from = events.get(span.from).timeNanos();
      long to = span.to < 0 ? endNanos : events.get(span.to).timeNanos();
      if (from >= 0 && to >= from) {
        bands.add(new Band(span.name, from, to));
      }
    }
    return bands;
  }

  static List<Span> spans(List<Event<UntypedCall>> events) {
    List<Span> spans = new ArrayList<>();
    List<Integer> open = new ArrayList<>();
    for (int place = 0; place < events.size(); place++) {
      if (events.get(place).isClient()) {
        continue;
      }
      String f = events.get(place).call().name();
      boolean ends = false;
      for (int i = open.size() - 1; i >= 0; i--) {
        String begun = events.get(open.get(i)).call().name();
        if (undoes(f, begun)) {
          spans.add(new Span(begun, open.remove(i), place));
          ends = true;
        }
      }
      boolean again = open.stream().anyMatch(at -> events.get(at).call().name().equals(f));
      if (!ends && !again && begins(f)) {
        open.add(place);
      }
    }
    open.forEach(at -> spans.add(new Span(events.get(at).call().name(), at, -1)));
    return spans;
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
