package phaistos.harness;

import java.util.Optional;
import java.util.function.Function;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.containers.ContainerCapabilities;
import phaistos.cluster.containers.ContainerCluster;
import phaistos.cluster.containers.ContainerEngine;
import phaistos.cluster.containers.NodeProgram;
import phaistos.cluster.containers.PostgresProgram;
import phaistos.cluster.containers.ServerProgram;
import phaistos.cluster.fuse.FuseVolumes;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.postgres.PostgresChoice;
import phaistos.harness.run.Recording;
import phaistos.histories.RunStore;

/**
 * A container for each node. It is a class of its own so that only this class loads Testcontainers.
 *
 * @param postgres real PostgreSQL in place of the built-in database
 */
record ContainerDeployment(Optional<PostgresChoice> postgres) implements Deployment {
  @Override
  public String word() {
    return "containers";
  }

  @Override
  public String database() {
    return postgres.map(PostgresChoice::toString).orElseGet(Deployment.super::database);
  }

  @Override
  public boolean isSimulated() {
    return false;
  }

  @Override
  public Optional<String> missing() {
    return postgres
        .map(choice -> PostgresProgram.missing(choice.version()))
        .orElseGet(ContainerEngine::missing);
  }

  @Override
  public Capabilities capabilities() {
    return postgres.isPresent()
        ? ContainerCapabilities.of(FuseVolumes.orPlain(), true)
        : ContainerCapabilities.ofServer();
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
    try (ContainerCluster cluster = new ContainerCluster(options, program())) {
      return judge.apply(test.apply(cluster));
    }
  }

  @Override
  public <T> T experiment(ClusterPlan nodes, long seed, Function<Cluster, T> act) {
    try (ContainerCluster cluster =
        new ContainerCluster(MachineOptions.of(nodes, seed), program())) {
      return act.apply(cluster);
    }
  }

  private NodeProgram program() {
    return postgres
        .<NodeProgram>map(choice -> PostgresProgram.of(choice.version()))
        .orElseGet(ServerProgram::new);
  }
}
