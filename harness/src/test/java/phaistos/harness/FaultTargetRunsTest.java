package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.nemesis.Schedule;
import phaistos.workloads.commits.Commits;

/** Which nodes a fault hits, and that it does not wait for those that cannot answer. */
class FaultTargetRunsTest {
  @TempDir private Path store;

  private List<String> nemesisEvents(String schedule) throws IOException {
    TestResult result =
        TestPlan.of(Commits.NAME, Commits::workload)
            .faults(new FaultPlan.Given(Schedule.ofEdn(schedule, "test"), "test"))
            .timeLimit(Duration.ofSeconds(5))
            .seed(7)
            .store(store)
            .run();
    return Files.readAllLines(result.folder().resolve("history.edn")).stream()
        .filter(line -> line.contains(":process :nemesis"))
        .toList();
  }

  @Test
  void aFaultHitsTheNodeThatItsTriggerHoldsAtAStep() throws IOException {
    List<String> events =
        nemesisEvents(
            """
            [{:when {:step "standby-sync" :node "n2" :count 9}, :f :kill, :handle "a",
              :value {:target :held}}
             {:when {:after "a" :nanos 300000000}, :f :restart, :handle "a"}
             {:when {:step "commit-flush" :count 200}, :f :kill, :handle "b",
              :value {:target :held}}
             {:when {:after "b" :nanos 300000000}, :f :restart, :handle "b"}]\
            """);
    assertEquals(
        List.of("[\"n2\"]", "[\"n1\"]"),
        events.stream().mapMulti(FaultTargetRunsTest::killed).toList());
  }

  private static void killed(String event, java.util.function.Consumer<String> nodes) {
    int at = event.indexOf(":killed ");
    if (at >= 0) {
      nodes.accept(event.substring(at + 8, event.indexOf(']', at) + 1));
    }
  }

  /** The nemesis does one act after the other: who waits for a node keeps all later faults. */
  @Test
  void noFaultWaitsForANodeThatIsPausedOrDown() throws IOException {
    List<String> events =
        nemesisEvents(
            """
            [{:at 1000000000, :f :pause, :handle "p", :value {:target ["n1"]}}
             {:at 1000000000, :f :kill, :handle "k", :value {:target ["n2"]}}
             {:at 1100000000, :f :reset-peer, :handle "a", :value {:target :all, :timeout 10}}
             {:at 1100000000, :f :terminate-walsender, :handle "b", :value {:target :all}}
             {:at 1100000000, :f :cancel-backend, :handle "c", :value {:target ["n1" "n2"]}}
             {:at 1100000000, :f :checkpoint, :handle "d", :value {:target ["n1" "n2"]}}
             {:at 1100000000, :f :reload, :handle "e", :value {:target ["n1" "n2"]}}
             {:at 1500000000, :f :stop-reset-peer, :handle "a"}
             {:at 1600000000, :f :restart, :handle "k"}
             {:at 1600000000, :f :resume, :handle "p"}]\
            """);
    String resume = events.stream().filter(e -> e.contains(":f :resume")).findFirst().orElseThrow();
    assertTrue(resume.matches(".*:time 1[67]\\d{8},.*"), resume);
  }
}
