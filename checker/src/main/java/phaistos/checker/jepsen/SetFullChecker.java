package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * Elements are added to a set, and the whole set is read again and again: follows each element.
 *
 * <p>An element is known once its add was acknowledged or a read showed it. It is stable if every
 * read that began after some moment, up to the last, contains it. It is lost if it was known and no
 * read from some moment on contains it. Otherwise it is never-read. A stable element is stale if a
 * read that began after it was known did not show it. Times are from when it was known to when it
 * last changed, in milliseconds. An element that one read contains more than once is a duplicate.
 *
 * <p>Lost elements and duplicates make it invalid, stale ones only a linearizable set. Unknown if
 * no element is stable.
 */
public final class SetFullChecker implements Checker<UntypedCall, Report> {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double[] QUANTILES = {0, 0.5, 0.95, 0.99, 1};
  private static final int WORST_SHOWN = 8;

  private final boolean linearizable;

  public SetFullChecker(boolean linearizable) {
    this.linearizable = linearizable;
  }

  /** A moment: its event's index and time. */
  private record Moment(long index, long timeNanos) {}

  private static final class Element {
    final Edn value;
    Optional<Moment> known = Optional.empty();
    Optional<Moment> lastPresent = Optional.empty();
    Optional<Moment> lastAbsent = Optional.empty();

    Element(Edn value) {
      this.value = value;
    }

    boolean isStable() {
      return lastPresent.isPresent()
          && lastAbsent.map(absent -> absent.index < lastPresent.get().index).orElse(true);
    }

    boolean isLost() {
      return known.isPresent()
          && lastAbsent.isPresent()
          && lastPresent.map(present -> present.index < lastAbsent.get().index).orElse(true)
          && known.get().index < lastAbsent.get().index;
    }

