package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.formats.RelationLocator;
import phaistos.server.catalog.Catalog;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.UnsyncedWrites;

/** HOT updates, pruning on access, and what they are for standbys and after a crash. */
@Timeout(300)
class PruningTest {
  private static final long SECOND = SimulatedNodes.SECOND;
  private static final RelationLocator FIRST_TABLE =
      new RelationLocator(RelationLocator.DEFAULT_SPACE, Catalog.DATABASE, Catalog.FIRST_OID);

  private static SimulationOptions options(long seed) {
    return SimulationOptions.seed(seed).withLimit(Duration.ofMinutes(5));
  }

  private static void update(SimulatedNodes nodes, int times) {
    try (Connection connection = nodes.connect("n1");
        PreparedStatement update =
            connection.prepareStatement("update t set v = v + 1 where id = ?")) {
      for (int i = 0; i < times; i++) {
        update.setInt(1, 1 + i % 3);
        assertEquals(1, update.executeUpdate());
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> updatedAgainAndAgain(SimulatedWorld world) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.initialize("n2");
      nodes.start("n1", "", Defects.none());
      nodes.start("n2", "n1", Defects.none());
      nodes.clients().tasks().sleep(2 * SECOND);
      nodes.ask("n1", "create table t(id int primary key, v int, filler text)");
      nodes.ask("n1", "insert into t select i, 0, 'x' from generate_series(1, 3) as i");
      update(nodes, 900);
      nodes.clients().tasks().sleep(SECOND);
      List<String> answers = new ArrayList<>();
      answers.add(nodes.ask("n1", "select v from t order by id"));
      answers.add(nodes.ask("n2", "select v from t order by id"));
      nodes.server("n1").shutdown(Server.ShutdownMode.FAST);
      nodes.clients().tasks().sleep(SECOND);
      nodes.server("n2").shutdown(Server.ShutdownMode.FAST);
      List<String> primary = HeapFiles.masked(world.machine("n1").disk(), FIRST_TABLE);
      answers.add("pages " + primary.size());
      answers.add(String.join("\n", primary));
      answers.add(String.join("\n", HeapFiles.masked(world.machine("n2").disk(), FIRST_TABLE)));
      return answers;
    }
  }

  @Test
  void aRowUpdatedAgainAndAgainStaysOnItsPage() {
    List<String> answers =
        Simulation.run(options(1), PruningTest::updatedAgainAndAgain).valueOrThrow();
    assertEquals(List.of("300 300 300", "300 300 300", "pages 1"), answers.subList(0, 3));
    assertEquals(answers.get(3), answers.get(4), "primary and standby");
    assertTrue(answers.get(3).contains("REDIRECT"), answers.get(3));
  }

  private static List<String> crashed(SimulatedWorld world, UnsyncedWrites mode) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.start("n1", "", Defects.none());
      nodes.clients().tasks().sleep(SECOND);
      nodes.ask("n1", "create table t(id int primary key, v int, filler text)");
      nodes.ask("n1", "insert into t select i, 0, 'x' from generate_series(1, 3) as i");
      update(nodes, 300);
      nodes.ask("n1", "checkpoint");
      update(nodes, 300);
      world.machine("n1").crash(mode);
      nodes.start("n1", "", Defects.none());
      nodes.clients().tasks().sleep(SECOND);
      String before = nodes.ask("n1", "select v from t order by id");
      update(nodes, 300);
      return List.of(
          before,
          nodes.ask("n1", "select v from t where id = 2"),
          nodes.ask("n1", "select count(*) from t"),
          nodes.ask("n1", "insert into t values (2, 0, '')"));
    }
  }

  @Test
  void aPrunedPageIsRecovered() {
    for (UnsyncedWrites mode : UnsyncedWrites.values()) {
      List<String> answers = Simulation.run(options(2), w -> crashed(w, mode)).valueOrThrow();
      assertEquals(
          List.of(
              "200 200 200",
              "300",
              "3",
              "23505 ERROR: duplicate key value violates unique constraint \"t_pkey\""),
          answers,
          "seed=2 mode=" + mode);
    }
  }

  /** An older snapshot sees its version for as long as it lasts; so do aborted updates. */
  private static List<String> oldSnapshot(SimulatedWorld world) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.start("n1", "", Defects.none());
      nodes.clients().tasks().sleep(SECOND);
      nodes.ask("n1", "create table t(id int primary key, v int, filler text)");
      nodes.ask("n1", "insert into t select i, 0, 'x' from generate_series(1, 3) as i");
      List<String> answers = new ArrayList<>();
      try (Connection old = nodes.connect("n1");
          Statement reader = old.createStatement()) {
        old.setAutoCommit(false);
        old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        answers.add(one(reader, "select sum(v) from t"));
        update(nodes, 450);
        nodes.ask("n1", "delete from t where id = 3");
        answers.add(one(reader, "select sum(v) from t"));
        answers.add(one(reader, "select v from t where id = 3"));
        answers.add(one(reader, "select v from t where id = 2"));
        old.commit();
        update(nodes, 2);
        answers.add(nodes.ask("n1", "select sum(v) from t"));
        answers.add(nodes.ask("n1", "select count(*) from t where id = 3"));
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      return answers;
    }
  }

  private static String one(Statement statement, String sql) throws SQLException {
    try (var rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : "none";
    }
  }

  @Test
  void anOldSnapshotKeepsWhatItSees() {
    List<String> answers = Simulation.run(options(3), PruningTest::oldSnapshot).valueOrThrow();
    assertEquals(List.of("0", "0", "0", "0", "302", "0"), answers);
  }
}
