package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.List;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Transactor;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * Pairs of doctors, of whom one must be on call: {@code :leave [pair who]} looks at both and leaves
 * if the other one stays, {@code :return [pair who]} comes back, {@code :read [pair nil]} gives
 * both. The rows that a transaction looks at are locked (FOR UPDATE), so that at every isolation
 * level no two transactions can leave a pair alone.
 */
public final class WriteSkew {
  public static final String NAME = "write-skew";

  private static final int PAIRS = 5;

  private WriteSkew() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    List<String> statements =
        new java.util.ArrayList<>(
            Tables.fresh("on_call", "id bigint primary key, pair bigint, value bigint"));
    for (int id = 0; id < 2 * PAIRS; id++) {
      statements.add(
          "insert into on_call (id, pair, value) values (" + id + ", " + id / 2 + ", 1)");
    }
    return JournaledWorkload.of(
            NAME, cluster, options, statements, WriteSkew::invoke, (_, seed, _) -> draw(seed))
        .checker("write skew", OwedOnly.of((history, _) -> check(history)))
        .claim("of each pair one is always on call");
  }

  private static UntypedCall draw(Seed seed) {
    int pair = seed.child("pair").drawInt(PAIRS);
    Edn who = Edn.of(2L * pair + seed.child("who").drawInt(2));
    return switch (seed.child("f").drawInt(4)) {
      case 0 -> Calls.of("read", Calls.pair(Edn.of(pair), Edn.NIL));
      case 1 -> Calls.of("return", Calls.pair(Edn.of(pair), who));
      default -> Calls.of("leave", Calls.pair(Edn.of(pair), who));
    };
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return switch (call.name()) {
      case "read" ->
          access.read(
              call,
              sql ->
                  Calls.column(sql, "select value from on_call where pair = ? order by id", call));
      case "return" ->
          access.write(
              call,
              sql -> {
                sql.update("update on_call set value = 1 where id = ?", Calls.value(call));
                return call;
              });
      default -> access.write(call, sql -> leave(sql, call));
    };
  }

  private static UntypedCall leave(Sql sql, UntypedCall call) throws SQLException {
    Edn other = Edn.of(Calls.integer(Calls.value(call)) ^ 1);
    boolean stays = false;
    for (List<Edn> row :
        sql.rows(
            "select id, value from on_call where pair = ? order by id for update",
            Calls.key(call))) {
      stays |= row.get(0).equals(other) && row.get(1).equals(Edn.of(1));
    }
    if (!stays) {
      throw new Transactor.RolledBack("nobody would be on call");
    }
    sql.update("update on_call set value = 0 where id = ?", Calls.value(call));
    return call;
  }

  private record Skew(Verdict verdict) implements Result {}

  private static Skew check(History<UntypedCall> history) {
    int reads = 0;
    for (Event<UntypedCall> event : history.events()) {
      if (event instanceof Event.Ok && event.call().name().equals("read")) {
        reads++;
        List<Edn> both = Calls.value(event.call()).elements();
        if (both.size() != 2 || !both.contains(Edn.of(1))) {
          return new Skew(
              new Verdict.Invalid(
                  "event %d read %s of pair %s: nobody is on call"
                      .formatted(
                          event.index(),
                          EdnWriter.print(Calls.value(event.call())),
                          EdnWriter.print(Calls.key(event.call())))));
        }
      }
    }
    return new Skew(reads == 0 ? new Verdict.Unknown("nothing was read") : Verdict.VALID);
  }
}
