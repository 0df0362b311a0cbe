package phaistos.harness;

import java.util.Map;
import java.util.function.Function;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.containers.ContainerCapabilities;
import phaistos.cluster.containers.ContainerCluster;
import phaistos.cluster.containers.ContainerClusterOptions;
import phaistos.harness.run.Recording;
import phaistos.histories.RunStore;

/**
 * A container for each node. It is a class of its own so that only this class loads Testcontainers.
 */
record ContainerDeployment() implements Deployment {
  @Override
  public String word() {
    return "containers";
  }

  @Override
  public boolean isSimulated() {
    return false;
  }

  @Override
  public Capabilities capabilities() {
    return ContainerCapabilities.ofServer();
  }

  @Override
  public TestResult run(
      TestPlan plan,
      RunStore store,
      Function<Cluster, Recording> test,
      Function<Recording, TestResult> judge) {
    ClusterPlan nodes = plan.cluster();
    ContainerClusterOptions options =
        ContainerClusterOptions.of(nodes.nodes(), plan.seed())
            .withSetting(
                "synchronous_standby_names", "ANY 1 (" + String.join(", ", nodes.nodeNames()) + ")")
            .onTaskFailure(
                (task, failure) -> store.log("task failure: " + task.name() + ": " + failure));
    for (Map.Entry<String, String> setting : nodes.settings().entrySet()) {
      options = options.withSetting(setting.getKey(), setting.getValue());
    }
    if (!nodes.defects().isEmpty()) {
      options = options.withSetting("phaistos.defect", String.join(",", nodes.defects()));
    }
    try (ContainerCluster cluster = new ContainerCluster(options)) {
      return judge.apply(test.apply(cluster));
    }
  }
}
