package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/** Scenes in which sessions lock each other out. */
final class LockScenes {
  private LockScenes() {}

  /** What happens on a node n1 with one row (1, 0) in a table t(id, v). */
  @FunctionalInterface
  interface Scene {
    void play(SimulatedWorld world, SimulatedNodes nodes) throws SQLException;
  }

  static void play(Scene scene) {
    var result =
        Simulation.run(
            SimulationOptions.seed(1).withLimit(Duration.ofMinutes(5)),
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                nodes.initialize("n1");
                nodes.start("n1", "", Defects.none());
                nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
                nodes.ask("n1", "create table t(id int primary key, v int)");
                nodes.ask("n1", "insert into t values (1, 0)");
                scene.play(world, nodes);
                return "done";
              }
            });
    assertEquals("done", result.valueOrThrow());
    assertEquals(List.of(), result.failures());
  }

  /** A session in a transaction block of its own. */
  static Statement block(SimulatedNodes nodes) throws SQLException {
    Connection connection = nodes.connect("n1", "preferQueryMode", "simple");
    connection.setAutoCommit(false);
    return connection.createStatement();
  }

  /** "ok", or the SQLSTATE of the error. */
  static String run(Statement statement, String sql) {
    try {
      statement.execute(sql);
      return "ok";
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  /**
   * For each lock that is held, a row of what a second session gets: {@code .} it has its lock too,
   * {@code X} it would have to wait, {@code ?} anything else.
   *
   * @param lock the command, with a place for the lock
   */
  static List<String> conflicts(SimulatedNodes nodes, List<String> locks, String lock)
      throws SQLException {
    List<String> found = new ArrayList<>();
    for (String held : locks) {
      StringBuilder row = new StringBuilder();
      for (String wanted : locks) {
        Statement first = block(nodes);
        Statement second = block(nodes);
        assertEquals("ok", run(first, lock.formatted(held)));
        String answer = run(second, lock.formatted(wanted));
        row.append(answer.equals("ok") ? '.' : answer.equals("55P03") ? 'X' : '?');
        second.getConnection().close();
        first.getConnection().close();
      }
      found.add(row.toString());
    }
    return found;
  }
}
