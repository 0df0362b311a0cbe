package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Collects indeterminate operations caused by an exception that the client did not expect ({@code
 * :exception} of an {@code :info}), by its class, the most frequent first. Never invalid: it is a
 * help for writing the client.
 */
public final class UnhandledExceptionsChecker implements Checker<UntypedCall, Report> {
  private record Kind(String name, String example, int[] count) {}

  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    for (Event<UntypedCall> event : history.events()) {
      Edn exception = event.details().unknown().get("exception");
      if (event instanceof Event.Info && exception != Edn.NIL) {
        String name = className(exception);
        Kind kind =
            kinds.computeIfAbsent(
                name, _ -> new Kind(name, EdnWriter.print(exception), new int[1]));
        kind.count[0]++;
      }
    }
    List<Kind> sorted = new ArrayList<>(kinds.values());
    sorted.sort(Comparator.comparingInt((Kind kind) -> -kind.count[0]));
    List<Edn> rows = new ArrayList<>();
    for (Kind kind : sorted) {
      LinkedHashMap<Edn, Edn> row = new LinkedHashMap<>();
      row.put(Edn.keyword("class"), Edn.of(kind.name));
      row.put(Edn.keyword("count"), Edn.of(kind.count[0]));
      row.put(Edn.keyword("example"), Edn.of(kind.example));
      rows.add(new Edn.Table(row));
    }
    return Report.builder().putSome("exceptions", rows).valid();
  }

  /** Jepsen writes {@code {:via [{:type Class ...}]}}; others just a text. */
  private static String className(Edn exception) {
    if (exception instanceof Edn.Tagged(String _, Edn value)) {
      return className(value);
    }
    if (exception instanceof Edn.Table table && table.get("via") instanceof Edn.Vector via) {
      Edn first = via.items().isEmpty() ? Edn.NIL : via.items().getFirst();
      return first instanceof Edn.Table entry ? EdnWriter.print(entry.get("type")) : "unknown";
    }
    String text = exception instanceof Edn.Text(String value) ? value : EdnWriter.print(exception);
    int end = text.indexOf(':');
    return end > 0 ? text.substring(0, end) : text;
  }
}
