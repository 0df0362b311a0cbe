package phaistos.checker.jepsen;

import java.util.ArrayList;
import java.util.List;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Checkers of queues: {@code :enqueue}, {@code :dequeue}, {@code :drain}. A dequeue of nil took an
 * unknown element. A dequeue of {@code :empty} took none, unless {@code :empty} is an element here.
 */
public final class QueueCheckers {
  private QueueCheckers() {}

  /**
   * Every dequeue must have a source: at each acknowledged dequeue there must be an attempted
   * enqueue of that value that was not dequeued before. Order does not count. Takes linear time,
   * but does not find lost elements. Unknown without any dequeue.
   */
  public static final class Queue implements Checker<UntypedCall, Report> {
    @Override
    public Report check(History<UntypedCall> history, CheckContext context) {
      Bag queued = new Bag();
      long dequeues = 0;
      long unknown = 0;
      for (Event<UntypedCall> event : history.events()) {
        if (!event.isClient()) {
          continue;
        }
        String f = event.call().name();
        if (f.equals("enqueue") && event.isInvoke()) {
          queued.add(event.call().value());
        } else if (f.equals("dequeue") && event instanceof Event.Ok) {
          dequeues++;
          Edn element = event.call().value();
          if (element instanceof Edn.Nil) {
            unknown++;
          } else if (!queued.remove(element) && !Values.isEmpty(element)) {
            return Report.builder()
                .put("dequeue-count", dequeues)
                .invalid(
                    "event %d dequeued %s, which was not in the queue"
                        .formatted(event.index(), EdnWriter.print(event.call().value())));
          }
        }
      }
      Report.Builder report =
          Report.builder().put("dequeue-count", dequeues).putSome("left", queued.values());
      if (dequeues == 0) {
        return report.unknown("nothing was ever dequeued");
      }
      return dequeues == unknown
          ? report.unknown("of no dequeue the element is known: all are nil")
          : report.valid();
    }
  }

  /**
   * Every acknowledged enqueue must be dequeued, and nothing that was never enqueued. Needs the
   * queue to be drained at the end. Elements dequeued twice are counted but allowed. Unknown
   * without any dequeue, or if a drain did not complete.
   */
  public static final class TotalQueue implements Checker<UntypedCall, Report> {
    @Override
    public Report check(History<UntypedCall> history, CheckContext context) {
      Bag attempts = new Bag();
      Bag enqueues = new Bag();
      Bag dequeues = new Bag();
      long unknown = 0;
      boolean crashedDrain = false;
      for (Event<UntypedCall> event : history.events()) {
        if (!event.isClient()) {
          continue;
        }
        String f = event.call().name();
        Edn value = event.call().value();
        boolean isOk = event instanceof Event.Ok;
        if (f.equals("enqueue") && event.isInvoke()) {
          attempts.add(value);
        } else if (f.equals("enqueue") && isOk) {
          enqueues.add(value);
        } else if (f.equals("dequeue") && isOk) {
          if (value instanceof Edn.Nil) {
            unknown++;
          } else if (!Values.isEmpty(value) || attempts.count(value) > 0) {
            dequeues.add(value);
          }
        } else if (f.equals("drain") && isOk) {
          Values.items(event, "a drain is a collection of the elements that it took")
              .forEach(dequeues::add);
        }
        crashedDrain |= f.equals("drain") && event instanceof Event.Info;
      }
      return report(attempts, enqueues, dequeues, new Gaps(unknown, crashedDrain));
    }

    /** Elements not known to be dequeued: those of unknown dequeues and of a lost drain. */
    private record Gaps(long unknownElements, boolean crashedDrain) {}

    private static Report report(Bag attempts, Bag enqueues, Bag dequeues, Gaps gaps) {
      Bag ok = dequeues.and(attempts);
      Bag unexpected = dequeues.without(attempts);
      Bag duplicated = dequeues.minus(attempts).minus(unexpected);
      Bag lost = enqueues.minus(dequeues);
      Bag recovered = ok.minus(enqueues);
      Report.Builder report =
          Report.builder()
              .put("attempt-count", attempts.values().size())
              .put("acknowledged-count", enqueues.values().size())
              .put("ok-count", ok.values().size())
              .putSome("unexpected", unexpected.values())
              .putSome("duplicated", duplicated.values())
              .putSome("lost", lost.values())
              .putSome("recovered", recovered.values());
      List<String> evidence = new ArrayList<>();
      if (!unexpected.isEmpty()) {
        evidence.add("never enqueued but dequeued: " + Values.some(unexpected.values()));
      }
      if (gaps.crashedDrain && evidence.isEmpty()) {
        return report.unknown("a drain did not complete: what it took out is not known");
      }
      boolean isExplained = lost.values().size() <= gaps.unknownElements;
      if (!lost.isEmpty() && isExplained && evidence.isEmpty()) {
        return report.unknown(
            "%d dequeues took elements that are not known (nil), perhaps %s"
                .formatted(gaps.unknownElements, Values.some(lost.values())));
      }
      if (!lost.isEmpty() && !gaps.crashedDrain && !isExplained) {
        evidence.add("acknowledged but never dequeued: " + Values.some(lost.values()));
      }
      if (!evidence.isEmpty()) {
        return report.invalid(String.join("; ", evidence));
      }
      return dequeues.isEmpty() ? report.unknown("nothing was ever dequeued") : report.valid();
    }
  }
}
