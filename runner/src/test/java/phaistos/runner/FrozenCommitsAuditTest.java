package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The audit and what VACUUM does: rows of acknowledged commits are frozen, updated away and pruned,
 * and the commit log forgets the commits. None of them is lost; one that was rolled back is.
 */
@Timeout(120)
@Tag("slow")
class FrozenCommitsAuditTest {
  /** Just before the second segment of the commit log. */
  private static final long FIRST_XID = (1 << 20) - 12;

  @TempDir private Path folder;

  private final List<String> history = new ArrayList<>();

  private void insert(Statement statement, int id) throws Exception {
    try (ResultSet row =
        statement.executeQuery(
            "insert into t values (%d, 'marker-%d') returning pg_current_xact_id()"
                .formatted(id, id))) {
      row.next();
      history.add(
          "{\"type\":\"ok\",\"xid\":%s,\"marker\":\"marker-%d\"}".formatted(row.getString(1), id));
    }
  }

  private Captured audit(Path data) throws Exception {
    Path file = folder.resolve("history.jsonl");
    Files.write(file, history);
    return Captured.run(
        "audit", "--history", file, "--primary", "a=" + data, "--synchronous-commit", "local");
  }

  @Test
  void whatIsFrozenAndForgottenIsNotLost() throws Exception {
    Path data = folder.resolve("data");
    assertEquals(
        0,
        Captured.run("server", "init", "-D", data, "--wal-segsize", "1", "--next-xid", FIRST_XID)
            .exit());
    try (ServerProcess server = ServerProcess.start(data, "-c", "autovacuum=off");
        Connection connection = ServerProcess.connect(server.ready());
        Statement statement = connection.createStatement()) {
      statement.execute("create table t(id int primary key, v text)");
      for (int id = 1; id <= 20; id++) {
        insert(statement, id);
      }
      statement.execute("update t set v = v || '+' where id <= 10");
      statement.execute("delete from t where id = 5");
      statement.execute("vacuum freeze");
    }
    assertFalse(Files.exists(data.resolve("pg_xact/0000")), "the commit log was truncated");
    Captured valid = audit(data);
    assertEquals(0, valid.exit(), valid.out());
    assertTrue(valid.out().contains("20 acknowledged commits, 20 confirmed"), valid.out());
  }

  @Test
  void whatWasRolledBackIsLostThoughItsStatusIsForgotten() throws Exception {
    Path data = folder.resolve("data");
    Captured.run("server", "init", "-D", data, "--wal-segsize", "1", "--next-xid", FIRST_XID);
    try (ServerProcess server = ServerProcess.start(data, "-c", "autovacuum=off");
        Connection connection = ServerProcess.connect(server.ready());
        Statement statement = connection.createStatement()) {
      statement.execute("create table t(id int primary key, v text)");
      insert(statement, 1);
      connection.setAutoCommit(false);
      insert(statement, 2);
      connection.rollback();
      connection.setAutoCommit(true);
      for (int id = 3; id <= 20; id++) {
        insert(statement, id);
      }
      statement.execute("vacuum freeze");
    }
    assertFalse(Files.exists(data.resolve("pg_xact/0000")), "the commit log was truncated");
    Captured invalid = audit(data);
    assertEquals(1, invalid.exit(), invalid.out());
    assertTrue(invalid.out().contains("an acknowledged commit was lost"), invalid.out());
  }
}
