package phaistos.checker.pages;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * When the faults of a history were active. Faults with a {@code :handle} begin with the first
 * event of that handle and end with the event of another function that names it, or with {@code
 * recover}. Faults without one go by the names of functions: {@code start} is undone by {@code
 * stop}, {@code start-X} by {@code stop-X}, {@code kill} and {@code crash} by {@code start} or
 * {@code restart}, {@code pause} by {@code resume}, {@code partition} by {@code heal}. A momentary
 * act, such as a failover, lasts from its event to its answer. Use once; not thread-safe.
 */
public final class FaultSpans {
  /** A fault with its times, in nanoseconds since the start of the run. */
  public record Timed(FaultSpan span, long fromNanos, long toNanos) {}

  private static final Edn.Table NOTHING = Edn.Table.EMPTY;
  private static final String RECOVER = "recover";

  /** What has begun and may have ended. */
  private static final class Open {
    final String kind;
    final String handle;
    final int from;
    int answered = -1;
    int to = -1;
    Edn.Table began = NOTHING;

    Open(String kind, String handle, int from) {
      this.kind = kind;
      this.handle = handle;
      this.from = from;
    }
  }

  private final Set<String> momentary;
  private final List<Open> all = new ArrayList<>();
  private final Map<String, Open> byHandle = new HashMap<>();
  private final Map<String, Edn.Table> effects = new HashMap<>();

  private FaultSpans(Set<String> momentary) {
    this.momentary = momentary;
  }

  /**
   * The faults of these events, in the order in which they began.
   *
   * @param momentary functions that are over when they are answered, beside those known by name
   */
  public static List<FaultSpan> of(List<Event<UntypedCall>> events, Set<String> momentary) {
    FaultSpans spans = new FaultSpans(momentary);
    for (int place = 0; place < events.size(); place++) {
      if (!events.get(place).isClient()) {
        spans.add(place, events.get(place).call());
      }
    }
    return spans.build();
  }

  /** The same with times; faults of a history without times are left out. */
  public static List<Timed> timed(
      List<Event<UntypedCall>> events, Set<String> momentary, long endNanos) {
    List<Timed> timed = new ArrayList<>();
    for (FaultSpan span : of(events, momentary)) {
      long from = events.get(span.from()).timeNanos();
      long to = span.to() < 0 ? endNanos : events.get(span.to()).timeNanos();
      if (from >= 0 && to >= from) {
        timed.add(new Timed(span, from, to));
      }
    }
    return timed;
  }

  private void add(int place, UntypedCall call) {
    Edn.Table value = call.value() instanceof Edn.Table table ? table : NOTHING;
    noteEffects(value);
    String f = call.name();
    if (value.get("handle") instanceof Edn.Text(String handle)) {
      withHandle(place, f, handle, value);
    } else {
      withoutHandle(place, f, value);
    }
  }

  private void noteEffects(Edn.Table value) {
    if (value.get("effects") instanceof Edn.Vector vector) {
      for (Edn item : vector.items()) {
        if (item instanceof Edn.Table effect
            && effect.get("handle") instanceof Edn.Text(String handle)) {
          effects.put(handle, effect);
        }
      }
    }
  }

  private void withHandle(int place, String f, String handle, Edn.Table value) {
    Open open = byHandle.get(handle);
    if (open == null) {
      open = new Open(f, handle, place);
      byHandle.put(handle, open);
      all.add(open);
      return;
    }
    if (open.kind.equals(f)) {
      open.answered = place;
      open.began = value;
      if (isMomentary(f)) {
        open.to = place;
      }
    } else {
      open.to = place;
    }
  }

  private void withoutHandle(int place, String f, Edn.Table value) {
    boolean ends = false;
    for (Open open : all) {
      if (open.to < 0 && undoes(f, open)) {
        open.to = place;
        ends = true;
      }
    }
    for (Open open : all) {
      if (open.to < 0 && open.handle.isEmpty() && open.kind.equals(f)) {
        open.answered = place;
        open.began = value;
        if (isMomentary(f)) {
          open.to = place;
        }
        return;
      }
    }
    if (begins(f) && (!ends || f.equals(RECOVER))) {
      all.add(new Open(f, "", place));
    }
  }

  private List<FaultSpan> build() {
    List<FaultSpan> spans = new ArrayList<>();
    for (Open open : all) {
      int to = open.to;
      if (to < 0 && open.handle.isEmpty() && !lasts(open.kind)) {
        to = Math.max(open.from, open.answered);
      }
      Edn.Table effect = effects.getOrDefault(open.handle, NOTHING);
      spans.add(new FaultSpan(open.kind, open.handle, open.from, to, open.began, effect));
    }
    spans.sort(Comparator.comparingInt(FaultSpan::from));
    return spans;
  }

  private boolean isMomentary(String f) {
    return momentary.contains(f)
        || switch (f) {
          case "failover", "promote", "crash-all", "replay", RECOVER -> true;
          default -> false;
        };
  }

  private static boolean begins(String f) {
    return !f.startsWith("stop")
        && !f.startsWith("heal")
        && !f.startsWith("resume")
        && !f.startsWith("restart")
        && !f.startsWith("rejoin")
        && !f.startsWith("reset");
  }

  /** Whether a fault of this name goes on until something ends it. */
  private static boolean lasts(String f) {
    return f.startsWith("start")
        || f.startsWith("kill")
        || f.startsWith("crash")
        || f.startsWith("pause")
        || f.startsWith("partition")
        || f.startsWith("isolate");
  }

  private static boolean undoes(String f, Open open) {
    if (f.equals(RECOVER)) {
      return !open.kind.equals(RECOVER);
    }
    if (!open.handle.isEmpty()) {
      return false;
    }
    return switch (open.kind) {
      case "start" -> f.equals("stop");
      case "kill", "crash" -> f.equals("start") || f.equals("restart");
      case "pause" -> f.equals("resume");
      default ->
          f.equals("heal")
              || f.equals("stop-" + open.kind)
              || f.equals("heal-" + open.kind)
              || f.equals("reset-" + open.kind)
              || (open.kind.startsWith("start-") && f.equals("stop-" + open.kind.substring(6)));
    };
  }
}