    /** From when it was known to when it last changed to what it is now. */
    long latencyNanos() {
      Optional<Moment> change = isStable() ? lastAbsent : lastPresent;
      long at = change.map(moment -> moment.timeNanos + 1).orElse(0L);
      return Math.max(0, at - known.orElseThrow().timeNanos);
    }
  }

  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Map<Edn, Element> elements = new LinkedHashMap<>();
    Map<Process, Event<UntypedCall>> reading = new HashMap<>();
    Map<Edn, Integer> duplicates = new LinkedHashMap<>();
    for (Event<UntypedCall> event : history.events()) {
      if (!event.isClient()) {
        continue;
      }
      if (context.isCancelled()) {
        return Report.unknown("ended before event " + event.index());
      }
      String f = event.call().name();
      if (f.equals("add")) {
        add(elements, event);
      } else if (f.equals("read") && event.isInvoke()) {
        reading.put(event.process(), event);
      } else if (f.equals("read") && event instanceof Event.Ok) {
        Event<UntypedCall> begun = reading.remove(event.process());
        if (!(event.call().value() instanceof Edn.Nil)) { // nil shows nothing
          read(elements, event, begun == null ? event : begun, duplicates);
        }
      }
    }
    return report(elements, duplicates);
  }

  private static void add(Map<Edn, Element> elements, Event<UntypedCall> event) {
    Edn value = event.call().value();
    switch (event) {
      case Event.Invoke<UntypedCall> _ -> elements.putIfAbsent(value, new Element(value));
      case Event.Ok<UntypedCall> _ -> {
        Element element = elements.computeIfAbsent(value, Element::new);
        if (element.known.isEmpty()) {
          element.known = Optional.of(moment(event));
        }
      }
      case Event.Fail<UntypedCall> _ -> elements.remove(value);
      case Event.Info<UntypedCall> _ -> {}
    }
  }

  private static Moment moment(Event<UntypedCall> event) {
    return new Moment(event.index(), event.timeNanos());
  }

  private static void read(
      Map<Edn, Element> elements,
      Event<UntypedCall> event,
      Event<UntypedCall> begun,
      Map<Edn, Integer> duplicates) {
    Set<Edn> seen = new HashSet<>();
    Map<Edn, Integer> often = new HashMap<>();
    for (Edn value : Values.items(event, "a read of a set is a collection of its elements")) {
      if (!seen.add(value)) {
        often.merge(value, 2, (count, _) -> count + 1);
      }
    }
    often.forEach((value, count) -> duplicates.merge(value, count, Math::max));
    Moment at = moment(begun);
    for (Element element : elements.values()) {
      if (seen.contains(element.value)) {
        if (element.known.isEmpty()) {
          element.known = Optional.of(moment(event));
        }
        element.lastPresent = later(element.lastPresent, at);
      } else {
        element.lastAbsent = later(element.lastAbsent, at);
      }
    }
  }

  private static Optional<Moment> later(Optional<Moment> before, Moment at) {
    return before.isPresent() && before.get().index > at.index ? before : Optional.of(at);
  }

  private Report report(Map<Edn, Element> elements, Map<Edn, Integer> duplicates) {
    List<Element> stable = new ArrayList<>();
    List<Edn> lost = new ArrayList<>();
    List<Edn> neverRead = new ArrayList<>();
    List<Element> stale = new ArrayList<>();
    List<Long> stableLatencies = new ArrayList<>();
    List<Long> lostLatencies = new ArrayList<>();
    for (Element element : elements.values()) {
      if (element.isStable()) {
        stable.add(element);
        stableLatencies.add(element.latencyNanos());
        if (element.latencyNanos() > 0) {
          stale.add(element);
        }
      } else if (element.isLost()) {
        lost.add(element.value);
        lostLatencies.add(element.latencyNanos());
      } else {
        neverRead.add(element.value);
      }
    }
    stale.sort((a, b) -> Long.compare(b.latencyNanos(), a.latencyNanos()));
    List<Edn> staleValues = stale.stream().map(element -> element.value).toList();
    Report.Builder report =
        Report.builder()
            .put("attempt-count", elements.size())
            .put("stable-count", stable.size())
            .putSome("lost", lost)
            .putSome("never-read", neverRead)
            .putSome("stale", staleValues)
            .put("worst-stale", new Edn.Vector(staleValues.stream().limit(WORST_SHOWN).toList()))
            .put("duplicated-count", duplicates.size())
            .put("duplicated", table(duplicates))
            .put("stable-latencies", quantiles(stableLatencies))
            .put("lost-latencies", quantiles(lostLatencies));
    return report.of(verdict(stable, lost, staleValues, duplicates));
  }

  private Verdict verdict(
      List<Element> stable, List<Edn> lost, List<Edn> stale, Map<Edn, Integer> duplicates) {
    List<String> evidence = new ArrayList<>();
    if (!lost.isEmpty()) {
      evidence.add(lost.size() + " elements were lost: " + Values.some(lost));
    }
    if (!duplicates.isEmpty()) {
      evidence.add(
          duplicates.size()
              + " elements stand in one read more than once: "
              + Values.some(duplicates.keySet()));
    }
    if (linearizable && !stale.isEmpty()) {
      evidence.add(
          stale.size()
              + " elements were missing from reads after they were known: "
              + Values.some(stale));
    }
    if (!evidence.isEmpty()) {
      return new Verdict.Invalid(String.join("; ", evidence));
    }
    return stable.isEmpty() ? new Verdict.Unknown("no element is stable") : Verdict.VALID;
  }

  private static Edn table(Map<Edn, Integer> counts) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    counts.forEach((value, count) -> table.put(value, Edn.of(count)));
    return new Edn.Table(table);
  }

  /** A map from quantile to milliseconds. */
  private static Edn quantiles(List<Long> nanos) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    if (!nanos.isEmpty()) {
      Collections.sort(nanos);
      for (double q : QUANTILES) {
        int place = (int) Math.min(nanos.size() - 1, Math.floor(nanos.size() * q));
        table.put(new Edn.Real(q), Edn.of((long) (nanos.get(place) / NANOS_PER_MILLI)));
      }
    }
    return new Edn.Table(table);
  }
}
