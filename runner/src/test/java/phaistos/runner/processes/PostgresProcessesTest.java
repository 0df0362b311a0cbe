package phaistos.runner.processes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.checker.Verdict;
import phaistos.cluster.fuse.FuseVolumes;
import phaistos.cluster.postgres.PostgresChoice;
import phaistos.cluster.postgres.PostgresVersion;
import phaistos.cluster.processes.ProcessCluster;
import phaistos.harness.Deployment;
import phaistos.harness.FaultPlan;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.histories.HistoryReader;
import phaistos.nemesis.Evidence;
import phaistos.nemesis.Schedule;
import phaistos.workloads.commits.Commits;

/**
 * Real PostgreSQL 15 as processes of this machine: load in real time under faults of six kinds, the
 * crash of all nodes, replay, audit of the files. Entries of the schedule fire by operations and
 * not by time, so that a busy machine sees the same faults.
 */
@Timeout(900)
@Tag("slow")
class PostgresProcessesTest {
  private static final String SCHEDULE =
      """
      [{:when {:operations 40} :f :partition :handle "cut" :value {:shape :isolate-primary}}
       {:when {:after "cut" :nanos 400000000} :f :heal :handle "cut"}
       {:when {:operations 100} :f :stop-process :handle "stop"
        :value {:target ["n2"] :role :checkpointer}}
       {:when {:operations 110} :f :kill-process :handle "kill"
        :value {:target :primaries :role :walwriter}}
       {:when {:after "kill" :nanos 300000000} :f :recover-process :handle "kill"}
       {:when {:operations 180} :f :continue-process :handle "stop"}
       {:when {:operations 190} :f :shutdown :handle "immediate"
        :value {:target ["n3"] :mode :immediate}}
       {:when {:after "immediate" :nanos 100000000} :f :start-up :handle "immediate"}
       {:when {:operations 220} :f :start-stopped :handle "start"
        :value {:target :primaries :role :checkpointer :millis 300}}
       {:when {:operations 260} :f :failover :handle "failover"
        :value {:loss :kill :policy :safe}}]
      """;

  @TempDir private Path folder;

  private TestPlan plan() {
    Optional<String> missing = ProcessCluster.missing();
    assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    Path programs = Path.of("/usr/lib/postgresql/15/bin");
    assumeTrue(
        programs.resolve("postgres").toFile().canExecute(), "no PostgreSQL 15 in " + programs);
    return TestPlan.of(Commits.NAME, Commits::workload)
        .on(
            Deployment.processes(
                new PostgresChoice(PostgresVersion.parse("15"), Optional.of(programs))))
        .timeLimit(Duration.ofSeconds(20))
        .store(folder);
  }

  @Test
  void acknowledgedCommitsSurviveFaultsOfSixKinds() throws Exception {
    Schedule schedule = Schedule.ofEdn(SCHEDULE, "schedule");
    TestResult result = plan().faults(new FaultPlan.Given(schedule, "schedule.edn")).run();
    String text = String.join("\n", result.firstScreen());
    assertEquals(Verdict.VALID, result.verdict(), text);
    Evidence evidence = Evidence.of(HistoryReader.read(result.folder().resolve("history.edn")));
    assertEquals(
        Set.of(
            "failover", "kill-process", "partition", "shutdown", "start-stopped", "stop-process"),
        evidence.effective().keySet(),
        text);
    assertEquals(List.of(), evidence.notFired(), text);
    assertEquals(FuseVolumes.missing().isPresent(), text.contains("flush not proven"), text);
  }
}
