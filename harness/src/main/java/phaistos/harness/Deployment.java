package phaistos.harness;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.postgres.PostgresChoice;
import phaistos.harness.run.Recording;
import phaistos.histories.RunStore;

/** Where the nodes of a test run. Each database needs its own deployment. */
public interface Deployment {
  /** "simulated": its name on the command line and in the store. */
  String word();

  /** Whether time is simulated, so that a seed gives always the same history. */
  boolean isSimulated();

  /** The database that it runs: "phaistos" for the built-in one, "postgres:15.12". */
  default String database() {
    return "phaistos";
  }

  /** Why it cannot be had on this machine, with the remedy, in one line; empty if it can. */
  default Optional<String> missing() {
    return Optional.empty();
  }

  /** Whether its database has SERIALIZABLE; Phaistos' own refuses it. */
  default boolean hasSerializable() {
    return !database().equals("phaistos");
  }

  /**
   * The same on disks that a power cut cannot touch, where such disks cost less.
   *
   * @return itself where they do not
   */
  default Deployment withoutPowerCuts() {
    return this;
  }

  /** What its clusters can do. */
  Capabilities capabilities();

  /**
   * Creates the cluster, runs the test on it, judges the recording and removes the cluster. The
   * recording's images can be read until {@code judge} returns.
   *
   * @param test called once, by a task of the cluster's control party
   * @param judge called once, outside of any simulation
   */
  TestResult run(
      TestPlan plan,
      RunStore store,
      Function<Cluster, Recording> test,
      Function<Recording, TestResult> judge);

  /**
   * Creates a cluster for an experiment that is not a test, lets it act and removes the cluster.
   *
   * @param act called once, by a task of the cluster's control party; starts the nodes itself
   */
  <T> T experiment(ClusterPlan nodes, long seed, Function<Cluster, T> act);

  /** The built-in database in the deterministic simulator. */
  static Deployment simulated() {
    return new SimulatedDeployment();
  }

  /** The built-in database in containers, with a Toxiproxy proxy for every directed link. */
  static Deployment containers() {
    return new ContainerDeployment(Optional.empty());
  }

  /** Real PostgreSQL in containers, with a Toxiproxy proxy for every directed link. */
  static Deployment containers(PostgresChoice postgres) {
    return new ContainerDeployment(Optional.of(postgres));
  }

  /** Real PostgreSQL as processes of this machine, with a Toxiproxy proxy for every link. */
  static Deployment processes(PostgresChoice postgres) {
    return new ProcessDeployment(postgres, true);
  }

  /** The built-in ones. */
  static List<Deployment> all() {
    return List.of(simulated(), containers());
  }

  static Optional<Deployment> named(String word) {
    return all().stream().filter(each -> each.word().equals(word)).findFirst();
  }
}
