package phaistos.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import phaistos.harness.ClusterPlan;
import phaistos.harness.TestPlan;
import phaistos.workloads.commits.Commits;

/** Tests with seeds, run by JUnit's own engine. */
class PhaistosTestTest {
  private static final Path STORE = Path.of("target", "phaistos-test");

  private static TestPlan plan(String... defects) {
    return TestPlan.of(Commits.NAME, Commits::workload)
        .cluster(ClusterPlan.DEFAULT.withDefects(List.of(defects)))
        .nemesis("partition")
        .timeLimit(Duration.ofSeconds(5))
        .store(STORE);
  }

  /** Not found by the build, which looks for names that end with Test. */
  static class Sound {
    @PhaistosTest(first = 3, count = 2)
    void keepsEveryCommit(SimulatedRun run) {
      run.check(plan());
    }
  }

  static class Defective {
    @PhaistosTest(seeds = 3)
    void losesCommits(SimulatedRun run) {
      run.check(plan("ack-before-standby-flush"));
    }
  }

  static class WithoutCount {
    @PhaistosTest(count = 0)
    void never(SimulatedRun run) {
      run.check(plan());
    }
  }

  private static EngineExecutionResults run(Class<?> test) {
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(test)).execute();
  }

  private static TreeSet<String> names(EngineExecutionResults results) {
    TreeSet<String> names = new TreeSet<>();
    for (Event event : results.testEvents().finished().list()) {
      names.add(event.getTestDescriptor().getDisplayName());
    }
    return names;
  }

  private static String failure(EngineExecutionResults results) {
    return results.allEvents().failed().stream()
        .map(
            event ->
                event
                    .getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class)
                    .getThrowable()
                    .orElseThrow()
                    .getMessage())
        .findFirst()
        .orElseThrow();
  }

  @AfterEach
  void clear() {
    System.clearProperty(PhaistosTest.SEED);
  }

  @Test
  void eachSeedIsAnInvocationOfItsOwn() {
    EngineExecutionResults results = run(Sound.class);
    results.testEvents().assertStatistics(counts -> counts.succeeded(2).failed(0));
    assertEquals("[seed 3, seed 4]", names(results).toString());
  }

  @Test
  void oneSeedRunsAlone() {
    System.setProperty(PhaistosTest.SEED, "8");
    assertEquals("[seed 8]", names(run(Sound.class)).toString());
    System.setProperty(PhaistosTest.SEED, "eight");
    assertTrue(failure(run(Sound.class)).contains("is no number: 'eight'"));
  }

  @Test
  void aFailureHasProofSeedCommandAndPage() {
    EngineExecutionResults results = run(Defective.class);
    results.testEvents().assertStatistics(counts -> counts.succeeded(0).failed(1));
    String message = failure(results);
    assertTrue(message.startsWith("INVALID  commits"), message);
    assertTrue(message.contains("lost: no standby has it"), message);
    assertTrue(message.contains("\nseed 3 "), message);
    String again = "mvn test -Dtest=Defective#losesCommits -Dphaistos.seed=3";
    assertTrue(message.contains("\nreplay: " + again), message);
    assertTrue(message.contains("\npage:   file:") && message.endsWith("index.html"), message);
  }

  @Test
  void noSeedsIsAMistake() {
    assertTrue(failure(run(WithoutCount.class)).contains("count=0 (at least 1)"));
  }
}
