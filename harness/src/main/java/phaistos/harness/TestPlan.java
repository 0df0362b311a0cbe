package phaistos.harness;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import phaistos.workloads.WorkloadFactory;

/**
 * A test before it runs: a workload, a cluster, faults, limits and a seed. Immutable; a method
 * named after a part returns a plan with that part changed.
 *
 * <pre>{@code
 * TestResult result =
 *     TestPlan.of("register", RegisterWorkload::create)
 *         .nemesis("partition", "kill")
 *         .timeLimit(Duration.ofSeconds(20))
 *         .seed(7)
 *         .run();
 * }</pre>
 *
 * @param workload its name, for titles and the folder in the store
 * @param deployment where the nodes run
 * @param output the root of the store, and the command that repeats the test, if there is one
 */
public record TestPlan(
    Named workload,
    Deployment deployment,
    ClusterPlan cluster,
    FaultPlan faults,
    LoadPlan load,
    long seed,
    Output output) {
  /** A workload by name. */
  public record Named(String name, WorkloadFactory factory) {}

  /**
   * Where a test writes its files.
   *
   * @param replay the command that repeats the test; empty if the caller has none
   * @param keep whether the nodes' images stay in the run's folder
   */
  public record Output(Path store, Optional<String> replay, Keep keep) {
    /** With {@link Keep#FAILURES}. */
    public Output(Path store, Optional<String> replay) {
      this(store, replay, Keep.FAILURES);
    }
  }

  /** Three simulated nodes, no faults, 60 s, seed 1, the store in {@code store}. */
  public static TestPlan of(String name, WorkloadFactory factory) {
    return new TestPlan(
        new Named(name, factory),
        Deployment.simulated(),
        ClusterPlan.DEFAULT,
        FaultPlan.none(),
        LoadPlan.DEFAULT,
        1,
        new Output(Path.of("store"), Optional.empty()));
  }

  /** The same with another workload. */
  public TestPlan workload(String name, WorkloadFactory factory) {
    return new TestPlan(new Named(name, factory), deployment, cluster, faults, load, seed, output);
  }

  public TestPlan on(Deployment where) {
    return new TestPlan(workload, where, cluster, faults, load, seed, output);
  }

  public TestPlan cluster(ClusterPlan nodes) {
    return new TestPlan(workload, deployment, nodes, faults, load, seed, output);
  }

  /** Faults of these kinds, drawn from the seed. */
  public TestPlan nemesis(String... kinds) {
    return faults(new FaultPlan.Drawn(List.of(kinds)));
  }

  public TestPlan faults(FaultPlan wanted) {
    return new TestPlan(workload, deployment, cluster, wanted, load, seed, output);
  }

  public TestPlan load(LoadPlan much) {
    return new TestPlan(workload, deployment, cluster, faults, much, seed, output);
  }

  public TestPlan timeLimit(Duration limit) {
    return load(load.withTimeLimit(limit));
  }

  public TestPlan seed(long number) {
    return new TestPlan(workload, deployment, cluster, faults, load, number, output);
  }

  public TestPlan store(Path root) {
    return output(new Output(root, output.replay, output.keep));
  }

  public TestPlan output(Output where) {
    return new TestPlan(workload, deployment, cluster, faults, load, seed, where);
  }

  /** Runs it, judges it and writes its folder in the store, without a display of progress. */
  public TestResult run() {
    return Harness.run(this, Progress.NONE);
  }

  /** The command that repeats this test, or the seed if there is none. */
  public String replay() {
    return output.replay.orElse("seed " + seed + " of test " + workload.name);
  }

  /** The test's name in the verdict: "commits under partition+kill". */
  public String title() {
    return workload.name + " under " + faults.words();
  }

  /** The name of the test's folder in the store. It does not name a planted defect. */
  public String storeName() {
    String defects = cluster.defects().isEmpty() ? "" : "-with-defect";
    return workload.name + "-" + deployment.word() + defects;
  }
}
