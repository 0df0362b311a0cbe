package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.DiskFile;
import phaistos.environment.Task;
import phaistos.formats.RelationLocator;
import phaistos.formats.heap.HeapPage;
import phaistos.server.catalog.Catalog;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.UnsyncedWrites;

/**
 * VACUUM cuts empty pages off a table's end: the record is replayed by a standby and after a crash,
 * whatever of the file has reached the disk.
 */
@Timeout(120)
class TruncationTest {
  private static final long SECOND = SimulatedNodes.SECOND;
  private static final RelationLocator FIRST_TABLE =
      new RelationLocator(RelationLocator.DEFAULT_SPACE, Catalog.DATABASE, Catalog.FIRST_OID);

  private static <T> T run(java.util.function.Function<SimulatedWorld, T> body) {
    SimulationOptions options = SimulationOptions.seed(1).withLimit(Duration.ofMinutes(10));
    return Simulation.run(options, body::apply).valueOrThrow();
  }

  private static int pages(SimulatedWorld world, String node) {
    return HeapFiles.pages(world.machine(node).disk(), FIRST_TABLE).size();
  }

  private static void fill(SimulatedNodes nodes) {
    nodes.ask("n1", "create table t(id int primary key, v text)");
    nodes.ask("n1", "insert into t select i, 'row' from generate_series(1, 1000) as i");
  }

