package phaistos.workloads.catalogue;

import phaistos.checker.jepsen.UniqueIdsChecker;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.workloads.Completion;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;

/**
 * Ids of a serial column: {@code :generate} inserts a row and returns its id. No id is acknowledged
 * twice, also not after a crash or on a promoted standby.
 */
public final class UniqueIds {
  public static final String NAME = "unique-ids";

  private UniqueIds() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("ids", "id bigserial primary key, word text"),
            UniqueIds::invoke,
            (_, _, _) -> Calls.of("generate", Edn.NIL))
        .checker("unique ids", OwedOnly.of(new UniqueIdsChecker()::check))
        .claim("no id was acknowledged twice");
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    return access.write(
        call,
        sql ->
            Calls.with(
                call,
                sql.value("insert into ids (word) values ('x') returning id").orElse(Edn.NIL)));
  }
}
