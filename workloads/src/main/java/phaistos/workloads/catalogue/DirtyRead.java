package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Operation;
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
 * A transaction writes one new value to several rows, a third of them then rolls back: {@code
 * :write [k 7]}, {@code :undone [k 8]}; {@code :read [k nil]} gives the rows of a group. A read
 * shows the same value in all rows of the group, and never one of a transaction that rolled back or
 * failed, on any node.
 */
public final class DirtyRead {
  public static final String NAME = "dirty-read";

  private static final int GROUPS = 4;
  private static final int ROWS = 4;

  private DirtyRead() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    List<String> statements =
        new ArrayList<>(Tables.fresh("dirty", "id bigint primary key, part bigint, value bigint"));
    for (int id = 0; id < GROUPS * ROWS; id++) {
      statements.add(
          "insert into dirty (id, part, value) values (" + id + ", " + id / ROWS + ", -1)");
    }
    return JournaledWorkload.of(
            NAME, cluster, options, statements, DirtyRead::invoke, (_, seed, n) -> draw(seed, n))
        .checker("dirty read", OwedOnly.of((history, _) -> check(history)))
        .claim("no read shows a part of a transaction, or anything of one that rolled back");
  }

  private static UntypedCall draw(Seed seed, long n) {
    Edn key = Edn.of(seed.child("key").drawInt(GROUPS));
    return switch (seed.child("f").drawInt(3)) {
      case 0 -> Calls.of("undone", Calls.pair(key, Edn.of(n)));
      case 1 -> Calls.of("write", Calls.pair(key, Edn.of(n)));
      default -> Calls.of("read", Calls.pair(key, Edn.NIL));
    };
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return switch (call.name()) {
      case "read" ->
          access.read(
              call, sql -> Calls.column(sql, "select value from dirty where part = ?", call));
      case "write" -> access.write(call, sql -> write(sql, call));
      default ->
          access.write(
              call,
              sql -> {
                write(sql, call);
                throw new Transactor.RolledBack("on purpose");
              });
    };
  }

  private static UntypedCall write(Sql sql, UntypedCall call) throws SQLException {
    long first = Calls.integer(Calls.key(call)) * ROWS;
    for (int i = 0; i < ROWS; i++) {
      sql.update("update dirty set value = ? where id = ?", Calls.value(call), Edn.of(first + i));
    }
    return call;
  }

  private record Reads(Verdict verdict) implements Result {}

  private static Reads check(History<UntypedCall> history) {
    Set<Edn> undone = new HashSet<>();
    for (Operation<UntypedCall> operation : history.operations()) {
      UntypedCall call = operation.call();
      if (!call.name().equals("read") && (operation.isFail() || call.name().equals("undone"))) {
        undone.add(Calls.value(call));
      }
    }
    int reads = 0;
    for (Event<UntypedCall> event : history.events()) {
      if (!(event instanceof Event.Ok) || !event.call().name().equals("read")) {
        continue;
      }
      reads++;
      List<Edn> rows = Calls.value(event.call()).elements();
      String what = "event " + event.index() + " read " + EdnWriter.print(event.call().value());
      if (rows.size() != ROWS || Set.copyOf(rows).size() != 1) {
        return new Reads(new Verdict.Invalid(what + ": not one value in all " + ROWS + " rows"));
      }
      if (undone.contains(rows.getFirst())) {
        return new Reads(new Verdict.Invalid(what + ", of a transaction that rolled back"));
      }
    }
    return new Reads(reads == 0 ? new Verdict.Unknown("nothing was read") : Verdict.VALID);
  }
}
