package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.Task;
import phaistos.server.defects.Defects;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/**
 * A session that writes on a standby is refused as in a read-only transaction (25006) up to the
 * moment from which on it may write, whatever the promotion is doing.
 */
@Timeout(300)
class PromotionEndTest {
  private static Set<String> statesUntilItWrites(SimulatedNodes nodes) throws SQLException {
    nodes.initialize("n1");
    nodes.start("n1", "", Defects.none());
    nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
    try (Connection connection = nodes.connect("n1");
        Statement statement = connection.createStatement()) {
      statement.execute("create table t (a int)");
    }
    nodes.initialize("n2");
    Server standby = nodes.start("n2", "n1", Defects.none());
    nodes.clients().tasks().sleep(3 * SimulatedNodes.SECOND);
    Set<String> states = new TreeSet<>();
    try (Connection connection = nodes.connect("n2");
        Statement statement = connection.createStatement()) {
      Task promotion = nodes.clients().tasks().spawn("promotion", standby::promote);
      for (int i = 0; i < 100_000; i++) {
        try {
          statement.execute("insert into t values (1)");
          promotion.join();
          return states;
        } catch (SQLException e) {
          states.add(e.getSQLState() + " " + e.getMessage());
        }
      }
    }
    throw new AssertionError("the standby was not promoted: " + states);
  }

  @Test
  void aSessionIsReadOnlyUntilItMayWrite() {
    boolean refused = false;
    for (int seed = 1; seed <= 20; seed++) {
      var result =
          Simulation.run(
              SimulationOptions.seed(seed).withLimit(Duration.ofMinutes(10)),
              world -> {
                try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                  return statesUntilItWrites(nodes);
                }
              });
      Set<String> states = result.valueOrThrow();
      refused |= !states.isEmpty();
      states.remove("25006 ERROR: cannot execute INSERT in a read-only transaction");
      assertEquals(Set.of(), states, "seed " + seed);
    }
    assertTrue(refused, "no insert came before the end of recovery");
  }
}
