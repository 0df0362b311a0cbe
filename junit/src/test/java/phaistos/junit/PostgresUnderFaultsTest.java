package phaistos.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import phaistos.harness.ClusterPlan;
import phaistos.harness.Harness;
import phaistos.harness.Keep;
import phaistos.harness.Progress;
import phaistos.harness.TestPlan;
import phaistos.workloads.commits.Commits;

/**
 * The extension with the files and the history of simulated runs, in place of a cluster's. A real
 * cluster in containers is in {@code examples/own-postgres}.
 */
class PostgresUnderFaultsTest {
  @TempDir static Path folder;

  private static Path run;
  private static final List<String> acts = new CopyOnWriteArrayList<>();

  /** What a test of a user does, with the recorded run as its cluster. */
  static class Recorded {
    @RegisterExtension final PostgresUnderFaults postgres = new PostgresUnderFaults();

    @BeforeEach
    void start() {
      postgres
          .primary("n1", "jdbc:postgresql://nowhere/postgres", files("n1"))
          .standby("n2", files("n2"))
          .standby("n3", files("n3"))
          .fault(
              new ServerFault(
                  "partition", "n1 was cut", () -> acts.add("begin"), () -> acts.add("end")))
          .every(Duration.ofMillis(40))
          .store(folder.resolve("store"));
    }

    private static ServerFiles files(String node) {
      Path data = run.resolve("nodes").resolve(node).resolve("crash-image");
      return ServerFiles.folder(data, () -> acts.add("stop " + node));
    }

    @Test
    void works() throws Exception {
      String url = postgres.url();
      String history = url.substring(url.indexOf("phaistosHistory=") + 16);
      Files.copy(
          run.resolve("history.edn"), Path.of(URLDecoder.decode(history, StandardCharsets.UTF_8)));
      while (!acts.contains("end")) {
        Thread.sleep(5);
      }
    }
  }

  static class Forgotten {
    @RegisterExtension final PostgresUnderFaults postgres = new PostgresUnderFaults();

    @Test
    void works() {}
  }

  private static void simulate(String... defects) {
    TestPlan plan =
        TestPlan.of(Commits.NAME, Commits::workload)
            .cluster(ClusterPlan.DEFAULT.withDefects(List.of(defects)))
            .nemesis("partition")
            .timeLimit(Duration.ofSeconds(5))
            .seed(3)
            .output(new TestPlan.Output(folder.resolve("runs"), Optional.empty(), Keep.IMAGES));
    run = Harness.run(plan, Progress.NONE, Instant.EPOCH).folder();
    acts.clear();
  }

  private static EngineExecutionResults test(Class<?> type) {
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(type)).execute();
  }

  private static String failure(EngineExecutionResults results) {
    return results.allEvents().failed().stream()
        .findFirst()
        .orElseThrow()
        .getRequiredPayload(TestExecutionResult.class)
        .getThrowable()
        .orElseThrow()
        .getMessage();
  }

  @Test
  void aLossFailsTheTestWithProofSeedAndPage() throws IOException {
    simulate("ack-before-standby-flush");
    EngineExecutionResults results = test(Recorded.class);
    results.testEvents().assertStatistics(counts -> counts.failed(1));
    String message = failure(results);
    assertTrue(message.startsWith("INVALID  durability audit: "), message);
    assertTrue(message.contains("no standby has it"), message);
    assertTrue(message.contains("\nseed 1\npage:   file:"), message);
    String page = Files.readString(Path.of(java.net.URI.create(message.split("page: +")[1])));
    assertTrue(page.contains("acknowledged commits were lost"), "not the verdict's page");
  }

  @Test
  void aSoundClusterPassesAndItsFaultsHaveEnded() {
    simulate();
    EngineExecutionResults results = test(Recorded.class);
    results.testEvents().assertStatistics(counts -> counts.succeeded(1).failed(0));
    assertEquals(
        List.of("stop n1", "stop n2", "stop n3"), acts.subList(acts.size() - 3, acts.size()));
    List<String> faults = acts.subList(0, acts.size() - 3);
    assertFalse(faults.isEmpty(), "no fault began");
    for (int i = 0; i < faults.size(); i++) {
      assertEquals(i % 2 == 0 ? "begin" : "end", faults.get(i));
    }
    assertEquals(0, faults.size() % 2, "a fault did not end: " + faults);
  }

  @Test
  void aTestThatNamesNoPrimaryIsAMistake() {
    assertTrue(failure(test(Forgotten.class)).contains("has no primary"));
  }
}
