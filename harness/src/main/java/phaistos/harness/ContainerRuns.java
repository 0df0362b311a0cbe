package phaistos.harness;

import java.util.function.Function;
import phaistos.cluster.containers.ContainerCluster;
import phaistos.cluster.containers.ContainerClusterOptions;
import phaistos.histories.HistoryWriter;
import phaistos.histories.RunStore;
import phaistos.workloads.Workload;
import phaistos.workloads.commits.CommitsCall;

/** Runs on nodes in containers, apart from {@link Runs} so that only they load Testcontainers. */
final class ContainerRuns {
  private static final int NODES = 3;

  private ContainerRuns() {}

  /**
   * Runs, and has the recording judged while the nodes' files are still there.
   *
   * @param judge called once
   */
  static Runs.End run(
      RunOptions options,
      RunStore store,
      HistoryWriter history,
      Progress progress,
      Function<Runs.Recorded, Runs.End> judge) {
    ContainerClusterOptions nodes =
        ContainerClusterOptions.of(NODES, options.seed())
            .withSetting("synchronous_standby_names", "ANY 1 (n1, n2, n3)")
            .onTaskFailure(
                (task, failure) -> store.log("task failure: " + task.name() + ": " + failure));
    if (options.defect().isPresent()) {
      nodes = nodes.withSetting("phaistos.defect", options.defect().get());
    }
    try (ContainerCluster cluster = new ContainerCluster(nodes)) {
      Workload<CommitsCall> workload = Runs.workload(cluster, options);
      TestRun<CommitsCall> run = new TestRun<>(cluster, workload, options, store, progress);
      return judge.apply(new Runs.Recorded(run.run(history), workload));
    }
  }
}
