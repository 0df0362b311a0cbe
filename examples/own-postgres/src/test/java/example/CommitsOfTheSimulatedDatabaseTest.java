package example;

import java.time.Duration;
import phaistos.harness.TestPlan;
import phaistos.junit.PhaistosTest;
import phaistos.junit.SimulatedRun;
import phaistos.workloads.commits.Commits;

/** A simulated run for each seed. */
class CommitsOfTheSimulatedDatabaseTest {
  @PhaistosTest(count = 2)
  void everyAcknowledgedCommitIsKept(SimulatedRun run) {
    run.check(
        TestPlan.of(Commits.NAME, Commits::workload)
            .nemesis("partition", "kill")
            .timeLimit(Duration.ofSeconds(10)));
  }
}
