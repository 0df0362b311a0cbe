package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.formats.RelationLocator;
import phaistos.server.catalog.Catalog;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/** When autovacuum works, and how its settings and those of VACUUM change that. */
@Timeout(120)
class AutovacuumTest {
  private static final long SECOND = SimulatedNodes.SECOND;
  private static final RelationLocator FIRST_TABLE =
      new RelationLocator(RelationLocator.DEFAULT_SPACE, Catalog.DATABASE, Catalog.FIRST_OID);

  private interface Run<T> {
    T with(SimulatedNodes nodes, SimulatedWorld world);
  }

  private static <T> T run(Run<T> body, String... settings) {
    SimulationOptions options = SimulationOptions.seed(1).withLimit(Duration.ofMinutes(30));
    return Simulation.run(
            options,
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                nodes.initialize("n1");
                nodes.start("n1", "", Defects.none(), settings);
                nodes.clients().tasks().sleep(SECOND);
                nodes.ask("n1", "create table t(id int primary key, v int)");
                nodes.ask("n1", "insert into t select i, 0 from generate_series(1, 400) as i");
                return body.with(nodes, world);
              }
            })
        .valueOrThrow();
  }

  /** How many pages the table has after rows were deleted and time has passed. */
  private static int pagesAfter(int deleted, int seconds, String... settings) {
    return run(
        (nodes, world) -> {
          nodes.ask("n1", "delete from t where id > " + (400 - deleted));
          nodes.clients().tasks().sleep(seconds * SECOND);
          nodes.server("n1").shutdown(Server.ShutdownMode.FAST);
          return HeapFiles.pages(world.machine("n1").disk(), FIRST_TABLE).size();
        },
        settings);
  }

  @Test
  void deadRowsGoWhenThereAreEnough() {
    assertEquals(2, pagesAfter(300, 50), "before a minute has passed");
    assertEquals(1, pagesAfter(300, 70));
    assertEquals(2, pagesAfter(300, 70, "autovacuum", "off"));
    assertEquals(1, pagesAfter(300, 10, "autovacuum_naptime", "5s"));
    assertEquals(2, pagesAfter(300, 70, "autovacuum_vacuum_threshold", "1000"));
    assertEquals(
        1,
        pagesAfter(
            300, 70, "autovacuum_vacuum_threshold", "299", "autovacuum_vacuum_scale_factor", "0"));
    assertEquals(
        2,
        pagesAfter(
            300, 70, "autovacuum_vacuum_threshold", "300", "autovacuum_vacuum_scale_factor", "0"));
  }

  /** Statistics of the first VACUUM: 400 rows. */
  private static int pagesAfterVacuumAnd(String... settings) {
    return run(
        (nodes, world) -> {
          nodes.ask("n1", "vacuum t");
          nodes.ask("n1", "delete from t where id > 100");
          nodes.clients().tasks().sleep(70 * SECOND);
          nodes.server("n1").shutdown(Server.ShutdownMode.FAST);
          return HeapFiles.pages(world.machine("n1").disk(), FIRST_TABLE).size();
        },
        settings);
  }

  @Test
  void theShareOfTheRowsCounts() {
    assertEquals(1, pagesAfterVacuumAnd());
    assertEquals(2, pagesAfterVacuumAnd("autovacuum_vacuum_scale_factor", "1"));
  }

  private static List<String> logOfInserts(String... settings) {
    return run(
        (nodes, world) -> {
          nodes.ask("n1", "insert into t select i, 0 from generate_series(1001, 2000) as i");
          nodes.clients().tasks().sleep(70 * SECOND);
          return nodes.log("n1").stream()
              .filter(line -> line.contains("automatic vacuum of table \"postgres.public.t\""))
              .toList();
        },
        settings);
  }

  @Test
  void aTableWithManyNewRowsIsVacuumed() {
    String log = "log_autovacuum_min_duration";
    assertEquals(1, logOfInserts(log, "0").size());
    assertEquals(0, logOfInserts(log, "10min").size());
    assertEquals(0, logOfInserts(log, "0", "autovacuum_vacuum_insert_threshold", "10000").size());
    assertEquals(0, logOfInserts(log, "0", "autovacuum_vacuum_insert_threshold", "-1").size());
  }

  @Test
  void theShareOfInsertedRowsCounts() {
    for (String factor : List.of("0.2", "3")) {
      List<String> found =
          run(
              (nodes, world) -> {
                nodes.ask("n1", "vacuum t");
                nodes.ask("n1", "insert into t select i, 0 from generate_series(1001, 2200) as i");
                nodes.clients().tasks().sleep(70 * SECOND);
                return nodes.log("n1").stream()
                    .filter(line -> line.contains("automatic vacuum"))
                    .toList();
              },
              "log_autovacuum_min_duration",
              "0",
              "autovacuum_vacuum_insert_scale_factor",
              factor);
      assertEquals(factor.equals("3") ? 0 : 1, found.size(), "factor " + factor + " " + found);
    }
  }

  /** Simulated milliseconds that a VACUUM of two full pages takes. */
  private static long vacuumMillis(String... settings) {
    return run(
        (nodes, world) -> {
          nodes.ask("n1", "delete from t where id % 2 = 0");
          long start = nodes.clients().clock().monotonicNanos();
          nodes.ask("n1", "vacuum t");
          return (nodes.clients().clock().monotonicNanos() - start) / 1_000_000;
        },
        settings);
  }

  @Test
  void costsSlowItDown() {
    long fast = vacuumMillis();
    assertTrue(fast < 50, "took " + fast);
    String[] slow = {"vacuum_cost_delay", "100ms", "vacuum_cost_limit", "20"};
    long slowed = vacuumMillis(slow);
    // two pages, twice changed
    assertTrue(slowed >= 400, "took " + slowed);
    long cheap =
        vacuumMillis(
            "vacuum_cost_delay",
            "100ms",
            "vacuum_cost_limit",
            "20",
            "vacuum_cost_page_dirty",
            "0",
            "vacuum_cost_page_hit",
            "0");
    assertTrue(cheap < 50, "took " + cheap);
    long limit = vacuumMillis("vacuum_cost_delay", "100ms", "vacuum_cost_limit", "10000");
    assertTrue(limit < 50, "took " + limit);
  }

  @Test
  void costsOfItsOwnSlowAutovacuumDown() {
    String[] least = {"log_autovacuum_min_duration", "300ms"};
    assertEquals(0, logOfInserts(least).size());
    for (String limit : List.of("autovacuum_vacuum_cost_limit", "vacuum_cost_limit")) {
      String[] slow = {least[0], least[1], "autovacuum_vacuum_cost_delay", "100ms", limit, "1"};
      assertEquals(1, logOfInserts(slow).size(), limit);
    }
  }

  /** xmin of the first row, as its header says it is frozen. */
  private static boolean isFrozen(String... settings) {
    return run(
        (nodes, world) -> {
          for (int i = 0; i < 20; i++) {
            nodes.ask("n1", "update t set v = v + 1 where id = 2");
          }
          nodes.ask("n1", "vacuum t");
          nodes.server("n1").shutdown(Server.ShutdownMode.FAST);
          byte[] page = HeapFiles.pages(world.machine("n1").disk(), FIRST_TABLE).getFirst();
          return phaistos.formats.heap.HeapPage.of(page).header(1).isFrozen();
        },
        settings);
  }

  @Test
  void oldRowsAreFrozen() {
    assertEquals(false, isFrozen());
    assertEquals(true, isFrozen("vacuum_freeze_min_age", "10"));
    assertEquals(false, isFrozen("vacuum_freeze_min_age", "1000"));
  }
}
