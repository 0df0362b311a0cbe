package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import phaistos.nemesis.Schedule;
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

  /** Two partitions overlap while one node is without power and another one is paused. */
  @Test
  void overlappingFaultsOfAScheduleFileEachHaveTheirOwnEvidence() throws IOException {
    Path file = Path.of("..", "docs", "schedules", "overlapping.edn");
    Schedule schedule = Schedule.ofEdn(Files.readString(file), file.toString());
    TestPlan plan =
        commits()
            .faults(new FaultPlan.Given(schedule, "overlapping.edn"))
            .load(new LoadPlan(Duration.ofSeconds(18), 10, 300))
            .store(store.resolve("e"));
    TestResult end = Harness.run(plan, Progress.NONE, Instant.EPOCH);
    String screen = String.join("\n", end.firstScreen());
    assertEquals(0, end.exitCode(), screen);
    assertTrue(
        screen.contains("4 with an effect (crash 1, partition 2, pause 1), 0 without"), screen);
    Path latest = store.resolve("e").resolve("latest");
    assertEquals(
        schedule, Schedule.ofEdn(Files.readString(latest.resolve("schedule.edn")), "schedule.edn"));
  }

  @Test
  void aFaultCanFireAtAStepOfTheServer() throws IOException {
    Schedule schedule =
        Schedule.ofEdn(
            """
            [{:when {:step "commit-log-set" :node "n1" :count 100}
              :f :kill :handle "a" :value {:target ["n1"]}}
             {:when {:after "a" :nanos 1000000000} :f :restart :handle "a"}]
            """,
            "step");
    TestPlan plan =
        commits()
            .faults(new FaultPlan.Given(schedule, "step"))
            .timeLimit(Duration.ofSeconds(6))
            .store(store.resolve("f"));
    TestResult end = Harness.run(plan, Progress.NONE, Instant.EPOCH);
    String screen = String.join("\n", end.firstScreen());
    assertEquals(0, end.exitCode(), screen);
    assertTrue(screen.contains("1 with an effect (kill 1), 0 without"), screen);
  }

  @Test
  void whatAClusterCannotDoIsRefusedBeforeTheRun() {
    Schedule schedule =
        Schedule.ofEdn("[{:at 1 :f :clock-skew :value {:target [\"n4\"] :millis 5}}]", "skew.edn");
    TestPlan plan =
        commits()
            .faults(new FaultPlan.Given(schedule, "skew.edn"))
            .on(Deployment.containers())
            .store(store.resolve("g"));
    assertEquals(
        List.of(
            "skew.edn: entry 1, clock-skew: this cluster cannot set a node's clock: containers"
                + " share the clock of this machine",
            "skew.edn: entry 1, no node n4 (there are [n1, n2, n3])"),
        Harness.objections(plan));
    assertThrows(IllegalArgumentException.class, plan::run);
    assertFalse(Files.exists(store.resolve("g")));
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
