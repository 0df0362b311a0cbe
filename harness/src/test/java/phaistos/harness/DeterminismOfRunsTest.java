package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import phaistos.nemesis.Faults;
import phaistos.workloads.Workloads;

/**
 * A seed gives one trace and one history. The long form, {@code -Dphaistos.determinism=10}, runs
 * every workload in four rounds for so many seconds, three faults each, so that every fault comes
 * with several workloads.
 */
@Tag("slow")
class DeterminismOfRunsTest {
  private static final int FAULTS_OF_A_RUN = 3;
  private static final int ROUNDS = 4;

  @TempDir Path store;

  private int runs;

  /** All workloads at once. */
  @Test
  void aSeedGivesOneTrace() throws IOException {
    TestPlan plan =
        TestPlan.of("all", Workloads.factory(Workloads.all()))
            .nemesis("partition", "kill", "message")
            .load(new LoadPlan(Duration.ofMillis(400), 10, 150))
            .seed(11);
    twice(plan);
  }

  @Test
  @EnabledIfSystemProperty(named = "phaistos.determinism", matches = ".+")
  void everyWorkloadUnderEveryFaultGivesOneTrace() throws IOException {
    Duration limit = Duration.ofSeconds(Integer.getInteger("phaistos.determinism"));
    List<String> kinds =
        Faults.names().stream()
            .filter(
                kind ->
                    Faults.objection(Faults.kind(kind), Deployment.simulated().capabilities())
                        .isEmpty())
            .toList();
    TreeSet<String> withoutEffect = new TreeSet<>(kinds);
    List<Workloads.Entry> workloads = Workloads.all();
    assertTrue(workloads.size() * FAULTS_OF_A_RUN >= kinds.size(), "not every fault has its turn");
    for (int round = 0; round < ROUNDS; round++) {
      int turn = 5 * round * FAULTS_OF_A_RUN;
      // damage of files comes where two standbys have every commit
      ClusterPlan cluster =
          round % 2 == 0
              ? ClusterPlan.DEFAULT
              : ClusterPlan.DEFAULT.withStandbyNames("ANY 2 (n1, n2, n3)");
      for (Workloads.Entry workload : workloads) {
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < FAULTS_OF_A_RUN; i++) {
          faults.add(kinds.get(turn++ % kinds.size()));
        }
        TestPlan plan =
            TestPlan.of(workload.name(), workload.factory())
                .cluster(cluster)
                .faults(new FaultPlan.Drawn(faults))
                .load(new LoadPlan(limit, 10, 150))
                .seed(100 + turn);
        TestResult result = twice(plan);
        result
            .measures()
            .faults()
            .forEach(
                (kind, count) -> withoutEffect.removeIf(each -> count > 0 && each.equals(kind)));
      }
    }
    System.out.printf(
        "%d workloads, %d rounds, %d faults; without an effect anywhere: %s%n",
        workloads.size(), ROUNDS, kinds.size(), withoutEffect);
  }

  private TestResult twice(TestPlan plan) throws IOException {
    TestResult first = run(plan);
    TestResult second = run(plan);
    String what = plan.workload().name() + " " + plan.faults() + " seed " + plan.seed();
    what += " " + plan.deployment();
    assertTrue(first.measures().traceHash().isPresent(), what);
    assertEquals(first.measures().traceHash(), second.measures().traceHash(), what);
    assertEquals(first.verdict(), second.verdict(), what);
    assertArrayEquals(history(first), history(second), what);
    return first;
  }

  private TestResult run(TestPlan plan) {
    Path folder = store.resolve("run-" + runs++);
    return Harness.run(
        plan.output(new TestPlan.Output(folder, Optional.empty(), Keep.VERDICT)),
        Progress.NONE,
        Instant.EPOCH);
  }

  private static byte[] history(TestResult result) throws IOException {
    byte[] bytes = Files.readAllBytes(result.folder().resolve("history.edn"));
    assertTrue(bytes.length > 1_000, result.folder().toString());
    return bytes;
  }
}
