package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.checker.jepsen.QueueCheckers;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Goal;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * A queue in a table: {@code :enqueue 7} inserts a row, {@code :dequeue} takes the first row that
 * no other transaction has locked (FOR UPDATE SKIP LOCKED) and deletes it, {@code :drain} takes all
 * that is left in the end. Every acknowledged element comes out, and none twice.
 */
public final class Queue {
  public static final String NAME = "queue";

  private Queue() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("queue", "id bigint primary key, value bigint"),
            Queue::invoke,
            (_, seed, n) -> draw(seed, n))
        .endingWith(Calls.of("drain", Edn.NIL))
        .checker("queue", OwedOnly.of(Queue::check))
        .goal(
            Goal.ofOk(
                "an element was dequeued",
                1,
                "dequeue",
                event -> event.call().value() instanceof Edn.Int))
        .claim("every acknowledged element came out of the queue, once");
  }

  private static UntypedCall draw(Seed seed, long n) {
    return seed.drawInt(2) == 0 ? Calls.of("enqueue", Edn.of(n)) : Calls.of("dequeue", Edn.NIL);
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return switch (call.name()) {
      case "enqueue" ->
          access.write(
              call,
              sql -> {
                sql.update(
                    "insert into queue (id, value) values (?, ?)", call.value(), call.value());
                return call;
              });
      case "dequeue" -> access.write(call, sql -> Calls.with(call, dequeue(sql)));
      // After the crash of which the audit has images: it leaves no marker.
      default ->
          access.writeUnmarked(
              call,
              sql ->
                  Calls.with(call, Calls.vector(sql.column("delete from queue returning value"))));
    };
  }

  private static Edn dequeue(Sql sql) throws SQLException {
    List<List<Edn>> first =
        sql.rows("select id, value from queue order by id limit 1 for update skip locked");
    if (first.isEmpty()) {
      return Edn.keyword("empty");
    }
    sql.update("delete from queue where id = ?", first.getFirst().get(0));
    return took(sql, first.getFirst().get(1));
  }

  /** Notes what a transaction takes, in case its outcome stays unknown. */
  private static Edn took(Sql sql, Edn element) {
    sql.details().unknown((Edn.Table) Calls.table("took", element));
    return element;
  }

  private record Both(Verdict verdict, List<Result> parts) implements Result {}

  private static Result check(History<UntypedCall> history, CheckContext context) {
    History<UntypedCall> decided = decided(history);
    Result total = new QueueCheckers.TotalQueue().check(decided, context);
    Result each = new QueueCheckers.Queue().check(decided, context);
    return new Both(Verdict.merge(List.of(total.verdict(), each.verdict())), List.of(total, each));
  }

  /**
   * A dequeue of unknown outcome took its element if nobody else did; if somebody did, it did not
   * happen.
   */
  private static History<UntypedCall> decided(History<UntypedCall> history) {
    Set<Edn> taken = new HashSet<>();
    for (Event<UntypedCall> event : history.events()) {
      if (event instanceof Event.Ok && event.call().name().equals("dequeue")) {
        taken.add(event.call().value());
      } else if (event instanceof Event.Ok && event.call().name().equals("drain")) {
        taken.addAll(event.call().value().elements());
      }
    }
    List<Event<UntypedCall>> events = new ArrayList<>();
    for (Event<UntypedCall> event : history.events()) {
      Edn took = event.details().unknown().get("took");
      boolean isIt =
          event instanceof Event.Info
              && event.call().name().equals("dequeue")
              && !(took instanceof Edn.Nil)
              && taken.add(took);
      events.add(
          isIt
              ? new Event.Ok<>(
                  event.index(),
                  event.timeNanos(),
                  event.process(),
                  Calls.with(event.call(), took),
                  event.details())
              : event);
    }
    return History.of(events);
  }
}
