package phaistos.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.machine.MachineFiles;
import phaistos.harness.run.TestRun;
import phaistos.histories.HistoryWriter;
import phaistos.histories.RunStore;
import phaistos.simulator.Tail;
import phaistos.workloads.Workload;

/**
 * Runs variants of a test for the sake of their violations: no report, and nothing stays on the
 * disk. Not thread-safe.
 */
public final class Rerun implements AutoCloseable {
  private static final Instant ANY_TIME = Instant.EPOCH;

  private final Path scratch;

  private Rerun(Path scratch) {
    this.scratch = scratch;
  }

  /**
   * @throws IOException if there is no place for temporary files
   */
  public static Rerun open() throws IOException {
    return new Rerun(Files.createTempDirectory("phaistos-rerun"));
  }

  /**
   * Judges a stored run again.
   *
   * @param plan of the run, with the same workload
   * @throws StoredRun.StoredRunException if a file is missing or damaged
   * @throws phaistos.histories.HistoryException if the history is
   */
  public JudgedRun judge(TestPlan plan, StoredRun run) {
    var recording = run.recording();
    RunStore store = RunStore.create(scratch, "stored", ANY_TIME);
    store.keepFailures();
    List<NodeId> nodes = plan.cluster().nodeNames().stream().map(NodeId::new).toList();
    NodeId primary = new NodeId(recording.primary());
    try (StoredCluster cluster = new StoredCluster(nodes, primary, recording.logs())) {
      return JudgedRun.of(
          recording,
          new RunJudge<>(recording, Harness.workload(cluster, plan), plan, store).judge());
    } finally {
      delete(store.folder());
    }
  }

  /** Runs the plan and judges it. Whatever ends the simulation early is thrown. */
  public JudgedRun run(TestPlan plan) {
    RunStore store = RunStore.create(scratch, "variant", ANY_TIME);
    store.keepFailures();
    AtomicReference<Workload<?>> workload = new AtomicReference<>();
    AtomicReference<JudgedRun> judged = new AtomicReference<>();
    try (HistoryWriter history = store.openBufferedHistory()) {
      plan.deployment()
          .run(
              plan,
              store,
              cluster -> {
                workload.set(Harness.workload(cluster, plan));
                return new TestRun<>(
                        cluster, workload.get(), plan, store, Progress.NONE, new Cutoff())
                    .run(history);
              },
              recording -> {
                var judgement = new RunJudge<>(recording, workload.get(), plan, store).judge();
                judged.set(JudgedRun.of(recording, judgement));
                return TestResult.of(judgement.verdict(), store.folder());
              });
      return judged.get();
    } finally {
      delete(store.folder());
    }
  }

  /** The same run, seen from the inside. */
  public static TestPlan watched(TestPlan plan, SimulationWatch watch) {
    SimulatedDeployment own = simulated(plan);
    return plan.on(new SimulatedDeployment(Optional.of(watch), own.tail()));
  }

  /** The same run up to a step of the scheduler; the choices from there on are drawn anew. */
  public static TestPlan withTail(TestPlan plan, Tail tail) {
    SimulatedDeployment own = simulated(plan);
    return plan.on(new SimulatedDeployment(own.watch(), Optional.of(tail)));
  }

  private static SimulatedDeployment simulated(TestPlan plan) {
    if (plan.deployment() instanceof SimulatedDeployment simulated) {
      return simulated;
    }
    throw new IllegalArgumentException("not simulated: " + plan.deployment().word());
  }

  @Override
  public void close() {
    delete(scratch);
  }

  private static void delete(Path folder) {
    try {
      MachineFiles.delete(folder);
    } catch (IOException e) {
      throw new IllegalStateException(folder + " cannot be deleted: " + e.getMessage(), e);
    }
  }
}
