package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Adya's G2 with predicates. For each key two transactions ({@code :insert [key [a-id b-id]]})
 * check whether either of two tables has a row with the key. If none has, each inserts one into its
 * own table. In a serializable database at most one of them commits. Unknown if none ever did.
 */
public final class PredicateG2Checker implements Checker<UntypedCall, Report> {
  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Map<Edn, Integer> inserted = new LinkedHashMap<>();
    for (Event<UntypedCall> event : history.events()) {
      if (event.isClient() && event.call().name().equals("insert")) {
        List<Edn> parts = Values.list(event, "an insert is [key [a-id b-id]]");
        if (parts.size() != 2) {
          throw new WrongValueException(event, "an insert is [key [a-id b-id]]");
        }
        inserted.merge(parts.getFirst(), event instanceof Event.Ok ? 1 : 0, Integer::sum);
      }
    }
    List<Edn> illegal = new ArrayList<>();
    long legal = 0;
    for (Map.Entry<Edn, Integer> entry : inserted.entrySet()) {
      if (entry.getValue() > 1) {
        illegal.add(entry.getKey());
      }
      legal += entry.getValue() == 1 ? 1 : 0;
    }
    Report.Builder report =
        Report.builder()
            .put("key-count", inserted.size())
            .put("legal-count", legal)
            .putSome("illegal", illegal);
    if (!illegal.isEmpty()) {
      return report.invalid(
          illegal.size() + " keys were inserted twice (G2): " + Values.some(illegal));
    }
    return legal == 0 ? report.unknown("nothing was ever inserted") : report.valid();
  }
}
