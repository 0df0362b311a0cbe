package phaistos.harness;

import java.util.Optional;
import java.util.function.Function;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.fuse.FuseVolumes;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.postgres.PostgresChoice;
import phaistos.cluster.processes.ProcessCluster;
import phaistos.harness.run.Recording;
import phaistos.histories.RunStore;

/**
 * Real PostgreSQL as processes of this machine.
 *
 * @param hasPowerCuts whether disks forget unsynced writes at a power cut, where the machine can
 *     have such disks
 */
record ProcessDeployment(PostgresChoice postgres, boolean hasPowerCuts) implements Deployment {
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
  public Deployment withoutPowerCuts() {
    return new ProcessDeployment(postgres, false);
  }

  private DataVolumes volumes() {
    return hasPowerCuts
        ? FuseVolumes.orPlain()
        : DataVolumes.plainBecause("the nodes were to have disks of this machine");
  }

  @Override
  public Capabilities capabilities() {
    return ProcessCluster.capabilities(volumes());
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
        new ProcessCluster(MachineOptions.of(plan, store), programs, volumes())) {
      return judge.apply(test.apply(cluster));
    }
  }

  @Override
  public <T> T experiment(ClusterPlan nodes, long seed, Function<Cluster, T> act) {
    try (ProcessCluster cluster =
        new ProcessCluster(MachineOptions.of(nodes, seed), postgres.find(), volumes())) {
      return act.apply(cluster);
    }
  }
}
