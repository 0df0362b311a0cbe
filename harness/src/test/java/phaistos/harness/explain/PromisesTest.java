package phaistos.harness.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.harness.ClusterPlan;
import phaistos.harness.JudgedRun;
import phaistos.harness.Mix;
import phaistos.harness.Rerun;
import phaistos.harness.TestPlan;
import phaistos.workloads.Workloads;

/**
 * A server that keeps its word breaks no promise between its steps, in any workload and under any
 * fault; one that does not breaks the one of the step that is wrong. The long form, with the system
 * property {@value #SEEDS}, runs those seeds of the default mix: "5,37" or, from 1 on, "20".
 */
class PromisesTest {
  private static final String SEEDS = "phaistos.promises.seeds";

  private static TestPlan plan(String... defects) {
    List<Workloads.Entry> some =
        Stream.of("commits", "savepoints", "levels", "register")
            .map(name -> Workloads.named(name).orElseThrow())
            .toList();
    return TestPlan.of("commits,savepoints,levels,register", Workloads.factory(some))
        .cluster(ClusterPlan.DEFAULT.withDefects(List.of(defects)))
        .nemesis("partition", "kill", "crash", "failover")
        .timeLimit(Duration.ofSeconds(2))
        .seed(5);
  }

  private static List<Promises.Broken> broken(TestPlan plan) throws IOException {
    StepTrace trace = new StepTrace();
    try (Rerun rerun = Rerun.open()) {
      JudgedRun run = rerun.run(Rerun.watched(plan, trace));
      assertEquals(Optional.empty(), run.recording().problem());
      assertTrue(trace.taken().size() > 1_000, "steps: " + trace.taken().size());
      return Promises.broken(trace, Acknowledged.of(run, trace), Blame.counted(plan));
    }
  }

  private static String text(List<Promises.Broken> broken) {
    return broken.stream()
        .limit(10)
        .map(each -> each.taken().step + " at " + each.taken().source + ": " + each.sentence())
        .reduce("", (a, b) -> a + "\n" + b);
  }

  @Test
  void aSoundServerBreaksNoPromise() throws IOException {
    assertEquals("", text(broken(plan())));
  }

  /** The long form only: a number of seeds, or seeds with commas. */
  @Test
  @EnabledIfSystemProperty(named = SEEDS, matches = ".+")
  void aSoundServerBreaksNoPromiseUnderTheDefaultMix() throws IOException {
    String given = System.getProperty(SEEDS);
    LongStream seeds =
        given.contains(",")
            ? Stream.of(given.split(",")).mapToLong(Long::parseLong)
            : LongStream.rangeClosed(1, Long.parseLong(given));
    String found = "";
    for (long seed : seeds.toArray()) {
      TestPlan mix = Mix.plan(seed);
      String text = text(broken(mix));
      found += text.isEmpty() ? "" : "seed " + seed + text + "\n";
    }
    assertEquals("", found);
  }

  @Test
  void theStepThatIsWrongIsNamed() throws IOException {
    List<Promises.Broken> broken = broken(plan("commit-noted-as-abort"));
    assertEquals("commit-log-bits", broken.getFirst().taken().step.label(), text(broken));
    assertTrue(broken.getFirst().sentence().contains("asked for COMMITTED"), text(broken));
    assertTrue(
        broken.getFirst().taken().source.line().startsWith("phaistos/server/clog/Clog.java:"),
        text(broken));
  }

  /** One defect for each promise that needs more than a look at one step. */
  @ParameterizedTest
  @CsvSource({
    "replay-skips-a-commit, redo-transaction",
    "replay-skips-a-row, redo-heap",
    "visible-before-replicated, sync-rep-wait",
    "status-cache-mixed-up, commit-log-lookup",
    "standby-reports-applied, standby-applied",
    "checkpoint-without-pages, checkpoint-buffers",
    "checkpoint-without-commit-log, checkpoint-commit-log",
    "xids-not-learned, xid-seen",
    "sends-zeroes, wal-sender-read",
    "sends-flipped-bit, wal-sender-read"
  })
  void thePromiseOfThisStepIsBrokenFirst(String defect, String step) throws IOException {
    List<Promises.Broken> broken = broken(plan(defect));
    assertEquals(step, broken.isEmpty() ? "none" : broken.getFirst().taken().step.label());
  }

  /** Those that the plan above has no fault for, by a seed of the default mix. */
  @ParameterizedTest
  @CsvSource({
    "commit-log-page-lost, 4, slru-read",
    "commit-log-byte-zeroed, 7, slru-read",
    "releases-cease, 1, sync-rep-release"
  })
  void thePromiseOfThisStepIsBrokenFirstInTheMix(String defect, long seed, String step)
      throws IOException {
    TestPlan mix = Mix.plan(seed);
    List<Promises.Broken> broken = broken(mix.cluster(mix.cluster().withDefects(List.of(defect))));
    assertEquals(step, broken.isEmpty() ? "none" : broken.getFirst().taken().step.label());
  }

  @Test
  void aClientWhoseWaitIsCutShortIsToldSo() throws IOException {
    TestPlan plan =
        plan("cancelled-wait-unreported")
            .workload(
                "cancel", Workloads.factory(List.of(Workloads.named("cancel").orElseThrow())));
    List<Promises.Broken> broken = broken(plan);
    assertEquals("sync-rep-warning", broken.getFirst().taken().step.label(), text(broken));
  }
}
