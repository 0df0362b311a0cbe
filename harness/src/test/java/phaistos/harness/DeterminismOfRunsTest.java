package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import phaistos.histories.generators.Seed;
import phaistos.nemesis.Faults;
import phaistos.nemesis.Schedule;
import phaistos.workloads.Workloads;

/**
 * A seed gives one trace, one verdict and one history. The long form, {@code
 * -Dphaistos.determinism=10}, makes runs of so many seconds: every workload in four rounds of three
 * faults each; for every fault the first seed in which it has an effect; seeds of the default mix.
 */
@Tag("slow")
class DeterminismOfRunsTest {
  private static final String LONG = "phaistos.determinism";
  private static final int FAULTS_OF_A_RUN = 3;
  private static final int ROUNDS = 4;
  private static final int SEEDS_OF_THE_MIX = 40;

  /** A fault must have an effect in one of so many seeds. */
  private static final int SEEDS_MAX = 200;

  @TempDir Path store;

  private int runs;

  /** All workloads at once. */
  @Test
  void aSeedGivesOneTrace() throws IOException {
    TestPlan plan =
        TestPlan.of("all", Workloads.factory(Workloads.all()))
            .load(new LoadPlan(Duration.ofMillis(400), 10, 150))
            .seed(11);
    same(plan, run(plan));
  }

  @Test
  void aSeedOfAFaultWithAnEffectGivesOneTrace() throws IOException {
    for (String kind : List.of("partition", "kill", "message")) {
      sameWithEffect(kind, Duration.ofSeconds(10));
    }
  }

  @Test
  @EnabledIfSystemProperty(named = LONG, matches = ".+")
  void everyWorkloadGivesOneTrace() throws IOException {
    List<String> kinds = kinds();
    for (int round = 0; round < ROUNDS; round++) {
      int turn = 5 * round * FAULTS_OF_A_RUN;
      // damage of files comes where two standbys have every commit
      ClusterPlan cluster =
          round % 2 == 0
              ? ClusterPlan.DEFAULT
              : ClusterPlan.DEFAULT.withStandbyNames("ANY 2 (n1, n2, n3)");
      for (Workloads.Entry workload : Workloads.all()) {
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < FAULTS_OF_A_RUN; i++) {
          faults.add(kinds.get(turn++ % kinds.size()));
        }
        TestPlan plan =
            TestPlan.of(workload.name(), workload.factory())
                .cluster(cluster)
                .faults(new FaultPlan.Drawn(faults))
                .load(new LoadPlan(limit(), 10, 150))
                .seed(100 + turn);
        same(plan, run(plan));
      }
    }
    System.out.printf("%d workloads, %d pairs%n", Workloads.all().size(), runs / 2);
  }

  @Test
  @EnabledIfSystemProperty(named = LONG, matches = ".+")
  void everyFaultWithAnEffectGivesOneTrace() throws IOException {
    List<String> kinds = kinds();
    for (String kind : kinds) {
      sameWithEffect(kind, limit());
    }
    System.out.printf("%d faults, each with an effect; %d runs%n", kinds.size(), runs);
  }

  @Test
  @EnabledIfSystemProperty(named = LONG, matches = ".+")
  void theDefaultMixGivesOneTrace() throws IOException {
    for (int seed = 1; seed <= SEEDS_OF_THE_MIX; seed++) {
      TestPlan plan = Mix.plan(seed);
      same(plan, run(plan));
    }
    System.out.printf("%d pairs of the default mix%n", runs / 2);
  }

  /** Compares the runs of the first seed in which a fault has an effect. */
  private void sameWithEffect(String kind, Duration limit) throws IOException {
    for (int seed = 1; seed <= SEEDS_MAX; seed++) {
      TestPlan plan = underFault(kind, seed, limit);
      TestResult first = run(plan);
      if (first.measures().faults().getOrDefault(kind, 0) > 0) {
        System.out.printf("%s: %s, seed %d%n", kind, plan.workload().name(), seed);
        same(plan, first);
        return;
      }
    }
    fail(kind + " had no effect in the seeds 1 to " + SEEDS_MAX);
  }

  /**
   * Kills and ended connections are beside the fault: what it does shows only at a start, or when a
   * connection ends. The first transaction id is not a page's first: redo would make that page
   * anew, and not read it.
   */
  private static TestPlan underFault(String kind, int seed, Duration limit) {
    List<Workloads.Entry> workloads = Workloads.all();
    int turn = Faults.names().indexOf(kind) + seed;
    Workloads.Entry workload = workloads.get(turn % workloads.size());
    Schedule schedule =
        Schedule.draw(
            new Seed(seed),
            List.of(kind, kind, "kill", "terminate-walsender"),
            Schedule.Plan.overlapping(limit.toNanos()));
    return TestPlan.of(workload.name(), workload.factory())
        .cluster(ClusterPlan.DEFAULT.withStandbyNames("ANY 2 (n1, n2, n3)").withFirstXid(1_000))
        .faults(new FaultPlan.Given(schedule, kind + " with others"))
        .load(new LoadPlan(limit, 10, 150))
        .seed(seed);
  }

  private static Duration limit() {
    return Duration.ofSeconds(Integer.getInteger(LONG));
  }

  private static List<String> kinds() {
    return Mix.possible(Faults.names(), Deployment.simulated().capabilities());
  }

  /** Runs a plan once more and compares. */
  private void same(TestPlan plan, TestResult first) throws IOException {
    TestResult second = run(plan);
    String what = plan.title() + " seed " + plan.seed();
    assertTrue(first.measures().traceHash().isPresent(), what);
    assertEquals(first.measures().traceHash(), second.measures().traceHash(), what);
    assertEquals(first.verdict(), second.verdict(), what);
    assertEquals(first.measures().faults(), second.measures().faults(), what);
    assertArrayEquals(history(first), history(second), what);
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
