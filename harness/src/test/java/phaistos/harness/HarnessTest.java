package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;
import phaistos.nemesis.Schedule;
import phaistos.workloads.commits.Commits;

/** Whole runs on the simulated cluster. The seeds are fixed: each stands for one history. */
@Tag("slow")
class HarnessTest {
  private static final List<String> FAULTS = List.of("partition", "kill", "crash", "failover");

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
    TestResult end = Harness.run(plan, Progress.NONE, new Cutoff(), Instant.EPOCH);
    String screen = String.join("\n", end.firstScreen());
    assertEquals(0, end.exitCode(), screen);
    assertTrue(
        screen.contains("\nfaults: with an effect crash (1), partition (2), pause (1)\n"), screen);
    Path latest = store.resolve("e").resolve("latest");
    assertEquals(
        schedule, Schedule.ofEdn(Files.readString(latest.resolve("schedule.edn")), "schedule.edn"));
  }

  /** The primary commits alone for three seconds, and is lost. */
  @Test
  void lossesThatTheLevelAllowsAreValidAndToldOf() {
    Schedule schedule =
        Schedule.ofEdn(
            "[{:at 2000000000 :f :partition :handle \"a\" :value {:shape :isolate-primary}}]",
            "cut");
    TestPlan plan =
        commits()
            .cluster(ClusterPlan.DEFAULT.withSynchronousCommit("local"))
            .faults(new FaultPlan.Given(schedule, "cut"))
            .timeLimit(Duration.ofSeconds(6))
            .store(store.resolve("local"));
    TestResult end = Harness.run(plan, Progress.NONE, new Cutoff(), Instant.EPOCH);
    String screen = String.join("\n", end.firstScreen());
    assertEquals(0, end.exitCode(), screen);
    assertTrue(
        end.firstScreen()
            .getFirst()
            .contains("acknowledged commits were lost as their level allows"),
        screen);
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
    TestResult end = Harness.run(plan, Progress.NONE, new Cutoff(), Instant.EPOCH);
    String screen = String.join("\n", end.firstScreen());
    assertEquals(0, end.exitCode(), screen);
    assertTrue(screen.contains("\nfaults: with an effect kill (1)\n"), screen);
  }

  /** Every third reply of n2 comes after the next one; n1 loses its power at a reply of n3. */
  @Test
  void messagesOfReplicationCanBeDisturbedAndCanFireFaults() throws IOException {
    Schedule schedule =
        Schedule.ofEdn(
            """
            [{:at 1000000000 :f :message :handle "a"
              :value {:target ["n2"] :message :standby-status-update :treatment :reorder
                      :every 3 :millis 1 :from-lsn "0/1"}}
             {:when {:message "standby-status-update" :node "n3" :count 40}
              :f :crash :handle "b" :value {:target ["n1"] :mode :all-lost}}
             {:when {:after "b" :nanos 500000000} :f :power-on :handle "b"}]
            """,
            "message");
    TestPlan plan =
        commits()
            .faults(new FaultPlan.Given(schedule, "message"))
            .timeLimit(Duration.ofSeconds(5))
            .store(store.resolve("h"));
    TestResult end = Harness.run(plan, Progress.NONE, new Cutoff(), Instant.EPOCH);
    String screen = String.join("\n", end.firstScreen());
    assertEquals(0, end.exitCode(), screen);
    assertTrue(screen.contains("message (1)"), screen);
    assertTrue(screen.contains("crash (1)"), screen);
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

  @Test
  void withoutFaultsTheVerdictSaysThatNoneWereAskedFor() {
    TestPlan plan = commits().timeLimit(Duration.ofSeconds(1)).store(store.resolve("e"));
    TestResult result = Harness.run(plan, Progress.NONE, Instant.EPOCH);
    assertEquals(0, result.exitCode(), String.join("\n", result.firstScreen()));
    assertTrue(
        result.firstScreen().getFirst().startsWith("VALID  commits, no faults asked for: every"));
    assertTrue(result.firstScreen().contains("faults: none asked for"));
  }

  /** What the sentence names was measured; what was asked for and came to nothing is named too. */
  @Test
  void theVerdictNamesTheFaultsThatHadAnEffect() throws IOException {
    TestResult result = run(3, Duration.ofSeconds(10), Optional.empty(), "f");
    String screen = String.join("\n", result.firstScreen());
    String results = Files.readString(result.folder().resolve("results.edn"));
    Edn all = new EdnReader(new StringReader(results), "results").next().orElseThrow();
    Edn counted = ((Edn.Table) all).get("faults-with-effect");
    List<String> words = new ArrayList<>();
    List<String> missing = new ArrayList<>(FAULTS);
    ((Edn.Table) counted)
        .entries()
        .forEach(
            (fault, count) -> {
              String name = ((Edn.Keyword) fault).name();
              words.add(name + " (" + EdnWriter.print(count) + ")");
              missing.remove(name);
            });
    assertTrue(!words.isEmpty() && !missing.isEmpty(), "another seed is wanted: " + screen);
    String effects = String.join(", ", words);
    assertTrue(result.firstScreen().getFirst().contains("  commits under " + effects + ": "));
    assertTrue(screen.contains("faults: with an effect " + effects), screen);
    assertTrue(
        screen.contains("; asked for and without any effect: " + String.join(", ", missing)),
        screen);
  }

  @Test
  void aRunThatIsCutShortIsJudgedByWhatWasSeenAndUnknownAtBest() throws IOException {
    TestResult result = cutAfter(Optional.empty(), "g");
    String screen = String.join("\n", result.firstScreen());
    assertEquals(2, result.exitCode(), screen);
    String first = result.firstScreen().getFirst();
    assertTrue(
        first.matches("UNKNOWN  .*: cut short by SIGINT, [0-9.]+ s into a load of .*"), first);
    assertTrue(screen.contains("\nseed 1 "), screen);
    assertTrue(screen.contains("\nreplay: ./phaistos run again"), screen);
    assertTrue(screen.contains("\nfiles:  " + result.folder()), screen);
    String results = Files.readString(result.folder().resolve("results.edn"));
    assertTrue(results.contains(":cut-short? true"), results);
    assertTrue(results.contains(":audit-of-the-crash-images {:valid? true"), results);
  }

  @Test
  void aLossSeenBeforeTheCutIsALoss() throws IOException {
    TestResult result = cutAfter(Optional.of("ack-before-standby-flush"), "h");
    String screen = String.join("\n", result.firstScreen());
    assertEquals(1, result.exitCode(), screen);
    assertTrue(screen.contains("lost: no standby has it"), screen);
  }

  /** A long load, cut when so many operations are done: the same ones at each run. */
  private TestResult cutAfter(Optional<String> defect, String folder) {
    Cutoff cutoff = new Cutoff();
    Progress progress = new CutAfter(cutoff, 300);
    TestPlan plan =
        commits()
            .cluster(ClusterPlan.DEFAULT.withDefects(defect.stream().toList()))
            .timeLimit(Duration.ofHours(1))
            .output(
                new TestPlan.Output(store.resolve(folder), Optional.of("./phaistos run again")));
    return Harness.run(plan, progress, cutoff, Instant.EPOCH);
  }

  private static TestPlan commits() {
    return TestPlan.of(Commits.NAME, Commits::workload);
  }

  private TestResult run(long seed, Duration limit, Optional<String> defect, String folder) {
    TestPlan plan =
        commits()
            .cluster(ClusterPlan.DEFAULT.withDefects(defect.stream().toList()))
            .nemesis(FAULTS.toArray(String[]::new))
            .timeLimit(limit)
            .seed(seed)
            .store(store.resolve(folder));
    return Harness.run(plan, Progress.NONE, Instant.EPOCH);
  }

  private byte[] history(String folder) throws IOException {
    return Files.readAllBytes(store.resolve(folder).resolve("latest/history.edn"));
  }
}
