package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * VACUUM moves the horizon past a segment of the commit log, which goes: in pg_xact, in the WAL, in
 * the control file; and PostgreSQL's programs accept what is left.
 */
@Timeout(120)
@Tag("slow")
class CommitLogTruncationTest {
  /** Just before the second segment. */
  private static final long FIRST_XID = (1 << 20) - 8;

  @TempDir private Path folder;

  private static String ask(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void aFrozenSegmentGoes() throws Exception {
    Path data = folder.resolve("data");
    assertEquals(
        0,
        Captured.run("server", "init", "-D", data, "--wal-segsize", "1", "--next-xid", FIRST_XID)
            .exit());
    try (ServerProcess server = ServerProcess.start(data, "-c", "autovacuum=off");
        Connection connection = ServerProcess.connect(server.ready());
        Statement statement = connection.createStatement()) {
      statement.execute("create table t(id int primary key, v text)");
      for (int i = 0; i < 20; i++) {
        statement.execute("insert into t values (%d, 'x')".formatted(i));
      }
      statement.execute("checkpoint");
      assertTrue(Files.exists(data.resolve("pg_xact/0000")));
      assertEquals("committed", ask(statement, "select txid_status(%d)".formatted(FIRST_XID + 2)));
      statement.execute("vacuum freeze");
      assertFalse(Files.exists(data.resolve("pg_xact/0000")), "the first segment");
      assertEquals(null, ask(statement, "select txid_status(%d)".formatted(FIRST_XID + 2)));
      assertEquals("20", ask(statement, "select count(*) from t"));
      statement.execute("checkpoint");
      assertEquals("1", ask(statement, "select truncates from pg_stat_slru where name = 'Xact'"));
      server.signal("KILL");
    }
    check(data);
    try (ServerProcess server = ServerProcess.start(data, "-c", "autovacuum=off");
        Connection connection = ServerProcess.connect(server.ready());
        Statement statement = connection.createStatement()) {
      assertEquals("20", ask(statement, "select count(*) from t"));
      statement.execute("insert into t values (20, 'y')");
      server.signal("KILL");
    }
  }

  private void check(Path data) throws Exception {
    String missing = RealPostgres.missing();
    assumeTrue(missing.isEmpty(), missing);
    Path wal = data.resolve("pg_wal");
    List<String> segments = RealPostgres.segments(wal, "");
    String listing =
        String.join("\n", RealPostgres.waldump(wal, segments.getFirst(), segments.getLast()));
    assertTrue(listing.contains("desc: TRUNCATE page 32; oldestXact "), listing);
    String stats =
        RealPostgres.said(
            "pg_waldump", "-z", "-p", wal.toString(), segments.getFirst(), segments.getLast());
    assertTrue(stats.contains("CLOG "), stats);
    String control = RealPostgres.said("pg_controldata", "-D", data.toString());
    assertTrue(control.contains("Latest checkpoint's oldestXID:        10485"), control);
    assertFalse(control.contains("WARNING"), control);
  }
}
