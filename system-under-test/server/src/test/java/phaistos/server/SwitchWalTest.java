package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.UnsyncedWrites;

/** pg_switch_wal ends a segment of 1 MB; what comes next is at the start of the next one. */
class SwitchWalTest {
  private static final long SECOND = 1_000_000_000L;

  /** Forty rows of different lengths with a switch after each: whichever place it begins at. */
  private static String rowsOfAll(SimulatedWorld world) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.startThree("ANY 1 (n2, n3)", Defects.none());
      nodes.ask("n1", "create table t(id int primary key, v text)");
      for (int i = 0; i < 40; i++) {
        nodes.ask("n1", "insert into t values (%d, '%s')".formatted(i, "x".repeat(i * 37)));
        for (int again = 0; again < 2; again++) {
          nodes.ask("n1", "select pg_switch_wal()");
          String next = nodes.ask("n1", "select pg_current_wal_insert_lsn()");
          assertEquals("0/%X".formatted((i + 2) << 20), next);
        }
      }
      nodes.clients().tasks().sleep(3 * SECOND);
      String standbys = counted(nodes, "n2") + " " + counted(nodes, "n3");
      world.machine("n1").crash(UnsyncedWrites.LOSE_ALL, 1);
      nodes.start("n1", "", Defects.none(), "synchronous_standby_names", "ANY 1 (n2, n3)");
      nodes.clients().tasks().sleep(3 * SECOND);
      nodes.ask("n1", "insert into t values (40, '')");
      return standbys + " " + counted(nodes, "n1");
    }
  }

  private static String counted(SimulatedNodes nodes, String node) {
    return nodes.ask(node, "select count(*) from t");
  }

  @Test
  void whatFollowsIsInTheNextSegmentOnEveryNodeAndAfterACrash() {
    assertEquals(
        "40 40 41",
        Simulation.run(
                SimulationOptions.seed(1).withLimit(Duration.ofHours(1)), SwitchWalTest::rowsOfAll)
            .valueOrThrow());
  }
}
