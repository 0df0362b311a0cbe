package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.checker.Verdict;
import phaistos.checker.replication.ReplyReport;
import phaistos.workloads.commits.Commits;

/** What standbys reply is audited in simulated runs, without any fault. */
class ReplyAuditRunsTest {
  @TempDir private Path store;

  private TestPlan plan(List<String> defects) {
    return TestPlan.of(Commits.NAME, Commits::workload)
        .cluster(ClusterPlan.DEFAULT.withDefects(defects))
        .timeLimit(Duration.ofSeconds(3))
        .seed(7)
        .store(store);
  }

  @ParameterizedTest
  @CsvSource({
    "standby-reports-unsynced, as flushed",
    "standby-sync-skipped, as flushed",
    "standby-reports-applied, as applied",
  })
  void aStandbyThatReportsTooMuchIsFound(String defect, String claim) {
    TestResult result = plan(List.of(defect)).run();
    assertTrue(
        result.measures().proofs().contains(ReplyReport.NAME), result.firstScreen().toString());
    String proof =
        result.firstScreen().stream().filter(line -> line.contains(claim)).findFirst().orElse("");
    assertTrue(proof.matches(".*n[123] reported WAL up to 0/\\w+ " + claim + " at .*"), proof);
    assertTrue(proof.contains("pg_wal/"), proof);
  }

  @Test
  void aStandbyThatKeepsToItIsNotFoundAndTheStoredRunSaysTheSame() {
    TestResult result =
        plan(List.of()).output(new TestPlan.Output(store, Optional.empty(), Keep.IMAGES)).run();
    assertEquals(Verdict.VALID, result.verdict(), result.firstScreen().toString());
    String checked = result.firstScreen().get(1);
    assertTrue(checked.matches(".*[1-9][0-9,]* replies of standbys were true.*"), checked);
    StoredRun stored = StoredRun.open(result.folder());
    ReplyReport report = stored.recording().replies().orElseThrow();
    assertInstanceOf(Verdict.Valid.class, report.verdict());
    assertTrue(report.replies() > 100, report.toString());
  }
}
