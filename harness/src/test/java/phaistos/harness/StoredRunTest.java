package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import phaistos.workloads.Workloads;

/** A stored run is judged again from its files alone. */
class StoredRunTest {
  @TempDir Path store;

  private TestPlan plan(String workload, Optional<String> defect, Keep keep) {
    return TestPlan.of(workload, Workloads.named(workload).orElseThrow().factory())
        .cluster(ClusterPlan.DEFAULT.withDefects(defect.stream().toList()))
        .nemesis("partition", "kill", "crash", "failover")
        .timeLimit(Duration.ofSeconds(8))
        .seed(3)
        .output(new TestPlan.Output(store, Optional.of("./phaistos run --seed 3"), keep));
  }

  private static void assertJudgedAlike(TestPlan plan) throws IOException {
    TestResult first = Harness.run(plan, Progress.NONE, Instant.EPOCH);
    TestResult again = Harness.analyze(plan, StoredRun.open(first.folder()));
    assertEquals(first.exitCode(), again.exitCode(), String.join("\n", again.firstScreen()));
    assertArrayEquals(
        Files.readAllBytes(first.folder().resolve("results.edn")),
        Files.readAllBytes(first.folder().resolve("analysis/results.edn")));
    assertEquals(
        Files.readString(first.folder().resolve("audit.json")).replaceAll("\"directory.*", ""),
        Files.readString(first.folder().resolve("analysis/audit.json"))
            .replaceAll("\"directory.*", ""));
  }

  @Test
  void aFailureIsJudgedAlikeByteForByte() throws IOException {
    TestPlan plan = plan("commits", Optional.of("ack-before-standby-flush"), Keep.FAILURES);
    assertJudgedAlike(plan);
    assertEquals(1, Harness.analyze(plan, StoredRun.open(store.resolve("latest"))).exitCode());
    assertEachTransactionHasALine(store.resolve("latest/audit.json"));
  }

  /** What is as it has to be is short, what is lost has all its copies. */
  private static void assertEachTransactionHasALine(Path file) throws IOException {
    JsonNode audit = new ObjectMapper().readTree(file.toFile());
    int confirmed = 0;
    int lost = 0;
    for (JsonNode each : audit.get("transactions")) {
      String judgement = each.get("judgement").asText();
      confirmed += judgement.equals("confirmed") ? 1 : 0;
      lost += judgement.equals("lost") ? 1 : 0;
      assertTrue(!judgement.equals("confirmed") || !each.has("copies"), each.toString());
      assertTrue(!judgement.equals("lost") || each.get("copies").size() == 3, each.toString());
    }
    assertEquals(audit.get("counts").get("confirmed").asInt(), confirmed);
    assertEquals(audit.get("counts").get("lost").asInt(), lost);
    assertTrue(lost > 0 && confirmed > 0, lost + " lost, " + confirmed + " confirmed");
  }

  /** Every workload's checkers can be built without nodes that run. */
  @ParameterizedTest
  @ValueSource(strings = {"commits", "list-append", "bank", "register", "set"})
  void aRunWithItsImagesIsJudgedAlikeByteForByte(String workload) throws IOException {
    assertJudgedAlike(plan(workload, Optional.empty(), Keep.IMAGES));
  }

  @Test
  void withoutImagesThereIsNoAnswer() {
    TestPlan plan = plan("commits", Optional.empty(), Keep.NONE);
    TestResult first = Harness.run(plan, Progress.NONE, Instant.EPOCH);
    TestResult again = Harness.analyze(plan, StoredRun.open(first.folder()));
    assertEquals(2, again.exitCode());
    String screen = String.join("\n", again.firstScreen());
    assertTrue(screen.contains("the images of the nodes were not kept"), screen);
  }

  @Test
  void ofAValidRunTheVerdictAloneCanBeKept() {
    TestResult valid =
        Harness.run(plan("commits", Optional.empty(), Keep.VERDICT), Progress.NONE, Instant.EPOCH);
    assertEquals(0, valid.exitCode());
    assertTrue(Files.exists(valid.folder().resolve("results.edn")));
    assertTrue(Files.exists(valid.folder().resolve("history.edn")));
    assertFalse(Files.exists(valid.folder().resolve("index.html")));
    TestPlan defective = plan("commits", Optional.of("ack-before-standby-flush"), Keep.VERDICT);
    TestResult invalid =
        Harness.run(defective.store(store.resolve("other")), Progress.NONE, Instant.EPOCH);
    assertEquals(1, invalid.exitCode());
    assertTrue(Files.exists(invalid.folder().resolve("index.html")));
  }

  @Test
  void aFolderThatIsNoRunIsNamed() throws IOException {
    var none = assertThrows(StoredRun.StoredRunException.class, () -> StoredRun.open(store));
    assertTrue(none.getMessage().startsWith(store.resolve("test.edn") + ": no such file"));
    TestPlan plan = plan("commits", Optional.empty(), Keep.NONE);
    Path folder = Harness.run(plan, Progress.NONE, Instant.EPOCH).folder();
    for (String name : List.of("positions.edn", "recording.edn")) {
      byte[] whole = Files.readAllBytes(folder.resolve(name));
      Files.writeString(folder.resolve(name), "{:primary ");
      StoredRun run = StoredRun.open(folder);
      var damaged =
          assertThrows(StoredRun.StoredRunException.class, () -> Harness.analyze(plan, run));
      assertTrue(damaged.getMessage().contains(name), damaged.getMessage());
      Files.write(folder.resolve(name), whole);
    }
  }
}
