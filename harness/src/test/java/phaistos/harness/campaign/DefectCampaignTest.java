package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.harness.Cutoff;
import phaistos.harness.FaultPlan;
import phaistos.harness.TestPlan;
import phaistos.nemesis.Schedule;
import phaistos.workloads.commits.Commits;

class DefectCampaignTest {
  /** A reckless failover to a standby that was cut off loses commits, whatever the server does. */
  private static final String RECKLESS =
      """
      [{:at 300000000, :f :partition, :handle "a", :value {:shape :one-link, :node "n2"}}
       {:at 1500000000, :f :pause, :handle "b", :value {:target ["n3"]}}
       {:at 1600000000, :f :failover, :value {:loss :kill, :policy :reckless}}]\
      """;

  @TempDir private Path folder;

  private static TestPlan plan(long seed) {
    TestPlan plan =
        TestPlan.of(Commits.NAME, Commits::workload)
            .faults(new FaultPlan.Given(Schedule.ofEdn(RECKLESS, "test"), "test"))
            .timeLimit(Duration.ofSeconds(3))
            .seed(seed);
    return plan.cluster(plan.cluster().withDefects(List.of("duplicate-key")));
  }

  @Test
  void aViolationThatIsThereWithoutTheDefectTooDoesNotCount() {
    DefectRow row =
        new DefectCampaign(folder, 1, 1, Duration.ofHours(1), Duration.ofHours(1), true)
            .run(
                List.of(new DefectCampaign.Cell("duplicate-key", "test", DefectCampaignTest::plan)),
                new Cutoff(),
                _ -> {})
            .getFirst();
    Trial trial = row.trials().getFirst();
    assertEquals(1, trial.exitCode(), trial.verdict());
    assertFalse(trial.isFound(), trial.verdict());
    assertTrue(trial.isFalseAlarm(), trial.verdict());
    assertTrue(row.verdict().startsWith("also without the defect: INVALID"), row.verdict());
  }
}
