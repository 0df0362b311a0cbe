package phaistos.runner.containers;

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
import phaistos.cluster.postgres.PostgresChoice;
import phaistos.cluster.postgres.PostgresVersion;
import phaistos.harness.Deployment;
import phaistos.harness.FaultPlan;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.histories.HistoryReader;
import phaistos.nemesis.Evidence;
import phaistos.nemesis.Schedule;
import phaistos.workloads.commits.Commits;

/**
 * Real PostgreSQL 15 in containers: load, a cut, kills of a node and of a single process, a
 * failover, the crash of all nodes.
 */
@Timeout(900)
@Tag("slow")
class PostgresContainersTest {
  private static final String SCHEDULE =
      """
      [{:when {:operations 40} :f :partition :handle "cut" :value {:shape :isolate-primary}}
       {:when {:after "cut" :nanos 400000000} :f :heal :handle "cut"}
       {:when {:operations 120} :f :kill :handle "kill" :value {:target ["n2"]}}
       {:when {:after "kill" :nanos 200000000} :f :restart :handle "kill"}
       {:when {:operations 150} :f :stop-process :handle "stop"
        :value {:target ["n3"] :role :checkpointer}}
       {:when {:after "stop" :nanos 100000000} :f :continue-process :handle "stop"}
       {:when {:operations 160} :f :kill-process :handle "kill-process"
        :value {:target :primaries :role :walwriter}}
       {:when {:after "kill-process" :nanos 300000000} :f :recover-process :handle "kill-process"}
       {:when {:operations 180} :f :failover :handle "failover"
        :value {:loss :kill :policy :safe}}]
      """;

  @TempDir private Path folder;

  @Test
  void acknowledgedCommitsSurviveFaultsOfFiveKinds() throws Exception {
    Deployment containers =
        Deployment.containers(new PostgresChoice(PostgresVersion.parse("15"), Optional.empty()));
    Optional<String> missing = containers.missing();
    assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    TestResult result =
        TestPlan.of(Commits.NAME, Commits::workload)
            .on(containers)
            .faults(new FaultPlan.Given(Schedule.ofEdn(SCHEDULE, "schedule"), "schedule.edn"))
            .timeLimit(Duration.ofSeconds(12))
            .store(folder)
            .run();
    String text = String.join("\n", result.firstScreen());
    assertEquals(Verdict.VALID, result.verdict(), text);
    Evidence evidence = Evidence.of(HistoryReader.read(result.folder().resolve("history.edn")));
    assertEquals(
        Set.of("failover", "kill", "kill-process", "partition", "stop-process"),
        evidence.effective().keySet(),
        text);
    assertEquals(List.of(), evidence.notFired(), text);
  }
}
