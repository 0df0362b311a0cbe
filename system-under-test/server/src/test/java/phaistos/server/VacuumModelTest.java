package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.Task;
import phaistos.formats.RelationLocator;
import phaistos.server.catalog.Catalog;
import phaistos.server.defects.Defects;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.UnsyncedWrites;

/**
 * Random changes of a table against a model, while VACUUM and autovacuum work, and the primary
 * loses its power again and again, with lost, kept and torn writes. In the end the standby's pages
 * are the primary's. {@code -Dphaistos.long=true} runs more seeds.
 */
@Timeout(600)
@Tag("slow")
class VacuumModelTest {
  private static final long SECOND = SimulatedNodes.SECOND;
  private static final int KEYS = 60;
  private static final RelationLocator FIRST_TABLE =
      new RelationLocator(RelationLocator.DEFAULT_SPACE, Catalog.DATABASE, Catalog.FIRST_OID);
  private static final String[] SETTINGS = {
    "autovacuum_naptime", "1s",
    "autovacuum_vacuum_threshold", "20",
    "autovacuum_vacuum_scale_factor", "0",
    "vacuum_freeze_min_age", "5",
    "wal_retrieve_retry_interval", "500ms"
  };

  /** One transaction: its statements, and the rows when it has committed. */
  private record Change(List<String> statements, boolean commits, TreeMap<Integer, String> after) {}

  /** The run of one seed. */
  private static final class Run {
    final SimulatedWorld world;
    final SimulatedNodes nodes;
    final Random random;
    TreeMap<Integer, String> rows = new TreeMap<>();
    Optional<Change> pending = Optional.empty();
    boolean stop;
    int changes;
    final List<String> problems = new ArrayList<>();

    Run(SimulatedWorld world, SimulatedNodes nodes, long seed) {
      this.world = world;
      this.nodes = nodes;
      this.random = new Random(seed);
    }

