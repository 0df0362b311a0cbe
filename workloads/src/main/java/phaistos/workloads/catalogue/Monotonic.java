package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.checker.jepsen.MonotonicChecker;
import phaistos.cluster.Cluster;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Completion;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * {@code :add} takes the next number of a row that all clients update, and inserts one more than
 * the highest value; {@code :read} gives all rows in the order of these numbers. Values then grow,
 * over all rows and within each process: who has a later number has seen every earlier row.
 */
public final class Monotonic {
  public static final String NAME = "monotonic";

  /** As whom each read is shown to the checker. */
  private static final Process READER = new Process.Client(Long.MAX_VALUE);

  private Monotonic() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    List<String> statements =
        new ArrayList<>(Tables.fresh("turns", "id bigint primary key, value bigint"));
    statements.add("insert into turns (id, value) values (0, 0)");
    statements.addAll(Tables.fresh("monotonic", "val bigint primary key, sts bigint, proc bigint"));
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            statements,
            Monotonic::invoke,
            (_, _, _) -> Calls.of("add", Edn.NIL))
        .endingWith(Calls.of("read", Edn.NIL))
        .checker("monotonic", OwedOnly.of(Monotonic::check))
        .claim("whoever had a later turn saw every earlier row");
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return call.name().equals("add")
        ? access.write(call, sql -> Calls.with(call, add(sql, access.process())))
        : access.bareRead(call, sql -> Calls.with(call, rows(sql)));
  }

  private static Edn add(Sql sql, Process.Client process) throws SQLException {
    Edn turn =
        sql.value("update turns set value = value + 1 where id = 0 returning value").orElseThrow();
    Edn highest = sql.value("select max(val) from monotonic").orElse(Edn.NIL);
    Edn next = Edn.of(highest instanceof Edn.Int(long number) ? number + 1 : 1);
    Edn own = Edn.of(process.id());
    sql.update("insert into monotonic (val, sts, proc) values (?, ?, ?)", next, turn, own);
    return row(next, turn, own);
  }

  private static Edn rows(Sql sql) throws SQLException {
    return Calls.vector(
        sql.rows("select val, sts, proc from monotonic order by sts").stream()
            .map(columns -> row(columns.get(0), columns.get(1), columns.get(2)))
            .toList());
  }

  private static Edn row(Edn val, Edn sts, Edn proc) {
    LinkedHashMap<Edn, Edn> row = new LinkedHashMap<>();
    row.put(Edn.keyword("val"), val);
    row.put(Edn.keyword("sts"), sts);
    row.put(Edn.keyword("proc"), proc);
    return new Edn.Table(row);
  }

  private record Reads(Verdict verdict, List<Result> each) implements Result {}

  /** Jepsen's checker looks at the last read only; here each client's read is one. */
  private static Result check(History<UntypedCall> history, CheckContext context) {
    List<Event<UntypedCall>> adds = new ArrayList<>();
    List<Result> results = new ArrayList<>();
    for (Event<UntypedCall> event : history.events()) {
      if (event.call().name().equals("add")) {
        adds.add(event);
      } else if (event instanceof Event.Ok) {
        List<Event<UntypedCall>> withRead = new ArrayList<>(adds);
        withRead.add(
            new Event.Invoke<>(
                event.index() - 1, event.timeNanos(), READER, event.call(), Details.NONE));
        withRead.add(
            new Event.Ok<>(
                event.index(), event.timeNanos(), READER, event.call(), event.details()));
        results.add(new MonotonicChecker().check(History.of(withRead), context));
      }
    }
    return new Reads(
        results.isEmpty()
            ? new Verdict.Unknown("the rows were never read")
            : Verdict.merge(results.stream().map(Result::verdict).toList()),
        results);
  }
}
