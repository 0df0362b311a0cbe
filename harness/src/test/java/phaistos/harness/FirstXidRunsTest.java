package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.checker.Verdict;
import phaistos.nemesis.Schedule;
import phaistos.workloads.commits.Commits;

/** Runs whose transaction ids begin shortly before a limit of the commit log. */
class FirstXidRunsTest {
  private static final long WRAP = 1L << 32;

  private static final String FAILOVER =
      "[{:at 1500000000, :f :failover, :value {:loss :crash, :policy :safe}}]";

  @TempDir private Path store;

  @Test
  void idsWrapAroundUnderAFailover() throws Exception {
    TestResult result =
        TestPlan.of(Commits.NAME, Commits::workload)
            .cluster(ClusterPlan.DEFAULT.withFirstXid(WRAP - 40))
            .faults(new FaultPlan.Given(Schedule.ofEdn(FAILOVER, "test"), "test"))
            .timeLimit(Duration.ofSeconds(4))
            .seed(1)
            .store(store)
            .run();
    assertEquals(Verdict.VALID, result.verdict(), result.firstScreen().toString());
    String history = Files.readString(result.folder().resolve("history.edn"));
    assertTrue(history.contains(":xid " + (WRAP - 10)), "before the wrap");
    assertTrue(history.contains(":xid " + (WRAP + 20)), "after it, in the next epoch");
  }
}
