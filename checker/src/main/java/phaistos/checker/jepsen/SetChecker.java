package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * {@code :add} puts elements into a set, a last {@code :read} shows it: every acknowledged element
 * must be there, and none whose add was never attempted. Unknown if the set was never read.
 */
public final class SetChecker implements Checker<UntypedCall, Report> {
  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Set<Edn> attempts = new LinkedHashSet<>();
    Set<Edn> adds = new LinkedHashSet<>();
    Optional<Event<UntypedCall>> last = Optional.empty();
    for (Event<UntypedCall> event : history.events()) {
      if (!event.isClient()) {
        continue;
      }
      String f = event.call().name();
      if (f.equals("add") && event.isInvoke()) {
        attempts.add(event.call().value());
      } else if (f.equals("add") && event instanceof Event.Ok) {
        adds.add(event.call().value());
      } else if (f.equals("read") && event instanceof Event.Ok && !isUnknown(event)) {
        last = Optional.of(event);
      }
    }
    if (last.isEmpty()) {
      return Report.unknown("the set was never read");
    }
    Set<Edn> read =
        new LinkedHashSet<>(
            Values.items(last.get(), "a read of a set is a collection of its elements"));
    List<Edn> ok = read.stream().filter(attempts::contains).toList();
    List<Edn> unexpected = read.stream().filter(value -> !attempts.contains(value)).toList();
    List<Edn> lost = adds.stream().filter(value -> !read.contains(value)).toList();
    List<Edn> recovered = ok.stream().filter(value -> !adds.contains(value)).toList();
    Report.Builder report =
        Report.builder()
            .put("attempt-count", attempts.size())
            .put("acknowledged-count", adds.size())
            .put("ok-count", ok.size())
            .putSome("lost", lost)
            .putSome("recovered", recovered)
            .putSome("unexpected", unexpected);
    List<String> evidence = new ArrayList<>();
    if (!lost.isEmpty()) {
      evidence.add(
          lost.size() + " acknowledged elements are not in the last read: " + Values.some(lost));
    }
    if (!unexpected.isEmpty()) {
      evidence.add(
          unexpected.size()
              + " elements in the last read were never added: "
              + Values.some(unexpected));
    }
    return evidence.isEmpty() ? report.valid() : report.invalid(String.join("; ", evidence));
  }

  /** A read of nil shows nothing, not even that the set is empty. */
  private static boolean isUnknown(Event<UntypedCall> event) {
    return event.call().value() instanceof Edn.Nil;
  }
}
