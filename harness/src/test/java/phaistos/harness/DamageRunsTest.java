package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import phaistos.checker.Verdict;
import phaistos.nemesis.Schedule;
import phaistos.workloads.commits.Commits;

/** What a lying or damaged disk does to a run, with and without a good copy left. */
class DamageRunsTest {
  private static final String SECOND_STANDBY =
      ", :handle \"a\", :value {:target [\"n3\"], :file :wal, :back 4000}}\n";

  @TempDir private Path store;

  private TestResult run(String names, String schedule) {
    return TestPlan.of(Commits.NAME, Commits::workload)
        .cluster(ClusterPlan.DEFAULT.withStandbyNames(names))
        .faults(new FaultPlan.Given(Schedule.ofEdn(schedule, "test"), "test"))
        .timeLimit(Duration.ofSeconds(4))
        .seed(7)
        .store(store)
        .run();
  }

  private static String faults(TestResult result) {
    return result.firstScreen().stream().filter(l -> l.startsWith("faults: ")).findFirst().get();
  }

  @Test
  void whereEveryDiskLiesALossIsExpected() {
    TestResult result =
        run(
            "ANY 1 (n1, n2, n3)",
            "[{:at 500000000, :f :sync-lie, :handle \"a\", :value {:target :all, :last-copy"
                + " true}}]");
    String proof = result.firstScreen().getFirst();
    assertTrue(result.verdict() instanceof Verdict.Unknown, proof);
    assertTrue(proof.contains("faults took the last good copy of what was promised"), proof);
    assertTrue(proof.contains("sync-lie a"), proof);
  }

  @Test
  void aFaultDoesNotTakeTheLastGoodCopyUnasked() {
    TestResult result =
        run(
            "ANY 1 (n1, n2, n3)",
            "[{:at 500000000, :f :sync-lie, :handle \"a\", :value {:target :all}}]");
    assertTrue(faults(result).contains("without sync-lie (1)"), faults(result));
    assertFalse(result.verdict() instanceof Verdict.Invalid, result.firstScreen().toString());
  }

  @Test
  void whereTwoStandbysHaveEachCommitOneMayLie() {
    TestResult result =
        run(
            "ANY 2 (n1, n2, n3)",
            """
            [{:at 500000000, :f :sync-lie, :handle "a", :value {:target ["n3"]}}
             {:at 1500000000, :f :crash, :handle "b", :value {:target ["n3"], :mode :all-lost}}
             {:at 2000000000, :f :power-on, :handle "b"}
             {:at 2500000000, :f :stop-sync-lie, :handle "a"}]\
            """);
    assertEquals(Verdict.VALID, result.verdict(), result.firstScreen().toString());
    assertTrue(faults(result).contains("sync-lie (1)"), faults(result));
  }

  @ParameterizedTest
  @ValueSource(strings = {"zeroed-page", "truncated-file", "read-error", "misdirected-write"})
  void aStandbyWithDamagedWalComesBack(String kind) {
    TestResult result =
        run(
            "ANY 2 (n1, n2, n3)",
            "[{:at 1500000000, :f :"
                + kind
                + SECOND_STANDBY
                + """
                {:at 1700000000, :f :crash, :handle "b", :value {:target ["n3"], :mode :all-lost}}
                {:at 2000000000, :f :power-on, :handle "b"}
                {:at 3000000000, :f :stop-\
                """
                + kind
                + ", :handle \"a\"}]");
    assertEquals(Verdict.VALID, result.verdict(), result.firstScreen().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"zeroed-page", "truncated-file"})
  void aStandbyThatIsStartedAgainReadsItsDamagedWal(String kind) {
    TestResult result =
        run(
            "ANY 2 (n1, n2, n3)",
            "[{:at 1500000000, :f :"
                + kind
                + ", :handle \"a\", :value {:target [\"n3\"], :file :wal, :back 20000,"
                + " :restart true}}"
                + "{:at 3000000000, :f :stop-"
                + kind
                + ", :handle \"a\"}]");
    assertEquals(Verdict.VALID, result.verdict(), result.firstScreen().toString());
    assertTrue(faults(result).contains("with an effect " + kind + " (1)"), faults(result));
  }

  /** Of its last checkpoint there is no record left, so that recovery cannot begin. */
  @Test
  void aStandbyThatCannotStartGetsNewFilesInTheEnd() {
    TestResult result =
        run(
            "ANY 2 (n1, n2, n3)",
            """
            [{:at 500000000, :f :truncated-file, :handle "a",
              :value {:target ["n3"], :file :wal, :lsn "0/100000", :restart true}}
             {:at 1000000000, :f :stop-truncated-file, :handle "a"}]\
            """);
    assertEquals(Verdict.VALID, result.verdict(), result.firstScreen().toString());
    assertTrue(faults(result).contains("with an effect truncated-file (1)"), faults(result));
  }
}
