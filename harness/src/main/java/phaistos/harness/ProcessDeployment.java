package phaistos.harness;

import java.util.Optional;
import java.util.function.Function;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.fuse.FuseVolumes;
import phaistos.cluster.postgres.PostgresChoice;
import phaistos.cluster.processes.ProcessCluster;
import phaistos.harness.run.Recording;
import phaistos.histories.RunStore;

/** Real PostgreSQL as processes of this machine. */
record ProcessDeployment(PostgresChoice postgres) implements Deployment {
  @Override
  public String word() {
    return "processes";
  }

  @Override
  public String database() {
    return postgres.toString();
  }

  @Override
  public boolean isSimulated() {
    return false;
  }

  @Override
  public Optional<String> missing() {
    return ProcessCluster.missing().or(postgres::missing);
  }

  @Override
  public Capabilities capabilities() {
    return ProcessCluster.capabilities(FuseVolumes.orPlain());
  }

  @Override
  public TestResult run(
      TestPlan plan,
      RunStore store,
      Function<Cluster, Recording> test,
      Function<Recording, TestResult> judge) {
    var programs = postgres.find();
    store.log("database: " + programs.text() + " in " + programs.folder());
    try (ProcessCluster cluster =
        new ProcessCluster(MachineOptions.of(plan, store), programs, FuseVolumes.orPlain())) {
      return judge.apply(test.apply(cluster));
    }
  }

  @Override
  public <T> T experiment(ClusterPlan nodes, long seed, Function<Cluster, T> act) {
    try (ProcessCluster cluster =
        new ProcessCluster(
            MachineOptions.of(nodes, seed), postgres.find(), FuseVolumes.orPlain())) {
      return act.apply(cluster);
    }
  }
}
