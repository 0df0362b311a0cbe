package phaistos.harness;

import java.util.function.Function;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.containers.ContainerCapabilities;
import phaistos.cluster.containers.ContainerCluster;
import phaistos.cluster.machine.ClusterOptions;
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
    ClusterOptions options = MachineOptions.of(plan, store);
    if (!nodes.defects().isEmpty()) {
      options = options.withSetting("phaistos.defect", String.join(",", nodes.defects()));
    }
    try (ContainerCluster cluster = new ContainerCluster(options)) {
      return judge.apply(test.apply(cluster));
    }
  }
}
