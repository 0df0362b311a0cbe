package phaistos.workloads.catalogue;

import java.util.List;
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
 * Every transaction draws its {@code synchronous_commit}: {@code :insert [7 "remote_write"]}. Each
 * is owed what its own level promises, whatever its neighbours in the WAL have. The audit judges
 * it, and the journal for the levels that survive the power cut at the end.
 */
public final class Levels {
  public static final String NAME = "levels";

  /** Transactions that prefer one level. */
  private static final int STRETCH = 80;

  private static final List<String> LEVELS =
      List.of("off", "local", "remote_write", "on", "remote_apply");

  private Levels() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    Seed levels = options.seed().child("levels");
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("levels", "value bigint primary key, level text"),
            Levels::invoke,
            (_, seed, n) -> draw(levels, seed, n))
        .claim("each transaction kept what its level promises");
  }

  private static String any(Seed seed) {
    return LEVELS.get(seed.drawInt(LEVELS.size()));
  }

  /**
   * Half of the transactions of a stretch have its level, and every third stretch is of its level
   * alone: the first commit that is flushed flushes those before it.
   */
  private static UntypedCall draw(Seed levels, Seed seed, long n) {
    Seed stretch = levels.child(n / STRETCH);
    boolean isAlone = stretch.child("alone").drawInt(3) == 0;
    String level = isAlone || seed.child("any").drawInt(2) == 0 ? any(stretch) : any(seed);
    return Calls.of("insert", Calls.pair(Edn.of(n), Edn.of(level)));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call) {
    String level = ((Edn.Text) Calls.value(call)).value();
    return access.writeAt(
        level,
        call,
        sql -> {
          sql.update(
              "insert into levels (value, level) values (?, ?)",
              Calls.key(call),
              Calls.value(call));
          return call;
        });
  }
}
