package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/** Checkers of causal order. */
public final class CausalCheckers {
  private CausalCheckers() {}

  /**
   * A register written 1, 2, 3 and so on in a causal chain: each acknowledged operation carries its
   * own {@code :position} and, as {@code :link}, that of the operation before it ({@code :init} for
   * the first). {@code :read-init} may still see nothing or 0, {@code :read} must see the latest
   * write or nothing. Unknown without any acknowledged operation.
   */
  public static final class Causal implements Checker<UntypedCall, Report> {
    @Override
    public Report check(History<UntypedCall> history, CheckContext context) {
      long value = 0;
      long counter = 0;
      Edn last = Edn.NIL;
      long steps = 0;
      for (Event<UntypedCall> event : history.events()) {
        if (!event.isClient() || !(event instanceof Event.Ok)) {
          continue;
        }
        steps++;
        Edn link = event.details().unknown().get("link");
        String error = "";
        boolean linked = link.equals(Edn.keyword("init")) || link.equals(last);
        Edn seen = event.call().value();
        if (!linked) {
          error =
              "cannot link "
                  + EdnWriter.print(link)
                  + " to the last position "
                  + EdnWriter.print(last);
        } else if (event.call().name().equals("write")) {
          counter++;
          error =
              seen.equals(Edn.of(counter))
                  ? ""
                  : "expected a write of " + counter + ", not " + EdnWriter.print(seen);
          value = counter;
        } else if (event.call().name().equals("read-init")) {
          error =
              seen == Edn.NIL || seen.equals(Edn.of(value))
                  ? ""
                  : "expected to read the initial value, not " + EdnWriter.print(seen);
        } else if (event.call().name().equals("read")) {
          error =
              seen == Edn.NIL || seen.equals(Edn.of(value))
                  ? ""
                  : "read " + EdnWriter.print(seen) + " from a register that is " + value;
        }
        if (!error.isEmpty()) {
          return Report.builder()
              .put("step-count", steps)
              .invalid("event " + event.index() + ": " + error);
        }
        last = event.details().unknown().get("position");
      }
      Report.Builder report = Report.builder().put("step-count", steps);
      return steps == 0 ? report.unknown("no operation was acknowledged") : report.valid();
    }
  }

  /**
   * Unique values are written one by one; a read gives all that are there. A read that shows a
   * write must show every write that was acknowledged before that one was invoked: otherwise a
   * later transaction is visible without an earlier one. Unknown without any read.
   */
  public static final class CausalReverse implements Checker<UntypedCall, Report> {
    @Override
    public Report check(History<UntypedCall> history, CheckContext context) {
      Map<Edn, Integer> acknowledgedBefore = new HashMap<>();
      List<Edn> acknowledged = new ArrayList<>();
      List<Edn> errors = new ArrayList<>();
      long reads = 0;
      for (Event<UntypedCall> event : history.events()) {
        if (!event.isClient()) {
          continue;
        }
        String f = event.call().name();
        if (f.equals("write") && event.isInvoke()) {
          acknowledgedBefore.put(event.call().value(), acknowledged.size());
        } else if (f.equals("write") && event instanceof Event.Ok) {
          acknowledged.add(event.call().value());
        } else if (f.equals("read") && event instanceof Event.Ok) {
          reads++;
          Set<Edn> missing = missing(event, acknowledgedBefore, acknowledged);
          if (!missing.isEmpty()) {
            LinkedHashMap<Edn, Edn> error = new LinkedHashMap<>();
            error.put(Edn.keyword("index"), Edn.of(event.index()));
            error.put(Edn.keyword("missing"), new Edn.Vector(List.copyOf(missing)));
            errors.add(new Edn.Table(error));
          }
        }
      }
      Report.Builder report = Report.builder().put("read-count", reads).putSome("errors", errors);
      if (reads == 0) {
        return report.unknown("nothing was ever read");
      }
      return errors.isEmpty()
          ? report.valid()
          : report.invalid(
              errors.size()
                  + " reads show a write without one that was acknowledged before it: "
                  + Values.some(errors.subList(0, 1)));
    }

    private static Set<Edn> missing(
        Event<UntypedCall> read, Map<Edn, Integer> before, List<Edn> acknowledged) {
      Set<Edn> seen =
          new HashSet<>(Values.items(read, "a read is a collection of the values written"));
      int expected = 0;
      for (Edn value : seen) {
        expected = Math.max(expected, before.getOrDefault(value, 0));
      }
      Set<Edn> missing = new LinkedHashSet<>(acknowledged.subList(0, expected));
      missing.removeAll(seen);
      return missing;
    }
  }
}
