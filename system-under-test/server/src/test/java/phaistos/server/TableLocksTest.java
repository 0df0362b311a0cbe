package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.server.LockScenes.block;
import static phaistos.server.LockScenes.conflicts;
import static phaistos.server.LockScenes.play;
import static phaistos.server.LockScenes.run;

import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.environment.Task;

/** Locks on tables: LOCK TABLE, and commands that define tables beside others that use them. */
class TableLocksTest {
  private static final List<String> MODES =
      List.of(
          "access share",
          "row share",
          "row exclusive",
          "share update exclusive",
          "share",
          "share row exclusive",
          "exclusive",
          "access exclusive");

  /** A command in a session of its own, which may have to wait. */
  private record Waiting(Task task, List<String> answer) {
    static Waiting on(SimulatedNodes nodes, String sql) {
      List<String> answer = new ArrayList<>();
      Task task = nodes.clients().tasks().spawn("waits", () -> answer.add(nodes.ask("n1", sql)));
      nodes.clients().tasks().sleep(SimulatedNodes.SECOND / 2);
      return new Waiting(task, answer);
    }

    String result() {
      task.join();
      return answer.getFirst();
    }
  }

  /** Table 13.2 of PostgreSQL's documentation: conflicting lock modes. */
  @Test
  void conflictAsPostgresDocuments() {
    play(
        (_, nodes) -> {
          assertEquals(
              List.of(
                  ".......X",
                  "......XX",
                  "....XXXX",
                  "...XXXXX",
                  "..XX.XXX",
                  "..XXXXXX",
                  ".XXXXXXX",
                  "XXXXXXXX"),
              conflicts(nodes, MODES, "lock table t in %s mode nowait"));
        });
  }

  @Test
  void truncateWaitsForWhoHasInserted() {
    play(
        (_, nodes) -> {
          Statement first = block(nodes);
          assertEquals("ok", run(first, "insert into t values (2, 0)"));
          Waiting truncate = Waiting.on(nodes, "truncate t");
          assertEquals(List.of(), truncate.answer);
          first.execute("commit");
          assertEquals("0", truncate.result());
          assertEquals("0", nodes.ask("n1", "select count(*) from t"));
        });
  }

  @Test
  void whoWaitsForADropSeesThatTheTableIsGoneOrAnotherOne() {
    play(
        (_, nodes) -> {
          Statement first = block(nodes);
          assertEquals("ok", run(first, "drop table t"));
          Waiting select = Waiting.on(nodes, "select count(*) from t");
          Waiting insert = Waiting.on(nodes, "insert into t values (7)");
          assertEquals(List.of(), select.answer);
          assertEquals("ok", run(first, "create table t(a int)"));
          first.execute("commit");
          assertEquals("1", insert.result());
          assertTrue(select.result().matches("[01]"), select.answer.toString());
          assertEquals("7", nodes.ask("n1", "select a from t"));
        });
  }

  @Test
  void indexesAreMadeWithoutChangesBeside() {
    play(
        (_, nodes) -> {
          Statement first = block(nodes);
          assertEquals("ok", run(first, "update t set v = 5"));
          Waiting index = Waiting.on(nodes, "create index on t(v)");
          assertEquals(List.of(), index.answer);
          first.execute("commit");
          index.result();
          assertEquals("1", nodes.ask("n1", "select id from t where v = 5"));
        });
  }

  @Test
  void lockTimeoutEndsTheWait() {
    play(
        (_, nodes) -> {
          Statement first = block(nodes);
          Statement second = block(nodes);
          assertEquals("ok", run(first, "select * from t"));
          assertEquals("ok", run(second, "set lock_timeout = '300ms'"));
          long before = nodes.clients().clock().monotonicNanos();
          assertEquals("55P03", run(second, "drop table t"));
          long waited = nodes.clients().clock().monotonicNanos() - before;
          assertTrue(waited >= 300_000_000 && waited < 1_000_000_000, "waited " + waited);
          first.execute("commit");
        });
  }

  @Test
  void aDeadlockIsFoundBetweenTablesAndRows() {
    play(
        (_, nodes) -> {
          nodes.ask("n1", "create table other(id int)");
          Statement first = block(nodes);
          Statement second = block(nodes);
          assertEquals("ok", run(first, "update t set v = 1"));
          assertEquals("ok", run(second, "lock table other"));
          List<String> answers = new ArrayList<>();
          Task waits =
              nodes
                  .clients()
                  .tasks()
                  .spawn("waits", () -> answers.add(run(first, "select * from other")));
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND / 2);
          answers.add(run(second, "update t set v = 2"));
          second.execute("rollback");
          waits.join();
          assertEquals(List.of("40P01", "ok"), answers);
          first.execute("commit");
        });
  }

  @Test
  void aSavepointGivesItsLocksBack() {
    play(
        (_, nodes) -> {
          Statement first = block(nodes);
          Statement second = block(nodes);
          assertEquals("ok", run(first, "lock table t in row share mode"));
          assertEquals("ok", run(first, "savepoint a"));
          assertEquals("ok", run(first, "lock table t in exclusive mode"));
          assertEquals("55P03", run(second, "lock table t in row exclusive mode nowait"));
          second.execute("rollback");
          assertEquals("ok", run(first, "rollback to a"));
          assertEquals("ok", run(second, "lock table t in row exclusive mode nowait"));
          second.execute("rollback");
          assertEquals("55P03", run(second, "lock table t nowait"));
        });
  }

  /** Readers that come later do not keep the one that waits from its turn. */
  @Test
  void requestsAreServedInOrder() {
    play(
        (_, nodes) -> {
          Statement first = block(nodes);
          assertEquals("ok", run(first, "select * from t"));
          Waiting alter = Waiting.on(nodes, "alter table t add check (v >= 0)");
          Waiting reader = Waiting.on(nodes, "select count(*) from t");
          assertEquals(List.of(), reader.answer);
          assertEquals(
              "AccessExclusiveLock AccessShareLock",
              nodes.ask(
                  "n1",
                  "select mode from pg_locks where not granted and locktype = 'relation'"
                      + " order by waitstart"));
          assertEquals("ok", run(first, "insert into t values (3, 3)"), "it holds a lock already");
          first.execute("commit");
          assertEquals("0", alter.result());
          assertEquals("2", reader.result());
        });
  }

  @Test
  void lockTableNeedsABlock() {
    play(
        (_, nodes) -> {
          assertTrue(nodes.ask("n1", "lock table t").startsWith("25P01"));
          assertTrue(nodes.ask("n1", "lock table t in no mode").startsWith("42601"));
        });
  }
}