  @Test
  void theStandbyTruncatesToo() {
    List<String> found =
        run(
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                nodes.initialize("n1");
                nodes.initialize("n2");
                nodes.start("n1", "", Defects.none());
                nodes.start("n2", "n1", Defects.none());
                nodes.clients().tasks().sleep(2 * SECOND);
                fill(nodes);
                nodes.ask("n1", "checkpoint");
                nodes.ask("n1", "delete from t where id > 10");
                nodes.ask("n1", "vacuum t");
                nodes.clients().tasks().sleep(SECOND);
                List<String> answers = new ArrayList<>();
                answers.add(nodes.ask("n2", "select count(*) from t"));
                nodes.ask(
                    "n1", "insert into t select i, 'new' from generate_series(2001, 2400) as i");
                nodes.clients().tasks().sleep(SECOND);
                answers.add(nodes.ask("n2", "select count(*) from t"));
                nodes.server("n1").shutdown(Server.ShutdownMode.FAST);
                nodes.clients().tasks().sleep(SECOND);
                nodes.server("n2").shutdown(Server.ShutdownMode.FAST);
                answers.add(
                    String.join("\n", HeapFiles.masked(world.machine("n1").disk(), FIRST_TABLE)));
                answers.add(
                    String.join("\n", HeapFiles.masked(world.machine("n2").disk(), FIRST_TABLE)));
                answers.add("" + pages(world, "n1"));
                return answers;
              }
            });
    assertEquals(List.of("10", "410"), found.subList(0, 2));
    assertEquals(found.get(2), found.get(3));
    assertEquals("2", found.get(4));
  }

  /** The power goes right behind the truncation. */
  private static List<String> crashed(
      SimulatedWorld world, UnsyncedWrites mode, boolean fullPages, boolean checkpoint) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      String[] settings = {"full_page_writes", fullPages ? "on" : "off", "autovacuum", "off"};
      nodes.start("n1", "", Defects.none(), settings);
      nodes.clients().tasks().sleep(SECOND);
      fill(nodes);
      if (checkpoint) {
        nodes.ask("n1", "checkpoint");
      }
      nodes.ask("n1", "update t set v = 'changed' where id > 900");
      nodes.ask("n1", "delete from t where id > 10");
      nodes.ask("n1", "vacuum t");
      world.machine("n1").crash(mode);
      nodes.start("n1", "", Defects.none(), settings);
      nodes.clients().tasks().sleep(2 * SECOND);
      List<String> answers = new ArrayList<>();
      answers.add(nodes.ask("n1", "select count(*) from t"));
      answers.add(nodes.ask("n1", "insert into t values (500, 'again')"));
      answers.add(nodes.ask("n1", "select v from t where id = 500"));
      if (nodes.server("n1").hasPanicked()) {
        return nodes.log("n1");
      }
      nodes.server("n1").shutdown(Server.ShutdownMode.FAST);
      answers.add("" + pages(world, "n1"));
      return answers;
    }
  }

  // Without images a record changes pages that the file does not have any more.
  @Test
  void aCrashBehindItLosesNothing() {
    for (boolean fullPages : new boolean[] {true, false}) {
      for (boolean checkpoint : new boolean[] {true, false}) {
        for (UnsyncedWrites mode : UnsyncedWrites.values()) {
          // without images a page of which half was written stays broken
          boolean torn =
              !fullPages && (mode == UnsyncedWrites.TEAR || mode == UnsyncedWrites.LOSE_SOME);
          if (!torn) {
            assertEquals(
                List.of("10", "1", "again", "1"),
                run(world -> crashed(world, mode, fullPages, checkpoint)),
                "full pages " + fullPages + " checkpoint " + checkpoint + " " + mode);
          }
        }
      }
    }
  }

  /** Tables are dropped and truncated while others change and vacuum them; then the power goes. */
  private static List<String> dropped(SimulatedWorld world, UnsyncedWrites mode) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.start("n1", "", Defects.none(), "autovacuum", "off");
      nodes.clients().tasks().sleep(SECOND);
      boolean[] stop = new boolean[1];
      List<Task> tasks = new ArrayList<>();
      for (String sql :
          List.of(
              "vacuum t",
              "update t set v = 'new' where id < 5",
              "insert into t select i, 'x' from generate_series(1, 20) as i",
              "delete from t where id % 3 = 0")) {
        tasks.add(
            nodes
                .clients()
                .tasks()
                .spawn(
                    sql,
                    () -> {
                      while (!stop[0]) {
                        nodes.ask("n1", sql);
                        nodes.clients().tasks().sleep(5_000_000);
                      }
                    }));
      }
      for (int i = 0; i < 4; i++) {
        nodes.ask("n1", "create table if not exists t(id int, v text)");
        nodes.clients().tasks().sleep(SECOND / 8);
        nodes.ask("n1", i % 3 == 0 ? "truncate t" : "drop table t");
      }
      nodes.ask("n1", "create table u(id int primary key)");
      world.machine("n1").crash(mode);
      stop[0] = true;
      tasks.forEach(Task::join);
      nodes.start("n1", "", Defects.none(), "autovacuum", "off");
      nodes.clients().tasks().sleep(2 * SECOND);
      List<String> answers = new ArrayList<>();
      answers.add(nodes.ask("n1", "select count(*) from u"));
      if (nodes.server("n1").hasPanicked()) {
        answers.addAll(nodes.log("n1"));
      }
      return answers;
    }
  }

  @Test
  void whatHappensToATableThatIsDroppedCanBeReplayed() {
    for (UnsyncedWrites mode : List.of(UnsyncedWrites.LOSE_ALL, UnsyncedWrites.KEEP_ALL)) {
      assertEquals(List.of("0"), run(world -> dropped(world, mode)), mode.toString());
    }
  }

  /** A file that lost pages is not taken for one that was truncated. */
  @Test
  void lostPagesEndRecovery() {
    List<String> log =
        run(
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                nodes.initialize("n1");
                String[] settings = {"full_page_writes", "off"};
                nodes.start("n1", "", Defects.none(), settings);
                nodes.clients().tasks().sleep(SECOND);
                fill(nodes);
                nodes.ask("n1", "checkpoint");
                nodes.ask("n1", "delete from t where id > 990");
                world.machine("n1").crash(UnsyncedWrites.LOSE_ALL);
                try (DiskFile file = world.machine("n1").disk().open(FIRST_TABLE.path())) {
                  file.truncate(HeapPage.BYTES);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                nodes.start("n1", "", Defects.none(), settings);
                nodes.clients().tasks().sleep(2 * SECOND);
                return List.copyOf(nodes.log("n1"));
              }
            });
    String all = String.join("\n", log);
    assertTrue(all.contains("PANIC: WAL contains references to invalid pages"), all);
    assertTrue(all.contains("WARNING: page 4 of relation base/5/16384 does not exist"), all);
  }

  /** A query on a standby that needs what VACUUM has removed is cancelled after the delay. */
  private static List<String> conflict(SimulatedWorld world, String delay, boolean idle) {
    try (SimulatedNodes nodes = new SimulatedNodes(world)) {
      nodes.initialize("n1");
      nodes.initialize("n2");
      nodes.start("n1", "", Defects.none());
      nodes.start("n2", "n1", Defects.none(), "max_standby_streaming_delay", delay);
      nodes.clients().tasks().sleep(2 * SECOND);
      fill(nodes);
      nodes.clients().tasks().sleep(SECOND);
      List<String> answers = new ArrayList<>();
      try (Connection connection = nodes.connect("n2");
          Statement reader = connection.createStatement()) {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        reader.executeQuery("select count(*) from t").close();
        nodes.ask("n1", "delete from t where id > 10");
        nodes.ask("n1", "vacuum t");
        if (idle) {
          nodes.clients().tasks().sleep(3 * SECOND);
        }
        reader.executeQuery("select pg_sleep(4)").close();
        try (var rows = reader.executeQuery("select count(*) from t")) {
          rows.next();
          answers.add(rows.getString(1));
        }
      } catch (SQLException e) {
        answers.add(e.getSQLState() + " " + e.getMessage().lines().findFirst().orElse(""));
      }
      nodes.clients().tasks().sleep(2 * SECOND);
      answers.add(nodes.ask("n2", "select count(*) from t"));
      return answers;
    }
  }

  @Test
  void aQueryInTheWayIsCancelledAfterTheDelay() {
    assertEquals(
        List.of("40001 ERROR: canceling statement due to conflict with recovery", "10"),
        run(world -> conflict(world, "2s", false)));
    assertEquals(List.of("1000", "10"), run(world -> conflict(world, "30s", false)));
    assertEquals(List.of("1000", "10"), run(world -> conflict(world, "-1", false)));
    assertEquals(
        List.of("40001 FATAL: terminating connection due to conflict with recovery", "10"),
        run(world -> conflict(world, "1s", true)));
  }
}
