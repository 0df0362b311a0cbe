package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

class ApplyDelayTest {
  private static final long MILLI = 1_000_000L;

  private static String shown(SimulatedWorld world) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.initialize("n2");
      nodes.start("n1", "", Defects.none());
      nodes.start("n2", "n1", Defects.none(), "recovery_min_apply_delay", "400ms");
      nodes.clients().tasks().sleep(2000 * MILLI);
      nodes.ask("n1", "create table t(id int primary key)");
      for (int i = 0; i < 2; i++) {
        nodes.ask("n1", "insert into t values (%d)".formatted(i));
        nodes.clients().tasks().sleep(100 * MILLI);
      }
      nodes.clients().tasks().sleep(2000 * MILLI);
      return nodes.ask("n2", "select count(*) from t");
    }
  }

  /** WAL that comes while a commit is held back is replayed without waiting for more. */
  @Test
  void theLastCommitIsReplayedWhenNobodyWritesAnyMore() {
    assertEquals(
        "2",
        Simulation.run(
                SimulationOptions.seed(1).withLimit(Duration.ofHours(1)), ApplyDelayTest::shown)
            .valueOrThrow());
  }
}
