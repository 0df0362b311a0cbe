package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.server.LockScenes.block;
import static phaistos.server.LockScenes.conflicts;
import static phaistos.server.LockScenes.play;
import static phaistos.server.LockScenes.run;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.environment.Task;
import phaistos.server.defects.Defects;
import phaistos.simulator.UnsyncedWrites;

/** Row locks that several transactions hold together, as multixacts. */
class SharedRowLocksTest {
  private static final String LOCK = "select * from t for %s nowait";
  private static final List<String> STRENGTHS =
      List.of("key share", "share", "no key update", "update");

  private static String lock(Statement statement, String strength) {
    return run(statement, LOCK.formatted(strength));
  }

  /** Table 13.3 of PostgreSQL's documentation: conflicting row-level locks. */
  @Test
  void conflictAsPostgresDocuments() {
    play(
        (world, nodes) -> {
          assertEquals(List.of("...X", "..XX", ".XXX", "XXXX"), conflicts(nodes, STRENGTHS, LOCK));
        });
  }

  @Test
  void anUpdateWaitsForAllWhoShareTheRow() {
    play(
        (world, nodes) -> {
          Statement first = block(nodes);
          Statement second = block(nodes);
          assertEquals("ok", lock(first, "share"));
          assertEquals("ok", lock(second, "share"));
          List<String> done = new ArrayList<>();
          Task update =
              nodes
                  .clients()
                  .tasks()
                  .spawn("update", () -> done.add(nodes.ask("n1", "update t set v = v + 1")));
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          first.execute("commit");
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          assertEquals(List.of(), done, "the second one still shares the row");
          second.execute("rollback");
          update.join();
          assertEquals(List.of("1"), done);
          assertEquals("1", nodes.ask("n1", "select v from t"));
        });
  }

  @Test
  void theRowIsSeenAndLockedByMany() {
    play(
        (world, nodes) -> {
          List<Statement> all = new ArrayList<>();
          for (int i = 0; i < 8; i++) {
            all.add(block(nodes));
            assertEquals("ok", lock(all.getLast(), i % 2 == 0 ? "share" : "key share"));
          }
          assertEquals("0", nodes.ask("n1", "select v from t"));
          String skipped = nodes.ask("n1", "select id from t for update skip locked");
          assertEquals("", skipped);
          for (Statement each : all.subList(1, 8)) {
            each.execute("commit");
          }
          all.getFirst().execute("update t set v = 5");
          all.getFirst().execute("commit");
          assertEquals("5", nodes.ask("n1", "select v from t"));
        });
  }

  /** A transaction that upgrades its own lock while it shares the row waits for the other. */
  @Test
  void twoWhoShareAndThenUpdateAreADeadlock() {
    play(
        (world, nodes) -> {
          Statement first = block(nodes);
          Statement second = block(nodes);
          assertEquals("ok", lock(first, "share"));
          assertEquals("ok", lock(second, "share"));
          List<String> done = new ArrayList<>();
          Task update =
              nodes
                  .clients()
                  .tasks()
                  .spawn(
                      "update",
                      () -> {
                        try {
                          done.add("rows " + first.executeUpdate("update t set v = 1"));
                        } catch (SQLException e) {
                          done.add(e.getSQLState());
                        }
                      });
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          String end;
          try {
            second.executeUpdate("update t set v = 2");
            end = "no deadlock";
          } catch (SQLException e) {
            end = e.getSQLState();
          }
          second.execute("rollback");
          update.join();
          done.add(end);
          assertTrue(done.contains("40P01"), done.toString());
        });
  }

  /** The sets and their members survive crashes with and without a checkpoint, and VACUUM. */
  @Test
  void setsSurviveACrashAndGoWithVacuum() {
    play(
        (world, nodes) -> {
          for (int round = 0; round < 3; round++) {
            Statement first = block(nodes);
            Statement second = block(nodes);
            assertEquals("ok", lock(first, "share"));
            assertEquals("ok", lock(second, "share"));
            first.execute("commit");
            second.execute("commit");
            if (round == 1) {
              nodes.ask("n1", "checkpoint");
            }
            nodes.ask("n1", "insert into t values (%d, 0)".formatted(10 + round));
            world.machine("n1").crash(UnsyncedWrites.LOSE_ALL);
            nodes.start("n1", "", Defects.none());
            nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
            String seen = "round=" + round + nodes.log("n1");
            assertEquals("1", nodes.ask("n1", "update t set v = v + 1 where id = 1"), seen);
          }
          Statement first = block(nodes);
          Statement second = block(nodes);
          assertEquals("ok", lock(first, "share"));
          assertEquals("ok", lock(second, "key share"));
          assertEquals("0", nodes.ask("n1", "vacuum freeze"), "while they run");
          assertEquals("55P03", lock(block(nodes), "update"));
          first.execute("commit");
          second.execute("commit");
          nodes.ask("n1", "vacuum freeze");
          assertEquals("3 0 0 0", nodes.ask("n1", "select v from t order by v desc"));
          assertEquals("ok", lock(block(nodes), "update"));
        });
  }

  /** What a savepoint does to a row must not cost the transaction its lock, once it is undone. */
  @Test
  void aLockOutlivesTheRollbackOfAChange() {
    String[] changes = {
      "update t set v = 7", "delete from t", "update t set id = 2", "select * from t for update"
    };
    for (String strength : STRENGTHS) {
      for (String change : changes) {
        for (String inner : List.of("", "savepoint b")) {
          play(
              (world, nodes) -> {
                Statement first = block(nodes);
                assertEquals("ok", lock(first, strength));
                first.execute("savepoint a");
                if (!inner.isEmpty()) {
                  first.execute(inner);
                }
                first.execute(change);
                if (!inner.isEmpty()) {
                  first.execute("release b");
                }
                first.execute("rollback to a");
                String seen = strength + ", " + change + ", " + inner;
                assertEquals("55P03", lock(block(nodes), "update"), seen);
                assertEquals("0", nodes.ask("n1", "select v from t where id = 1"), seen);
                first.execute("update t set v = v + 1");
                first.execute("commit");
                assertEquals("1", nodes.ask("n1", "select v from t where id = 1"), seen);
                assertEquals("ok", lock(block(nodes), "update"), seen);
              });
        }
      }
    }
  }
}
