package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import phaistos.checker.Checker;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/** Combines checkers; also the two that check nothing. */
public final class Checkers {
  private Checkers() {}

  /** Always valid: for tests without a checker. */
  public static Checker<UntypedCall, Report> unbridledOptimism() {
    return (_, _) -> Report.builder().valid();
  }

  /**
   * Turns every exception, JVM errors included, into unknown. For an unsuitable value the cause
   * names the event; anything else is reported as our failure.
   */
  public static <C> Checker<C, Report> safe(Checker<C, Report> checker) {
    return (history, context) -> {
      try {
        return checker.check(history, context);
      } catch (WrongValueException e) {
        return Report.unknown(e.getMessage());
      } catch (Throwable e) {
        return Report.unknown("the checker failed: " + e);
      }
    };
  }

  /** The maximum number of concurrent checks. */
  public static <C> Checker<C, Report> concurrencyLimit(int limit, Checker<C, Report> checker) {
    Semaphore free = new Semaphore(limit, true);
    return (history, context) -> {
      free.acquireUninterruptibly();
      try {
        return checker.check(history, context);
      } finally {
        free.release();
      }
    };
  }

  /** Runs all checkers, by name, each made safe. Gives the worst verdict and the details of all. */
  public static <C> Checker<C, Report> compose(Map<String, Checker<C, Report>> parts) {
    Map<String, Checker<C, Report>> ordered = new LinkedHashMap<>(parts);
    return (history, context) -> {
      LinkedHashMap<Edn, Edn> details = new LinkedHashMap<>();
      List<Verdict> verdicts = new ArrayList<>();
      ordered.forEach(
          (name, checker) -> {
            Report report = safe(checker).check(history, context);
            verdicts.add(named(name, report.verdict()));
            details.put(Edn.keyword(name), withVerdict(report));
          });
      Verdict worst =
          verdicts.isEmpty() ? new Verdict.Unknown("nothing was checked") : Verdict.merge(verdicts);
      return new Report(worst, new Edn.Table(details));
    };
  }

  private static Verdict named(String name, Verdict verdict) {
    return switch (verdict) {
      case Verdict.Valid valid -> valid;
      case Verdict.Unknown(String cause) -> new Verdict.Unknown(name + ": " + cause);
      case Verdict.Invalid(String evidence) -> new Verdict.Invalid(name + ": " + evidence);
    };
  }

  private static Edn withVerdict(Report report) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("verdict"), Edn.of(report.verdict().word()));
    table.putAll(report.details().entries());
    return new Edn.Table(table);
  }

  /**
   * Splits a history whose values are {@code [key value]} and checks each key's part separately,
   * faults included. Invalid if any key is, with the keys that failed.
   */
  public static Checker<UntypedCall, Report> independent(Checker<UntypedCall, Report> checker) {
    return (history, context) -> {
      LinkedHashMap<Edn, Edn> results = new LinkedHashMap<>();
      List<Verdict> verdicts = new ArrayList<>();
      List<Edn> failures = new ArrayList<>();
      split(history)
          .forEach(
              (key, part) -> {
                Report report = safe(checker).check(part, context);
                verdicts.add(named("key " + EdnWriter.print(key), report.verdict()));
                if (!(report.verdict() instanceof Verdict.Valid)) {
                  results.put(key, withVerdict(report));
                }
                if (report.verdict() instanceof Verdict.Invalid) {
                  failures.add(key);
                }
              });
      Report.Builder report =
          Report.builder()
              .put("key-count", verdicts.size())
              .put("failures", new Edn.Vector(failures))
              .put("results", new Edn.Table(results));
      return verdicts.isEmpty()
          ? report.unknown("there are no keys")
          : report.of(Verdict.merge(verdicts));
    };
  }

  /** The history of each key; events of no key belong to all. */
  static Map<Edn, History<UntypedCall>> split(History<UntypedCall> history) {
    Map<Edn, List<Event<UntypedCall>>> parts = new LinkedHashMap<>();
    Map<Process, Edn> keyOf = new HashMap<>();
    List<Event<UntypedCall>> common = new ArrayList<>();
    for (Event<UntypedCall> event : history.events()) {
      Optional<Edn> key = event.isClient() ? key(event, keyOf) : Optional.empty();
      if (key.isEmpty()) {
        common.add(event);
        parts.values().forEach(part -> part.add(event));
        continue;
      }
      boolean hasKey = tuple(event).isPresent();
      UntypedCall call =
          hasKey ? new UntypedCall(event.call().f(), tuple(event).get().get(1)) : event.call();
      parts.computeIfAbsent(key.get(), _ -> new ArrayList<>(common)).add(event.withCall(call));
    }
    return parts.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> History.of(entry.getValue()),
                (a, _) -> a,
                LinkedHashMap::new));
  }

  /** The key of the event, or of its process' open call if the event has none. */
  private static Optional<Edn> key(Event<UntypedCall> event, Map<Process, Edn> keyOf) {
    Optional<Edn> own = tuple(event).map(List::getFirst);
    if (event.isInvoke()) {
      own.ifPresent(key -> keyOf.put(event.process(), key));
      return own;
    }
    Edn opened = keyOf.remove(event.process());
    return own.isPresent() ? own : Optional.ofNullable(opened);
  }

  private static Optional<List<Edn>> tuple(Event<UntypedCall> event) {
    List<Edn> items =
        switch (event.call().value()) {
          case Edn.Vector vector -> vector.items();
          case Edn.Sequence sequence -> sequence.items();
          default -> List.of();
        };
    return items.size() == 2 ? Optional.of(items) : Optional.empty();
  }
}
