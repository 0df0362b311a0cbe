package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/** {@code :generate} must return each id once. Unknown if it never returned one. */
public final class UniqueIdsChecker implements Checker<UntypedCall, Report> {
  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Map<Edn, Integer> counts = new HashMap<>();
    LinkedHashMap<Edn, Edn> duplicated = new LinkedHashMap<>();
    long attempted = 0;
    long acknowledged = 0;
    Optional<Long> lowest = Optional.empty();
    Optional<Long> highest = Optional.empty();
    for (Event<UntypedCall> event : history.events()) {
      if (!event.isClient() || !event.call().name().equals("generate")) {
        continue;
      }
      if (event.isInvoke()) {
        attempted++;
      } else if (event instanceof Event.Ok && !(event.call().value() instanceof Edn.Nil)) {
        acknowledged++;
        Edn id = event.call().value();
        int count = counts.merge(id, 1, Integer::sum);
        if (count > 1) {
          duplicated.put(id, Edn.of(count));
        }
        Optional<Long> number = Values.integer(id);
        if (number.isPresent()) {
          lowest = Optional.of(Math.min(lowest.orElse(number.get()), number.get()));
          highest = Optional.of(Math.max(highest.orElse(number.get()), number.get()));
        }
      }
    }
    List<Edn> range = new ArrayList<>();
    lowest.ifPresent(value -> range.add(Edn.of(value)));
    highest.ifPresent(value -> range.add(Edn.of(value)));
    Report.Builder report =
        Report.builder()
            .put("attempted-count", attempted)
            .put("acknowledged-count", acknowledged)
            .put("duplicated-count", duplicated.size())
            .put("duplicated", new Edn.Table(duplicated))
            .put("range", new Edn.Vector(range));
    if (acknowledged == 0) {
      return report.unknown("no id was ever given");
    }
    return duplicated.isEmpty()
        ? report.valid()
        : report.invalid(
            duplicated.size()
                + " ids were given more than once: "
                + Values.some(duplicated.keySet()));
  }
}
