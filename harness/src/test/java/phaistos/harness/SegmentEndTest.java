package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.workloads.commits.Commits;

/**
 * A message of the walsender may reach over the end of a segment. The standby syncs the part that
 * ends the old segment before it reports more as flushed. Here WAL of several segments is written
 * quickly, and then all nodes lose what they had not synced.
 */
class SegmentEndTest {
  @TempDir Path store;

  @Test
  void aStandbyLosesNothingAtTheEndOfASegment() {
    TestPlan plan =
        TestPlan.of(Commits.NAME, Commits::workload)
            .load(new LoadPlan(Duration.ofSeconds(4), 20, 1_500))
            .seed(1)
            .store(store);
    TestResult result = Harness.run(plan, Progress.NONE, Instant.EPOCH);
    assertEquals(0, result.exitCode(), String.join("\n", result.firstScreen()));
  }
}
