package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLWarning;
import phaistos.formats.FullXid;
import phaistos.formats.Xid;
import phaistos.server.defects.Defects;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/**
 * What a server says and refuses near the wrap-around of transaction ids, with PostgreSQL 15's
 * words.
 */
class WraparoundTest {
  private static final String HINT =
      "You might also need to commit or roll back old prepared transactions, or drop stale"
          + " replication slots.";

  /** Of the oldest id, 2^31 - 1 ids on. */
  private static final long WRAP = 3 + 0x7FFF_FFFFL;

  @FunctionalInterface
  private interface Scene {
    void play(Statement statement, SimulatedNodes nodes) throws SQLException;
  }

  /** A server whose oldest id is 3 in the epoch of the next one. */
  private static void play(long next, Scene scene) {
    var result =
        Simulation.run(
            SimulationOptions.seed(1).withLimit(Duration.ofMinutes(1)),
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                nodes.initialize("n1", new InitOptions.Ids(new FullXid(next), new Xid(3)));
                nodes.start("n1", "", Defects.none());
                nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
                try (Connection connection = nodes.connect("n1", "preferQueryMode", "simple");
                    Statement statement = connection.createStatement()) {
                  scene.play(statement, nodes);
                }
                return "done";
              }
            });
    assertEquals("done", result.valueOrThrow());
  }

  private static long burn(Statement statement) throws SQLException {
    try (var rows = statement.executeQuery("select txid_current()")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Test
  void warnsInTheLastFortyMillion() {
    play(
        WRAP - 40_000_000 - 1,
        (statement, nodes) -> {
          burn(statement);
          assertNull(statement.getWarnings());
          burn(statement);
          SQLWarning warning = statement.getWarnings();
          assertEquals("01000", warning.getSQLState());
          assertEquals(
              "database \"postgres\" must be vacuumed within 40000000 transactions",
              ((PSQLWarning) warning).getServerErrorMessage().getMessage());
          assertEquals(
              "To avoid a database shutdown, execute a database-wide VACUUM in that database.\n"
                  + HINT,
              ((PSQLWarning) warning).getServerErrorMessage().getHint());
        });
  }

  @Test
  void refusesIdsInTheLastThreeMillionAndStillReads() {
    for (long epoch : new long[] {0, 7L << 32}) {
      play(
          epoch + WRAP - 3_000_000 - 2,
          (statement, nodes) -> {
            statement.execute("create table t(id int)");
            assertEquals(epoch + WRAP - 3_000_000 - 1, burn(statement));
            PSQLException refused =
                assertThrows(
                    PSQLException.class, () -> statement.execute("insert into t values (1)"));
            assertEquals("54000", refused.getSQLState());
            assertEquals(
                "database is not accepting commands to avoid wraparound data loss in database"
                    + " \"postgres\"",
                refused.getServerErrorMessage().getMessage());
            assertEquals(
                "Stop the postmaster and vacuum that database in single-user mode.\n" + HINT,
                refused.getServerErrorMessage().getHint());
            assertEquals("0", nodes.ask("n1", "select count(*) from t"));
          });
    }
  }

  /** Rows and statuses on both sides of the end of the 32-bit space. */
  @Test
  void idsGoOnBehindTheEndOfTheirSpace() {
    var result =
        Simulation.run(
            SimulationOptions.seed(1).withLimit(Duration.ofMinutes(1)),
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                FullXid next = new FullXid((1L << 32) - 4);
                nodes.initialize("n1", new InitOptions.Ids(next, next.xid()));
                nodes.start("n1", "", Defects.none());
                nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
                nodes.ask("n1", "create table t(id bigint)");
                for (int i = 0; i < 6; i++) {
                  nodes.ask("n1", "insert into t values (txid_current())");
                }
                world.machine("n1").crash(phaistos.simulator.UnsyncedWrites.LOSE_ALL);
                nodes.start("n1", "", Defects.none());
                nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
                return List.of(
                    nodes.ask("n1", "select id from t"),
                    nodes.ask("n1", "select txid_status(4294967295)"),
                    nodes.ask("n1", "select txid_status(4294967299)"));
              }
            });
    List<String> found = result.valueOrThrow();
    // 4294967296 to ...98 would be the special ids 0, 1 and 2
    assertEquals(
        "4294967293 4294967294 4294967295 4294967299 4294967300 4294967301", found.getFirst());
    assertTrue(found.subList(1, 3).stream().allMatch("committed"::equals), found.toString());
  }
}
