package phaistos.workloads.commits;

import java.util.List;
import java.util.Optional;
import phaistos.checker.durability.MarkerColumn;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;
import phaistos.workloads.AuditNeeds;
import phaistos.workloads.Workload;
import phaistos.workloads.WorkloadOptions;
import phaistos.workloads.commits.CommitsCall.FinalRead;
import phaistos.workloads.commits.CommitsCall.InsertMany;
import phaistos.workloads.commits.CommitsCall.InsertOne;
import phaistos.workloads.commits.CommitsCall.Rollback;
import phaistos.workloads.commits.CommitsCall.StandbyRead;

/**
 * The workload {@code commits}: transactions insert values that no other transaction of the run
 * uses, one or ten at a time, and a quarter of them roll back on purpose. At the end every client
 * thread reads everything from the primary, and one reads every standby.
 */
public final class Commits {
  public static final String NAME = "commits";

  /** Rows of an {@code :insert-many}. */
  static final int MANY = 10;

  /**
   * The first value. The audit takes values for markers, which must not stand in other columns by
   * chance, as small numbers do.
   */
  private static final long FIRST = 1_000_000_000L;

  private Commits() {}

  public static Workload<CommitsCall> workload(Cluster cluster, WorkloadOptions options) {
    return Workload.of(
            NAME, new CommitsClient(cluster, options.jdbc()), CommitsCall.CODEC, load(options))
        .finalGenerator(finalReads(cluster.nodes()))
        .checker("what the clients saw", new CommitsChecker())
        .audit(new AuditNeeds.Markers(MarkerColumn.FIRST, Optional.of(CommitsCall.FINAL_READ)))
        .claim(
            "every acknowledged commit is still there, whole, and nothing that was rolled back is");
  }

  /** Half of the transactions insert one row, a quarter many; a quarter roll back. */
  public static Generator<CommitsCall> load(WorkloadOptions options) {
    Seed kinds = options.seed().child("kinds");
    return options.paced(
        Generators.draw(
            kinds,
            (_, draw, n) -> {
              long first = FIRST + n * MANY;
              return switch (draw.drawInt(8)) {
                case 0, 1, 2, 3 -> new InsertOne(first);
                case 4, 5 -> new InsertMany(CommitsCall.run(first, MANY));
                case 6 -> new Rollback(CommitsCall.run(first, 1));
                default -> new Rollback(CommitsCall.run(first, MANY));
              };
            }));
  }

  private static Generator<CommitsCall> finalReads(List<NodeId> nodes) {
    List<Generator<CommitsCall>> standbyReads =
        nodes.stream()
            .map(n -> Generators.<CommitsCall>call(new StandbyRead(n.name(), List.of())))
            .toList();
    return Generators.phases(
        Workload.untilOkOnEachThread(new FinalRead(List.of())), Generators.concat(standbyReads));
  }
}