    Change next() {
      TreeMap<Integer, String> after = new TreeMap<>(rows);
      List<String> statements = new ArrayList<>();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        int id = random.nextInt(KEYS);
        String value = "v%d-%s".formatted(changes++, "x".repeat(random.nextInt(400)));
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> {
            if (after.containsKey(id)) {
              statements.add("update t set v = '%s' where id = %d".formatted(value, id));
            } else {
              statements.add("insert into t values (%d, '%s')".formatted(id, value));
            }
            after.put(id, value);
          }
          case 3, 4 -> {
            statements.add(
                "update t set v = v || '+' where id >= %d and id < %d".formatted(id, id + 5));
            after.subMap(id, id + 5).replaceAll((key, old) -> old + "+");
          }
          case 5 -> {
            int to = KEYS + random.nextInt(KEYS);
            if (after.containsKey(id) && !after.containsKey(to)) {
              statements.add("update t set id = %d where id = %d".formatted(to, id));
              after.put(to, after.remove(id));
            }
          }
          case 6 -> {
            statements.add("delete from t where id = " + id);
            after.remove(id);
          }
          default -> {
            statements.add("delete from t where id >= " + (id + KEYS / 2));
            after.tailMap(id + KEYS / 2, true).clear();
          }
        }
      }
      return new Change(statements, random.nextInt(5) > 0, after);
    }

    void write() {
      try (Connection connection = nodes.connect("n1");
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        while (!stop) {
          Change change = next();
          for (String sql : change.statements()) {
            statement.execute(sql);
          }
          if (change.commits()) {
            pending = Optional.of(change);
            connection.commit();
            pending = Optional.empty();
            rows = change.after();
          } else {
            connection.rollback();
          }
          nodes.clients().tasks().sleep(random.nextInt(20) * 1_000_000L);
        }
      } catch (SQLException e) {
        noteUnlessGone(e.getSQLState() + " " + e.getMessage());
      }
    }

    void vacuum() {
      String[] kinds = {"vacuum t", "vacuum", "vacuum freeze t", "vacuum (index_cleanup) t"};
      while (!stop) {
        nodes.clients().tasks().sleep(random.nextInt(400) * 1_000_000L);
        String answer = nodes.ask("n1", kinds[random.nextInt(kinds.length)]);
        if (!answer.equals("0")) {
          noteUnlessGone(answer);
        }
      }
    }

    /** The power may go in the middle of any statement; the driver then closes badly too. */
    private void noteUnlessGone(String error) {
      if (!error.startsWith("08")
          && !error.startsWith("57")
          && !error.contains("Unable to close")) {
        problems.add(error);
      }
    }

    /** The rows must be those of the model, by a scan and by key. */
    void compare() {
      String found = nodes.ask("n1", "select id || '=' || v from t order by id");
      if (pending.isPresent() && found.equals(show(pending.get().after()))) {
        rows = pending.get().after();
      }
      pending = Optional.empty();
      if (!found.equals(show(rows))) {
        problems.add("found " + found + " instead of " + show(rows));
      }
      for (int id : List.of(random.nextInt(KEYS), random.nextInt(2 * KEYS))) {
        String one = nodes.ask("n1", "select v from t where id = " + id);
        if (!one.equals(rows.getOrDefault(id, ""))) {
          problems.add("id %d is %s instead of %s".formatted(id, one, rows.get(id)));
        }
      }
    }

    private static String show(TreeMap<Integer, String> rows) {
      return rows.entrySet().stream()
          .map(row -> row.getKey() + "=" + row.getValue())
          .collect(Collectors.joining(" "));
    }

    List<String> run() {
      nodes.initialize("n1");
      nodes.initialize("n2");
      nodes.start("n1", "", Defects.none(), SETTINGS);
      nodes.start("n2", "n1", Defects.none());
      nodes.clients().tasks().sleep(SECOND);
      nodes.ask("n1", "create table t(id int primary key, v text)");
      for (int round = 0; round < 5; round++) {
        stop = false;
        List<Task> tasks =
            List.of(
                nodes.clients().tasks().spawn("writer", this::write),
                nodes.clients().tasks().spawn("vacuum", this::vacuum));
        nodes.clients().tasks().sleep(SECOND + random.nextInt(2000) * 1_000_000L);
        if (round % 2 == 1) {
          nodes.ask("n1", "checkpoint");
          nodes.clients().tasks().sleep(random.nextInt(500) * 1_000_000L);
        }
        UnsyncedWrites[] modes = UnsyncedWrites.values();
        world.machine("n1").crash(modes[random.nextInt(modes.length)]);
        stop = true;
        tasks.forEach(Task::join);
        nodes.start("n1", "", Defects.none(), SETTINGS);
        nodes.clients().tasks().sleep(SECOND);
        compare();
      }
      nodes.ask("n1", "vacuum freeze");
      nodes.clients().tasks().sleep(3 * SECOND);
      nodes.server("n1").shutdown(Server.ShutdownMode.FAST);
      nodes.clients().tasks().sleep(SECOND);
      nodes.server("n2").shutdown(Server.ShutdownMode.FAST);
      List<String> primary = HeapFiles.masked(world.machine("n1").disk(), FIRST_TABLE);
      List<String> standby = HeapFiles.masked(world.machine("n2").disk(), FIRST_TABLE);
      if (!primary.equals(standby)) {
        problems.add("pages of the primary\n%s\nof the standby\n%s".formatted(primary, standby));
      }
      for (String line : nodes.log("n2")) {
        if (line.startsWith("PANIC") || line.startsWith("FATAL")) {
          problems.add("standby: " + line);
        }
      }
      problems.add("changes " + (changes > 200 ? "enough" : changes));
      problems.add("pages " + (primary.size() <= 12 ? "few" : primary.size()));
      return problems;
    }
  }

  @Test
  void rowsAreThoseOfTheModel() {
    int seeds = Boolean.getBoolean("phaistos.long") ? 200 : 2;
    for (long seed = 1; seed <= seeds; seed++) {
      long each = seed;
      var result =
          Simulation.run(
              SimulationOptions.seed(seed).withLimit(Duration.ofMinutes(10)),
              world -> {
                try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                  return new Run(world, nodes, each).run();
                }
              });
      assertEquals(List.of("changes enough", "pages few"), result.valueOrThrow(), "seed=" + seed);
      assertTrue(result.failures().isEmpty(), "seed=" + seed + " " + result.failures());
    }
  }
}
