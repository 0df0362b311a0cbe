package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Numbers;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * A counter, initially 0: {@code :add} changes it, up or down, {@code :read} returns it. Its lower
 * bound is the sum of acknowledged increments and attempted decrements, its upper bound the sum of
 * attempted increments and acknowledged decrements. A read must lie within the bounds that held
 * while it ran. Unknown without any read.
 */
public final class CounterChecker implements Checker<UntypedCall, Report> {
  private static final class Range {
    Edn lower = Edn.of(0);
    Edn upper = Edn.of(0);
  }

  @Override
  public Report check(History<UntypedCall> history, CheckContext context) {
    Range now = new Range();
    Map<Process, Range> reading = new HashMap<>();
    List<Edn> reads = new ArrayList<>();
    List<Edn> errors = new ArrayList<>();
    int place = -1;
    for (Event<UntypedCall> event : history.events()) {
      place++;
      if (!event.isClient()) {
        continue;
      }
      String f = event.call().name();
      if (f.equals("add") && !hasFailed(history, place)) {
        add(now, event);
        for (Range open : reading.values()) {
          open.lower = Numbers.compare(now.lower, open.lower) < 0 ? now.lower : open.lower;
          open.upper = Numbers.compare(now.upper, open.upper) > 0 ? now.upper : open.upper;
        }
      } else if (f.equals("read") && event.isInvoke()) {
        Range range = new Range();
        range.lower = now.lower;
        range.upper = now.upper;
        reading.put(event.process(), range);
      } else if (f.equals("read")) {
        Range range = reading.remove(event.process());
        boolean isKnown = event instanceof Event.Ok && event.call().value() != Edn.NIL;
        if (isKnown && range != null) {
          Edn value = Values.number(event, "a read of a counter is a number");
          Edn read = Edn.vector(range.lower, value, range.upper);
          reads.add(read);
          if (Numbers.compare(value, range.lower) < 0 || Numbers.compare(value, range.upper) > 0) {
            errors.add(read);
          }
        }
      }
    }
    Report.Builder report = Report.builder().putSome("reads", reads).putSome("errors", errors);
    if (reads.isEmpty()) {
      return report.unknown("the counter was never read");
    }
    return errors.isEmpty()
        ? report.valid()
        : report.invalid(
            errors.size()
                + " reads lie outside of their bounds, as [lower read upper]: "
                + Values.some(errors));
  }

  private static boolean hasFailed(History<UntypedCall> history, int place) {
    Event<UntypedCall> event = history.events().get(place);
    return event instanceof Event.Fail
        || history.completionOf(place).map(done -> done instanceof Event.Fail).orElse(false);
  }

  private static void add(Range now, Event<UntypedCall> event) {
    boolean isAttempt = event.isInvoke();
    if (!isAttempt && !(event instanceof Event.Ok)) {
      return;
    }
    Edn amount = Values.number(event, "an add to a counter is a number");
    try {
      if (isAttempt == Numbers.signum(amount) > 0) {
        now.upper = Numbers.add(now.upper, amount);
      } else {
        now.lower = Numbers.add(now.lower, amount);
      }
    } catch (IllegalArgumentException e) {
      throw new WrongValueException(event, "amounts must have a sum (" + e.getMessage() + ")");
    }
  }
}
