package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.workloads.commits.Commits;

/** Whole runs on the simulated cluster. The seeds are fixed: each stands for one history. */
class HarnessTest {
  @TempDir Path store;

  @Test
  void aSoundDatabaseIsValidAndTheSameSeedGivesTheSameHistory() throws IOException {
    TestResult first = run(1, Duration.ofSeconds(15), Optional.empty(), "a");
    TestResult second = run(1, Duration.ofSeconds(15), Optional.empty(), "b");
    assertEquals(0, first.exitCode(), String.join("\n", first.firstScreen()));
    assertEquals(0, second.exitCode(), String.join("\n", second.firstScreen()));
    assertArrayEquals(history("a"), history("b"));
  }

  @Test
  void commitsThatNoStandbyHasAreFoundInTheCrashImages() throws IOException {
    TestResult end = run(3, Duration.ofSeconds(20), Optional.of("ack-before-standby-flush"), "c");
    String screen = String.join("\n", end.firstScreen());
    assertEquals(1, end.exitCode(), screen);
    assertTrue(screen.contains("audit of the crash images:"), screen);
    assertTrue(screen.contains("lost: no standby has it"), screen);
    assertTrue(screen.contains("xid"), screen);
    assertTrue(screen.contains("seed 3 "), screen);
  }

  @Test
  void withoutAnAcknowledgedCommitThereIsNoAnswer() throws IOException {
    TestPlan plan =
        commits().load(new LoadPlan(Duration.ofMillis(1), 1, 1)).store(store.resolve("d"));
    assertEquals(2, Harness.run(plan, Progress.NONE, Instant.EPOCH).exitCode());
  }

  private static TestPlan commits() {
    return TestPlan.of(Commits.NAME, Commits::workload);
  }

  private TestResult run(long seed, Duration limit, Optional<String> defect, String folder) {
    TestPlan plan =
        commits()
            .cluster(ClusterPlan.DEFAULT.withDefects(defect.stream().toList()))
            .nemesis("partition", "kill", "crash", "failover")
            .timeLimit(limit)
            .seed(seed)
            .store(store.resolve(folder));
    return Harness.run(plan, Progress.NONE, Instant.EPOCH);
  }

  private byte[] history(String folder) throws IOException {
    return Files.readAllBytes(store.resolve(folder).resolve("latest/history.edn"));
  }
}
