package phaistos.harness.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.harness.ClusterPlan;
import phaistos.harness.Cutoff;
import phaistos.harness.Harness;
import phaistos.harness.JudgedRun;
import phaistos.harness.Keep;
import phaistos.harness.Progress;
import phaistos.harness.Rerun;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;
import phaistos.workloads.Workloads;

/** A run of two workloads in which acknowledged commits are lost, and why. */
class ExplainTest {
  @TempDir Path store;

  private TestPlan plan(String... defects) {
    List<Workloads.Entry> both =
        List.of(Workloads.named("commits").orElseThrow(), Workloads.named("bank").orElseThrow());
    return TestPlan.of("commits,bank", Workloads.factory(both))
        .cluster(ClusterPlan.DEFAULT.withDefects(List.of(defects)))
        .nemesis("partition", "kill", "failover")
        .timeLimit(Duration.ofSeconds(3))
        .seed(3)
        .output(new TestPlan.Output(store, Optional.of("./phaistos run --seed 3"), Keep.IMAGES));
  }

  private StoredRun run(TestPlan plan) {
    return StoredRun.open(Harness.run(plan, Progress.NONE).folder());
  }

  @Test
  void aLossIsShrunkToAFewCallsThatLoseItAgain() throws IOException {
    TestPlan plan = plan("ack-before-standby-flush");
    Explanation why =
        Explain.of(plan, run(plan), Explain.Limits.of(Duration.ofMinutes(10)).withoutJump())
            .orElseThrow();
    String text = String.join("\n", ExplanationText.lines(why));
    assertTrue(why.isComplete(), text);
    assertEquals("audit of the crash images: lost", why.cause().violation());
    assertFalse(why.joined().isEmpty(), text);
    Explanation.Smaller smaller = why.smaller().orElseThrow();
    assertTrue(smaller.calls().orElseThrow().size() < 5, text);
    assertTrue(smaller.faults() < 3, text);
    assertFalse(smaller.plan().workload().name().contains(","), "one workload is enough: " + text);
    try (Rerun rerun = Rerun.open()) {
      JudgedRun again = rerun.run(smaller.plan());
      assertTrue(again.like(why.violation()).isPresent(), text);
    }
    assertFalse(ExplanationJson.text(why).contains("ack-before"), "the defect is not named");
  }

  @Test
  void aValidRunHasNothingToExplain() throws IOException {
    TestPlan plan = plan();
    assertTrue(Explain.of(plan, run(plan), Explain.Limits.of(Duration.ofMinutes(10))).isEmpty());
  }

  @Test
  void withoutTimeItSaysWhatIsMissing() throws IOException {
    TestPlan plan = plan("ack-before-standby-flush");
    StoredRun run = run(plan);
    Explanation why = Explain.of(plan, run, Explain.Limits.of(Duration.ZERO)).orElseThrow();
    assertEquals(List.of("no smaller run yet: the time limit was reached"), why.open());
    assertFalse(why.joined().isEmpty());
    Cutoff cutoff = new Cutoff();
    cutoff.request("SIGINT");
    Explanation ended =
        Explain.of(plan, run, new Explain.Limits(Duration.ofMinutes(1), cutoff, _ -> {}))
            .orElseThrow();
    assertEquals(List.of("no smaller run yet: ended by SIGINT"), ended.open());
  }
}
