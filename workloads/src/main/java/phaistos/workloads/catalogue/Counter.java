package phaistos.workloads.catalogue;

import java.util.ArrayList;
import java.util.List;
import phaistos.checker.jepsen.CounterChecker;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;

/**
 * One row that all clients add to, and read: {@code :add 3}, {@code :read}. A read lies between the
 * sum of what was acknowledged before it and the sum of what was attempted.
 */
public final class Counter {
  public static final String NAME = "counter";

  private static final int ADDED_MAX = 5;

  private Counter() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    List<String> statements =
        new ArrayList<>(Tables.fresh("counters", "id bigint primary key, value bigint"));
    statements.add("insert into counters (id, value) values (0, 0)");
    return JournaledWorkload.of(
            NAME, cluster, options, statements, Counter::invoke, (_, seed, _) -> draw(seed))
        .checker("counter", OwedOnly.of(new CounterChecker()::check))
        .claim("every acknowledged addition is in the counter, once");
  }

  private static UntypedCall draw(Seed seed) {
    return seed.child("f").drawInt(3) == 0
        ? Calls.of("read", Edn.NIL)
        : Calls.of("add", Edn.of(1 + seed.child("n").drawInt(ADDED_MAX)));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return call.name().equals("read")
        ? access.write(call, sql -> Calls.with(call, Tables.get(sql, "counters", Edn.of(0))))
        : access.write(
            call,
            sql -> {
              sql.update("update counters set value = value + ? where id = 0", call.value());
              return call;
            });
  }
}
