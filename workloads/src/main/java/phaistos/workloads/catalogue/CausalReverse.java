package phaistos.workloads.catalogue;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Result;
import phaistos.checker.jepsen.CausalCheckers;
import phaistos.checker.jepsen.Checkers;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;
import phaistos.workloads.journal.Sql;

/**
 * Values are inserted one by one, and read together: {@code :write [k 7]}, {@code :read [k nil]}. A
 * read that shows a write shows every write that was acknowledged before that one began, on each
 * node: the WAL has them in that order.
 */
public final class CausalReverse {
  public static final String NAME = "causal-reverse";

  /** Operations before the key is replaced by a new one. */
  private static final int OPERATIONS_OF_A_KEY = 100;

  private CausalReverse() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("writes", "value bigint primary key, id bigint"),
            CausalReverse::invoke,
            (_, seed, n) -> draw(seed, n))
        .checker("causal reverse", OwedOnly.of(CausalReverse::check))
        .claim("no read shows a write without one that was acknowledged before it");
  }

  private static UntypedCall draw(Seed seed, long n) {
    Edn key = Edn.of(n / OPERATIONS_OF_A_KEY);
    return seed.drawInt(3) == 0
        ? Calls.of("read", Calls.pair(key, Edn.NIL))
        : Calls.of("write", Calls.pair(key, Edn.of(n)));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return call.name().equals("read")
        ? access.read(call, sql -> read(sql, call))
        : access.write(
            call,
            sql -> {
              sql.update(
                  "insert into writes (value, id) values (?, ?)",
                  Calls.value(call),
                  Calls.key(call));
              return call;
            });
  }

  private static UntypedCall read(Sql sql, UntypedCall call) throws SQLException {
    Edn values = Calls.vector(sql.column("select value from writes where id = ?", Calls.key(call)));
    return Calls.with(call, Calls.pair(Calls.key(call), values));
  }

  private static Result check(History<UntypedCall> history, CheckContext context) {
    Set<Edn> read = new HashSet<>();
    for (Event<UntypedCall> event : history.events()) {
      if (event instanceof Event.Ok && event.call().name().equals("read")) {
        read.add(Calls.key(event.call()));
      }
    }
    History<UntypedCall> ofReadKeys =
        History.of(
            history.events().stream()
                .filter(event -> read.contains(Calls.key(event.call())))
                .toList());
    return Checkers.independent(new CausalCheckers.CausalReverse()).check(ofReadKeys, context);
  }
}
