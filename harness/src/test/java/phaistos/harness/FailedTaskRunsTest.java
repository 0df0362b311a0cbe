package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.workloads.commits.Commits;

/** Runs in which a task of a server ends with an exception. */
class FailedTaskRunsTest {
  private static final String PART = "== tasks: unknown\na task of a server failed: ";

  @TempDir private Path store;

  @Test
  void theReportNamesTheTaskAlsoWhenItIsMadeAgain() throws Exception {
    TestPlan plan =
        TestPlan.of(Commits.NAME, Commits::workload)
            .cluster(ClusterPlan.DEFAULT.withDefects(List.of("throw:standby-reply")))
            .faults(FaultPlan.none())
            .timeLimit(Duration.ofSeconds(3))
            .seed(1)
            .store(store);
    Path folder = plan.run().folder();
    String report = Files.readString(folder.resolve("report.txt"));
    assertTrue(report.contains(PART + "walreceiver"), report);
    Harness.analyze(plan, StoredRun.open(folder));
    String again = Files.readString(folder.resolve("analysis/report.txt"));
    assertTrue(again.contains(PART + "walreceiver"), again);
  }
}
