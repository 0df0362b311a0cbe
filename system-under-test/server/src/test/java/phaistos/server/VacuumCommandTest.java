package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/** What VACUUM accepts and refuses, in both protocols, as PostgreSQL 15 does. */
@Timeout(300)
class VacuumCommandTest {
  private static final String IN_BLOCK =
      "25001 ERROR: VACUUM cannot run inside a transaction block";

  private static String run(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return "ok";
    } catch (SQLException e) {
      return e.getSQLState() + " " + e.getMessage().lines().findFirst().orElse("");
    }
  }

  private static List<String> answers(SimulatedWorld world, String mode) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.start("n1", "", Defects.none());
      nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
      List<String> answers = new ArrayList<>();
      try (Connection connection = nodes.connect("n1", "preferQueryMode", mode)) {
        for (String sql :
            List.of(
                "create table t(id int primary key)",
                "vacuum",
                "vacuum t",
                "VACUUM ANALYZE public.t",
                "vacuum (freeze, analyze, truncate off, index_cleanup on) t",
                "analyze t",
                "vacuum full t",
                "vacuum (verbose) t",
                "vacuum (wrong) t",
                "vacuum missing")) {
          answers.add(run(connection, sql));
        }
        connection.setAutoCommit(false);
        answers.add(run(connection, "analyze"));
        answers.add(run(connection, "vacuum t"));
        connection.rollback();
        connection.setAutoCommit(true);
        if (mode.equals("simple")) {
          answers.add(run(connection, "select 1; vacuum t"));
          answers.add(run(connection, "vacuum t; select 1"));
        }
        answers.add(run(connection, "vacuum t"));
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      return answers;
    }
  }

  @Test
  void takesAndRefusesWhatPostgresDoes() {
    for (String mode : List.of("simple", "extended")) {
      List<String> expected =
          new ArrayList<>(
              List.of(
                  "ok",
                  "ok",
                  "ok",
                  "ok",
                  "ok",
                  "ok",
                  "0A000 ERROR: VACUUM FULL is not supported by this server",
                  "0A000 ERROR: VACUUM VERBOSE is not supported by this server",
                  "42601 ERROR: unrecognized VACUUM option \"wrong\"",
                  "42P01 ERROR: relation \"missing\" does not exist",
                  "ok",
                  IN_BLOCK));
      if (mode.equals("simple")) {
        expected.addAll(List.of(IN_BLOCK, IN_BLOCK));
      }
      expected.add("ok");
      SimulationOptions options = SimulationOptions.seed(1).withLimit(Duration.ofMinutes(1));
      assertEquals(expected, Simulation.run(options, w -> answers(w, mode)).valueOrThrow(), mode);
    }
  }
}
