package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.Lsn;
import phaistos.server.Server;

/**
 * PostgreSQL 15's pg_waldump, pg_waldump -z and pg_controldata accept what each kind of step leaves
 * behind, to the last record.
 */
@Timeout(300)
@Tag("slow")
class ToolsAcceptTest {
  private static final List<String> STEPS =
      List.of(
          "create table t(id int primary key, v text)",
          "insert into t select i, repeat('x', 300) from generate_series(1, 200) i",
          "begin; savepoint a; update t set v = 'y' where id < 9; rollback to a; commit",
          "begin; select * from t where id = 1 for share; savepoint b; select * from t where id = 1"
              + " for update; release b; commit",
          "create table h(id int primary key, v int)",
          "insert into h values (1, 1)",
          "update h set v = 2",
          manySubtransactions(),
          "create table c(id int, v text)",
          "insert into c select i, 'c' from generate_series(1, 2000) i",
          "drop table c",
          "delete from t where id > 20",
          "vacuum t",
          "vacuum freeze",
          "create index on t(v)",
          "create table s(id serial, v int)",
          "insert into s(v) select 1 from generate_series(1, 40)",
          "drop table s",
          "checkpoint",
          "truncate t",
          "drop table t",
          "create table t(id int)");

  private static final Pattern RECORD =
      Pattern.compile("len \\(rec/tot\\): +\\d+/ *(\\d+), .* lsn: (\\S+), ");

  /** What the steps must have left behind, by the words of pg_waldump's listing. */
  private static final List<String> KINDS =
      List.of(
          "desc: CREATE base/",
          "desc: INSERT off",
          "desc: INSERT+INIT off",
          "desc: MULTI_INSERT",
          "desc: HOT_UPDATE off",
          "desc: DELETE off",
          "desc: LOCK off",
          "desc: PRUNE latestRemovedXid",
          "desc: VACUUM nunused",
          "desc: FREEZE_PAGE cutoff xid",
          "desc: TRUNCATE base/",
          "desc: CREATE_ID ",
          "desc: ASSIGNMENT xtop",
          "desc: COMMIT ",
          "desc: ABORT ",
          "desc: ZEROPAGE",
          "desc: LOG rel ",
          "desc: CHECKPOINT_ONLINE",
          "desc: CHECKPOINT_SHUTDOWN",
          "desc: RUNNING_XACTS",
          "desc: NEXTOID");

  @TempDir private Path folder;

  private static String manySubtransactions() {
    StringBuilder many = new StringBuilder("begin");
    for (int i = 0; i < 70; i++) {
      many.append("; savepoint a; update t set v = 's%d' where id = %d".formatted(i, 30 + i));
    }
    return many.append("; rollback to a; commit").toString();
  }

  private static String ask(int port, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                ("jdbc:postgresql://localhost:%d/postgres?user=postgres&preferQueryMode=simple")
                    .formatted(port));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      ResultSet rows = statement.getResultSet();
      return rows != null && rows.next() ? rows.getString(1) : "";
    }
  }

  private static void check(Path data, String step, Lsn last, String state) throws Exception {
    Path wal = data.resolve("pg_wal");
    String timeline = RealPostgres.segments(wal, "").getLast().substring(0, 8);
    List<String> current = RealPostgres.segments(wal, timeline);
    List<String> listing = RealPostgres.waldump(wal, current.getFirst(), current.getLast());
    assertTrue(end(listing.getLast()).compareTo(last) >= 0, step + ": " + listing.getLast());
    assertTrue(listing.stream().noneMatch(line -> line.contains("UNKNOWN")), step);
    String stats =
        RealPostgres.said(
            "pg_waldump", "-z", "-p", wal.toString(), current.getFirst(), current.getLast());
    assertTrue(stats.contains("Transaction "), step + ": " + stats);
    String control = RealPostgres.said("pg_controldata", "-D", data.toString());
    assertFalse(control.contains("WARNING"), step + ": " + control);
    String is = control.replaceFirst("(?s).*Database cluster state: +([^\\n]*)\\n.*", "$1");
    assertEquals(state, is, step);
  }

  /** Where a listed record ends at the latest, the headers of the pages it crosses included. */
  private static Lsn end(String record) {
    Matcher fields = RECORD.matcher(record);
    assertTrue(fields.find(), record);
    long length = Long.parseLong(fields.group(1));
    return Lsn.parse(fields.group(2)).plus(length + 8 + (length / 8000 + 2) * 40);
  }

  private static Lsn flushed(int port) throws SQLException {
    return Lsn.parse(ask(port, "select pg_current_wal_flush_lsn()"));
  }

  @Test
  void everyStep() throws Exception {
    String missing = RealPostgres.missing();
    assumeTrue(missing.isEmpty(), missing);
    Path data = folder.resolve("n1");
    try (LocalServer server = LocalServer.start(data)) {
      for (String step : STEPS) {
        ask(server.port(), step);
        check(data, step, flushed(server.port()), "in production");
      }
      server.server().shutdown(Server.ShutdownMode.IMMEDIATE);
    }
    try (LocalServer server = LocalServer.restart(data)) {
      ask(server.port(), "insert into t values (1)");
      check(data, "a crash", flushed(server.port()), "in production");
    }
    check(data, "a shutdown", Lsn.parse("0/100000"), "shut down");
    List<String> segments = RealPostgres.segments(data.resolve("pg_wal"), "");
    String all =
        String.join(
            "\n",
            RealPostgres.waldump(data.resolve("pg_wal"), segments.getFirst(), segments.getLast()));
    assertEquals(List.of(), KINDS.stream().filter(kind -> !all.contains(kind)).toList());
    try (LocalServer server = LocalServer.restart(data);
        LocalServer standby = LocalServer.standby(folder.resolve("n2"), server.port())) {
      ask(server.port(), "alter system set synchronous_standby_names = 'standby'");
      ask(server.port(), "select pg_reload_conf()");
      Lsn before = flushed(server.port());
      // replayed: what is left to replay could conflict with the snapshot of pg_promote()
      ask(server.port(), "set synchronous_commit = remote_apply; insert into t values (2)");
      check(folder.resolve("n2"), "a standby", before, "in archive recovery");
      ask(standby.port(), "select pg_promote()");
      ask(standby.port(), "insert into t values (3)");
      check(folder.resolve("n2"), "a promotion", flushed(standby.port()), "in production");
      ask(server.port(), "alter system reset synchronous_standby_names");
      ask(server.port(), "select pg_reload_conf()");
    }
  }
}
