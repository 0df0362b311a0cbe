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

/** Checkers of queues: {@code :enqueue}, {@code :dequeue}, {@code :drain}. */
public final class QueueCheckers {
  private QueueCheckers() {}

  /**
   * Every dequeue must come from somewhere: at the moment of each acknowledged dequeue there must
   * be an enqueue of that value, attempted and not dequeued before. Order does not count. Linear,
   * but blind to lost elements. Unknown without any dequeue.
   */
  public static final class Queue implements Checker<UntypedCall, Report> {
    @Override
    public Report check(History<UntypedCall> history, CheckContext context) {
      Bag queued = new Bag();
      long dequeues = 0;
      for (Event<UntypedCall> event : history.events()) {
        if (!event.isClient()) {
          continue;
        }
        String f = event.call().name();
        if (f.equals("enqueue") && event.isInvoke()) {
          queued.add(event.call().value());
        } else if (f.equals("dequeue") && event instanceof Event.Ok) {
          dequeues++;
          if (!queued.remove(event.call().value())) {
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
      return dequeues == 0 ? report.unknown("nothing was ever dequeued") : report.valid();
    }
  }

  /**
   * What goes in must come out: every acknowledged enqueue must be dequeued, and nothing that was
   * never enqueued. Needs the queue to be drained at the end. Elements dequeued twice are counted
   * but allowed. Unknown without any dequeue, or if a drain did not complete.
   */
  public static final class TotalQueue implements Checker<UntypedCall, Report> {
    @Override
    public Report check(History<UntypedCall> history, CheckContext context) {
      Bag attempts = new Bag();
      Bag enqueues = new Bag();
      Bag dequeues = new Bag();
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
          dequeues.add(value);
        } else if (f.equals("drain") && isOk) {
          Values.items(value).forEach(dequeues::add);
        }
        crashedDrain |= f.equals("drain") && event instanceof Event.Info;
      }
      return report(attempts, enqueues, dequeues, crashedDrain);
    }

    private static Report report(Bag attempts, Bag enqueues, Bag dequeues, boolean crashedDrain) {
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
      if (crashedDrain && evidence.isEmpty()) {
        return report.unknown("a drain did not complete: what it took out is not known");
      }
      if (!lost.isEmpty() && !crashedDrain) {
        evidence.add("acknowledged but never dequeued: " + Values.some(lost.values()));
      }
      if (!evidence.isEmpty()) {
        return report.invalid(String.join("; ", evidence));
      }
      return dequeues.isEmpty() ? report.unknown("nothing was ever dequeued") : report.valid();
    }
  }
}
