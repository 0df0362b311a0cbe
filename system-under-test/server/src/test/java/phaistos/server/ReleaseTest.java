package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.environment.Task;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/** What releases commits that wait for a standby that was gone. */
class ReleaseTest {
  private static String play(SimulatedWorld world) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.initialize("n2");
      nodes.start("n1", "", Defects.none(), "synchronous_standby_names", "n2");
      nodes.start("n2", "n1", Defects.none());
      nodes.clients().tasks().sleep(2 * SimulatedNodes.SECOND);
      nodes.ask("n1", "create table t(id int, v text)");
      nodes.ask("n1", "checkpoint");
      nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
      // its recovery begins behind all commits so far
      nodes.ask("n2", "checkpoint");
      world.machine("n2").kill();
      List<String> done = new ArrayList<>();
      List<Task> commits = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        commits.add(
            nodes
                .clients()
                .tasks()
                .spawn(
                    "commit" + i,
                    () ->
                        done.add(
                            nodes.ask(
                                "n1",
                                "insert into t select i, repeat('x', 200)"
                                    + " from generate_series(1, 3000) i"))));
      }
      nodes.clients().tasks().sleep(2 * SimulatedNodes.SECOND);
      String waits = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
      assertEquals("3", nodes.ask("n1", waits));
      assertEquals(List.of(), done);
      // it flushes what it gets, and replays no commit for ten minutes
      nodes.start("n2", "n1", Defects.none(), "recovery_min_apply_delay", "10min");
      nodes.clients().tasks().sleep(2 * SimulatedNodes.SECOND);
      commits.forEach(Task::join);
      assertEquals(List.of("3000", "3000", "3000"), done);
      assertEquals("0", nodes.ask("n2", "select count(*) from t"));
      return nodes.ask(
          "n1",
          "select flush_lsn >= pg_current_wal_flush_lsn() and replay_lsn < flush_lsn"
              + " from pg_stat_replication");
    }
  }

  @Test
  void commitsAreReleasedByTheFlushPositionNotByReplay() {
    var result =
        Simulation.run(
            SimulationOptions.seed(1).withLimit(Duration.ofMinutes(5)), ReleaseTest::play);
    assertEquals("t", result.valueOrThrow());
    assertTrue(result.failures().isEmpty(), result.failures().toString());
  }
}
