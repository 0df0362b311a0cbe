package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** A statement that inserts many rows logs one record a page; all else is as with single rows. */
@Timeout(120)
class MultiInsertTest {
  private static final long SECOND = SimulatedNodes.SECOND;
  private static final String ROWS =
      "insert into %s select i, case when i %% 7 > 0 then repeat('x', i %% 90) end"
          + " from generate_series(%d, %d) as i";

  private static RelationLocator table(int number) {
    return new RelationLocator(
        RelationLocator.DEFAULT_SPACE, Catalog.DATABASE, Catalog.FIRST_OID + number);
  }

  private static List<String> run(java.util.function.Function<SimulatedWorld, List<String>> body) {
    SimulationOptions options = SimulationOptions.seed(1).withLimit(Duration.ofMinutes(10));
    return Simulation.run(options, body::apply).valueOrThrow();
  }

  private static String pages(SimulatedWorld world, String node, int table) {
    return String.join("\n", HeapFiles.masked(world.machine(node).disk(), table(table)));
  }

  private static String withoutLsn(String pages) {
    return pages.replaceAll("lsn \\S+|xmin \\d+", "");
  }

  private static long wal(SimulatedNodes nodes, String sql) {
    String before = nodes.ask("n1", "select pg_current_wal_insert_lsn()");
    nodes.ask("n1", sql);
    return Long.parseLong(
        nodes.ask(
            "n1", "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '" + before + "')::int8"));
  }

  @Test
  void pagesAreThoseOfSingleInsertsHereAndOnAStandby() {
    List<String> found =
        run(
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                nodes.initialize("n1");
                nodes.initialize("n2");
                nodes.start("n1", "", Defects.none(), "autovacuum", "off");
                nodes.start("n2", "n1", Defects.none());
                nodes.clients().tasks().sleep(2 * SECOND);
                nodes.ask("n1", "create table t(id int, v text)");
                nodes.ask("n1", "create table u(id int, v text)");
                long few = 0;
                for (String name : List.of("t", "u")) {
                  few += wal(nodes, ROWS.formatted(name, 1, 50));
                }
                long single = 0;
                for (int from = 51; from < 2551; from += 500) {
                  single += wal(nodes, ROWS.formatted("t", from, from + 499));
                }
                long together = wal(nodes, ROWS.formatted("u", 51, 2550));
                nodes.clients().tasks().sleep(SECOND);
                List<String> answers = new ArrayList<>();
                answers.add(nodes.ask("n2", "select count(*) from u"));
                answers.add("" + (together * 3 < single * 2 && few > 0));
                nodes.server("n1").shutdown(Server.ShutdownMode.FAST);
                nodes.clients().tasks().sleep(SECOND);
                nodes.server("n2").shutdown(Server.ShutdownMode.FAST);
                answers.add(withoutLsn(pages(world, "n1", 0)));
                answers.add(withoutLsn(pages(world, "n1", 1)));
                answers.add(pages(world, "n1", 1));
                answers.add(pages(world, "n2", 1));
                return answers;
              }
            });
    assertEquals(List.of("2550", "true"), found.subList(0, 2));
    assertEquals(found.get(2), found.get(3));
    assertTrue(found.get(4).lines().filter(line -> line.startsWith("lsn")).count() > 10);
    assertEquals(found.get(4), found.get(5));
  }

  @Test
  void allRowsOrNoneAreThereAfterACrash() {
    List<String> found =
        run(
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                nodes.initialize("n1");
                nodes.start("n1", "", Defects.none());
                nodes.clients().tasks().sleep(SECOND);
                nodes.ask("n1", "create table t(id int primary key, v text)");
                nodes.ask("n1", ROWS.formatted("t", 1, 1200));
                // its last row is there already
                nodes.ask("n1", ROWS.formatted("t", -1200, 1));
                nodes.ask("n1", "create table u(id int primary key, v text)");
                world.machine("n1").crash(UnsyncedWrites.LOSE_ALL);
                nodes.start("n1", "", Defects.none());
                nodes.clients().tasks().sleep(2 * SECOND);
                List<String> answers = new ArrayList<>();
                answers.add(nodes.ask("n1", "select count(*) from t"));
                answers.add(nodes.ask("n1", "select sum(id) from t"));
                answers.add(nodes.ask("n1", "select sum(length(v)) from t"));
                answers.add(nodes.ask("n1", "select id from t where id = 777"));
                return answers;
              }
            });
    long letters = 0;
    for (int i = 1; i <= 1200; i++) {
      letters += i % 7 > 0 ? i % 90 : 0;
    }
    assertEquals(List.of("1200", "720600", "" + letters, "777"), found);
  }

  @Test
  void returningGivesTheRowsInOrder() {
    assertEquals(
        List.of("1500", "1500|0"),
        run(
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                nodes.initialize("n1");
                nodes.start("n1", "", Defects.none());
                nodes.clients().tasks().sleep(SECOND);
                nodes.ask("n1", "create table t(id int, v text)");
                String inserted = ROWS.formatted("t", 1, 1500) + " returning id";
                int count = 0;
                int wrong = 0;
                try (var connection = nodes.connect("n1");
                    var statement = connection.createStatement();
                    var rows = statement.executeQuery(inserted)) {
                  while (rows.next()) {
                    count++;
                    wrong += rows.getInt(1) == count ? 0 : 1;
                  }
                } catch (java.sql.SQLException e) {
                  throw new IllegalStateException(e);
                }
                return List.of(nodes.ask("n1", "select count(*) from t"), count + "|" + wrong);
              }
            }));
  }
}
