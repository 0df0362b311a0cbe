package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Numbers;
import phaistos.histories.UntypedCall;

/**
 * {@code :add} inserts one more than the highest value ({@code {:val 3 :sts 10 :proc 0}}, sts being
 * the database's timestamp of its transaction), a last {@code :read} returns all rows in the order
 * of their timestamps. Values must then grow, over all rows and within each process. Every
 * acknowledged value must be there once, and no failed one. Unknown if there is no last read.
 */
public final class MonotonicChecker implements Checker<UntypedCall, Report> {
  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Set<Edn> added = new HashSet<>();
    Set<Edn> failed = new HashSet<>();
    Optional<Event<UntypedCall>> last = Optional.empty();
    int place = -1;
    for (Event<UntypedCall> event : history.events()) {
      place++;
      if (!event.isClient()) {
        continue;
      }
      String f = event.call().name();
      if (f.equals("add") && event instanceof Event.Ok) {
        added.add(field(event.call().value(), "val"));
      } else if (f.equals("add") && event instanceof Event.Fail) {
        failed.add(field(event.call().value(), "val"));
      } else if (f.equals("read") && event instanceof Event.Ok) {
        last = event.call().value() instanceof Edn.Nil ? last : Optional.of(event);
      }
    }
    if (last.isEmpty()) {
      return Report.unknown("the rows were never read");
    }
    return report(last.get(), added, failed);
  }

  private static Edn field(Edn row, String name) {
    return row instanceof Edn.Table table ? table.get(name) : row;
  }

  private static Report report(Event<UntypedCall> read, Set<Edn> added, Set<Edn> failed) {
    List<Edn> rows = Values.items(read, "a read is a collection of rows");
    Set<Edn> seen = new HashSet<>();
    List<Edn> duplicates = new ArrayList<>();
    for (Edn row : rows) {
      if (!seen.add(field(row, "val"))) {
        duplicates.add(field(row, "val"));
      }
    }
    List<Edn> lost = added.stream().filter(value -> !seen.contains(value)).toList();
    List<Edn> revived = seen.stream().filter(failed::contains).filter(v -> v != Edn.NIL).toList();
    List<Edn> recovered =
        seen.stream().filter(v -> !added.contains(v) && !failed.contains(v)).toList();
    List<Edn> timestamps = offOrder(read, rows, "sts", false);
    List<Edn> values = offOrder(read, rows, "val", false);
    List<Edn> perProcess = offOrder(read, rows, "val", true);
    Report.Builder report =
        Report.builder()
            .put("row-count", rows.size())
            .putSome("lost", lost)
            .putSome("duplicates", duplicates)
            .putSome("revived", revived)
            .putSome("recovered", recovered)
            .putSome("off-order-sts", timestamps)
            .putSome("off-order-val", values)
            .putSome("off-order-val-per-process", perProcess);
    List<String> evidence = new ArrayList<>();
    say(evidence, "acknowledged but not there: ", lost);
    say(evidence, "there more than once: ", duplicates);
    say(evidence, "failed but there: ", revived);
    say(evidence, "timestamps that do not grow: ", timestamps);
    say(evidence, "values that do not grow: ", values);
    say(evidence, "values of one process that do not grow: ", perProcess);
    return evidence.isEmpty() ? report.valid() : report.invalid(String.join("; ", evidence));
  }

  private static void say(List<String> evidence, String what, List<Edn> cases) {
    if (!cases.isEmpty()) {
      evidence.add(what + Values.some(cases));
    }
  }

  /** Pairs of neighbours, or of rows of one process, whose field does not grow. */
  private static List<Edn> offOrder(
      Event<UntypedCall> read, List<Edn> rows, String field, boolean perProcess) {
    Map<Edn, Edn> before = new HashMap<>();
    List<Edn> pairs = new ArrayList<>();
    for (Edn row : rows) {
      Edn process = perProcess ? field(row, "proc") : Edn.NIL;
      Edn earlier = before.put(process, row);
      if (earlier == null || !(row instanceof Edn.Table) || field(row, field) == Edn.NIL) {
        continue;
      }
      String expected = "the :" + field + " of each row is a number";
      Edn one = Values.number(read, field(earlier, field), expected);
      Edn other = Values.number(read, field(row, field), expected);
      int order = Numbers.compare(other, one);
      // Rows of one transaction share its timestamp.
      if (order < 0 || (order == 0 && !field.equals("sts"))) {
        pairs.add(Edn.vector(earlier, row));
      }
    }
    return pairs;
  }
}
