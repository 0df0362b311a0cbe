package phaistos.workloads.catalogue;

import java.util.ArrayList;
import java.util.List;
import phaistos.cluster.Cluster;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Seed;
import phaistos.workloads.Completion;
import phaistos.workloads.Goal;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.journal.Access;
import phaistos.workloads.journal.JournaledWorkload;

/**
 * {@code synchronous_standby_names} changes under load: {@code :reload "FIRST 1 (n3, n1)"} sets it
 * on the primary, {@code :insert 7} inserts a row. Every one of the settings asks for at least one
 * standby, so that each commit is owed to one, whichever setting was in force while it waited.
 */
public final class Reload {
  public static final String NAME = "reload";

  private static final int RELOAD_ONE_OF = 40;

  private Reload() {}

  public static Workload<UntypedCall> workload(Cluster cluster, WorkloadOptions options) {
    List<String> nodes = cluster.nodes().stream().map(Cluster.NodeId::name).toList();
    String weakest = weakest(cluster);
    return JournaledWorkload.of(
            NAME,
            cluster,
            options,
            Tables.fresh("reloaded", "value bigint primary key"),
            (access, call) -> invoke(access, call, weakest),
            (_, seed, n) -> draw(seed, n, nodes))
        .goal(Goal.ofOk("the standbys' names changed under load", 1, "reload", _ -> true))
        .claim("no acknowledged commit was lost while the standbys' names changed");
  }

  /** What each of its settings asks for at least: all that any commit of the run is owed. */
  public static String weakest(Cluster cluster) {
    return "ANY 1 ("
        + String.join(", ", cluster.nodes().stream().map(Cluster.NodeId::name).toList())
        + ")";
  }

  private static UntypedCall draw(Seed seed, long n, List<String> nodes) {
    if (seed.child("f").drawInt(RELOAD_ONE_OF) != 0) {
      return Calls.of("insert", Edn.of(n));
    }
    List<String> left = new ArrayList<>(nodes);
    List<String> order = new ArrayList<>();
    Seed next = seed.child("order");
    while (!left.isEmpty()) {
      order.add(left.remove(next.drawInt(left.size())));
      next = next.next();
    }
    int standbys = nodes.size() - 1;
    int count = 1 + seed.child("count").drawInt(Math.min(2, standbys));
    String method = seed.child("method").drawInt(2) == 0 ? "ANY " : "FIRST ";
    return Calls.of("reload", Edn.of(method + count + " (" + String.join(", ", order) + ")"));
  }

  private static Completion<UntypedCall> invoke(Access access, UntypedCall call, String weakest) {
    return switch (call.name()) {
      case "reload" ->
          access.administer(
              call,
              sql -> {
                String names = ((Edn.Text) call.value()).value();
                sql.update("alter system set synchronous_standby_names = '" + names + "'");
                sql.rows("select pg_reload_conf()");
                return call;
              });
      default ->
          access.write(
              call,
              sql -> {
                sql.details().standbyNames(weakest);
                sql.update("insert into reloaded (value) values (?)", call.value());
                return call;
              });
    };
  }
}
