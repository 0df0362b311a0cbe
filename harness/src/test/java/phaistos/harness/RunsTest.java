package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on the simulated cluster. The seeds are fixed: each stands for one history. */
class RunsTest {
  private static final List<String> FAULTS = List.of("partition", "kill", "crash", "failover");

  @TempDir Path store;

  @Test
  void aSoundDatabaseIsValidAndTheSameSeedGivesTheSameHistory() throws IOException {
    Runs.End first = run(1, Duration.ofSeconds(15), Optional.empty(), "a");
    Runs.End second = run(1, Duration.ofSeconds(15), Optional.empty(), "b");
    assertEquals(0, first.exitCode(), String.join("\n", first.firstScreen()));
    assertEquals(0, second.exitCode(), String.join("\n", second.firstScreen()));
    assertArrayEquals(history("a"), history("b"));
  }

  @Test
  void commitsThatNoStandbyHasAreFoundInTheCrashImages() throws IOException {
    Runs.End end = run(3, Duration.ofSeconds(20), Optional.of("ack-before-standby-flush"), "c");
    String screen = String.join("\n", end.firstScreen());
    assertEquals(1, end.exitCode(), screen);
    assertTrue(screen.contains("audit of the crash images:"), screen);
    assertTrue(screen.contains("lost: no standby has it"), screen);
    assertTrue(screen.contains("xid"), screen);
    assertTrue(screen.contains("--seed 3 --defect ack-before-standby-flush"), screen);
  }

  @Test
  void withoutAnAcknowledgedCommitThereIsNoAnswer() throws IOException {
    RunOptions options =
        new RunOptions(
            RunOptions.ClusterKind.SIMULATED,
            "commits",
            List.of(),
            Duration.ofMillis(1),
            1,
            1,
            1,
            Optional.empty(),
            store.resolve("d"));
    assertEquals(2, Runs.run(options, Progress.NONE, Instant.EPOCH).exitCode());
  }

  private Runs.End run(long seed, Duration limit, Optional<String> defect, String folder) {
    RunOptions options =
        new RunOptions(
            RunOptions.ClusterKind.SIMULATED,
            "commits",
            FAULTS,
            limit,
            10,
            100,
            seed,
            defect,
            store.resolve(folder));
    return Runs.run(options, Progress.NONE, Instant.EPOCH);
  }

  private byte[] history(String folder) throws IOException {
    return Files.readAllBytes(store.resolve(folder).resolve("latest/history.edn"));
  }
}
