package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import phaistos.checker.Verdict;
import phaistos.workloads.Isolation;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.Workloads;

/**
 * Every workload on the simulated cluster, without a defect: no verdict is invalid, and a seed
 * gives one history. The long form takes {@code -Dphaistos.workloads.seeds=1-20}, and if given
 * {@code -Dphaistos.workloads=bank,register}, {@code
 * -Dphaistos.workloads.isolation=repeatable-read}, {@code -Dphaistos.workloads.read-from=any},
 * {@code -Dphaistos.workloads.seconds=60}.
 */
@Tag("slow")
class WorkloadRunsTest {
  private static final String FAULTS =
      System.getProperty("phaistos.workloads.nemesis", "partition,kill,crash,failover");

  @TempDir Path store;

  private static List<Workloads.Entry> entries() {
    String wanted = System.getProperty("phaistos.workloads", "");
    return Workloads.all().stream()
        .filter(e -> wanted.isEmpty() || Arrays.asList(wanted.split(",")).contains(e.name()))
        .toList();
  }

  @Test
  void withoutADefectNoWorkloadFindsAViolation() throws IOException {
    String seeds = System.getProperty("phaistos.workloads.seeds", "");
    String[] range = (seeds.isEmpty() ? "1-1" : seeds).split("-");
    int seconds = Integer.getInteger("phaistos.workloads.seconds", seeds.isEmpty() ? 5 : 30);
    String level = System.getProperty("phaistos.workloads.isolation", "read-committed");
    String nodes = System.getProperty("phaistos.workloads.read-from", "primary");
    List<String> wrong = new ArrayList<>();
    for (Workloads.Entry entry : entries()) {
      int[] counts = new int[3];
      long start = System.nanoTime();
      for (long seed = Long.parseLong(range[0]); seed <= Long.parseLong(range[1]); seed++) {
        LoadPlan load =
            new LoadPlan(Duration.ofSeconds(seconds), 10, 100)
                .withIsolation(Isolation.named(level).orElseThrow())
                .withReadFrom(
                    entry.readsAnywhere() ? ReadFrom.named(nodes).orElseThrow() : ReadFrom.PRIMARY);
        TestResult result = run(entry, load, seed, "sweep");
        counts[result.verdict().rank()]++;
        String text = entry.name() + " seed " + seed + ": " + result.firstScreen().getFirst();
        if (!(result.verdict() instanceof Verdict.Valid) && !seeds.isEmpty()) {
          System.out.println(text);
        }
        if (result.verdict() instanceof Verdict.Invalid) {
          wrong.add(String.join("\n", result.firstScreen()));
        }
      }
      System.out.printf(
          "%s: %d valid, %d unknown, %d invalid, %.1f s%n",
          entry.name(), counts[0], counts[1], counts[2], (System.nanoTime() - start) / 1e9);
    }
    assertEquals(List.of(), wrong);
  }

  /** The default mix, in its long form only: {@code -Dphaistos.mix.seeds=1-100}. */
  @Test
  @EnabledIfSystemProperty(named = "phaistos.mix.seeds", matches = ".+")
  void withoutADefectTheMixFindsNoViolation() {
    String[] range = System.getProperty("phaistos.mix.seeds").split("-");
    List<String> wrong = new ArrayList<>();
    int[] counts = new int[3];
    for (long seed = Long.parseLong(range[0]); seed <= Long.parseLong(range[1]); seed++) {
      TestPlan plan = Mix.plan(seed).store(store.resolve("mix-" + seed));
      TestResult result = Harness.run(plan, Progress.NONE, Instant.EPOCH);
      counts[result.verdict().rank()]++;
      System.out.println("mix seed " + seed + ": " + result.firstScreen().getFirst());
      if (result.verdict() instanceof Verdict.Invalid) {
        wrong.add(String.join("\n", result.firstScreen()));
      }
    }
    System.out.printf("mix: %d valid, %d unknown, %d invalid%n", counts[0], counts[1], counts[2]);
    assertEquals(List.of(), wrong);
  }

  /** Of all workloads at once (in the long form of each too) a seed gives one history. */
  @Test
  void aSeedGivesOneHistory() throws IOException {
    List<Workloads.Entry> all = new ArrayList<>();
    if (!System.getProperty("phaistos.workloads.seeds", "").isEmpty()) {
      all.addAll(entries());
    }
    all.add(new Workloads.Entry("all", "", Workloads.factory(Workloads.all()), false));
    for (Workloads.Entry entry : all) {
      LoadPlan load = new LoadPlan(Duration.ofSeconds(3), 10, 150);
      byte[] first = history(run(entry, load, 7, "a"));
      byte[] second = history(run(entry, load, 7, "b"));
      assertTrue(first.length > 1_000, entry.name());
      assertArrayEquals(first, second, entry.name());
    }
  }

  /** What a client saw when it connected is not what its commits are owed, once names change. */
  @Test
  void besideReloadEveryCommitIsOwedWhatAllNamesAskFor() throws IOException {
    TestPlan plan =
        TestPlan.of("commits,reload", Workloads.combined("commits", "reload"))
            .cluster(ClusterPlan.DEFAULT.withStandbyNames("ANY 2 (n1, n2, n3)"))
            .load(new LoadPlan(Duration.ofSeconds(1), 5, 60))
            .seed(3)
            .store(store.resolve("reload"));
    TestResult result = Harness.run(plan, Progress.NONE, Instant.EPOCH);
    String text = new String(history(result), StandardCharsets.UTF_8);
    assertTrue(text.contains(":standby-names \"ANY 1 (n1, n2, n3)\""), text);
    assertFalse(text.contains(":standby-names \"ANY 2"), text);
  }

  private static byte[] history(TestResult result) throws IOException {
    return Files.readAllBytes(result.folder().resolve("history.edn"));
  }

  private TestResult run(Workloads.Entry entry, LoadPlan load, long seed, String folder) {
    TestPlan plan =
        TestPlan.of(entry.name(), entry.factory())
            .nemesis(FAULTS.split(","))
            .load(load)
            .seed(seed)
            .store(store.resolve(folder + "-" + entry.name() + "-" + seed));
    return Harness.run(plan, Progress.NONE, Instant.EPOCH);
  }
}
