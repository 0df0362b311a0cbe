package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Savepoints and shared row locks leave the same records in our WAL as in PostgreSQL 15's, as
 * pg_waldump lists them.
 */
@Timeout(120)
@Tag("slow")
class TransactionRecordsTest {
  private static final Pattern TRANSACTIONS =
      Pattern.compile("rmgr: Transaction .* tx: +(\\d+), .* desc: (.*)");

  /** The locks of rows without the place of the row's page. */
  private static final Pattern ROW_LOCKS =
      Pattern.compile(
          "rmgr: (?:MultiXact|Heap) .* tx: +(\\d+), .* desc: ((?:CREATE_ID|ZERO|LOCK).*?)(?:,"
              + " blkref.*)?$");

  /** What is done on a connection; more connections may be made. */
  @FunctionalInterface
  private interface Play {
    void on(String url) throws SQLException;
  }

  private static List<String> script() {
    List<String> script =
        new ArrayList<>(
            List.of(
                "begin",
                "savepoint a",
                "savepoint b",
                "insert into t values (1)",
                "release b",
                "savepoint c",
                "insert into t values (2)",
                "rollback to a",
                "insert into t values (3)",
                "savepoint unused",
                "release unused",
                "commit",
                "begin",
                "savepoint f",
                "insert into t values (4)",
                "savepoint g",
                "insert into t values (5)",
                "release g",
                "savepoint h",
                "insert into t values (6)",
                "rollback",
                "begin",
                "insert into t values (7)"));
    for (int i = 0; i < 130; i++) {
      script.add("savepoint s" + i);
      script.add("insert into t values (%d)".formatted(100 + i));
    }
    script.addAll(List.of("rollback to s120", "commit"));
    return script;
  }

  private static void savepoints(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (String command : script()) {
        statement.execute(command);
      }
    }
  }

  /** Rows that two or three transactions lock together, and one that takes two locks. */
  private static void rowLocks(String url) throws SQLException {
    String[][] together = {
      {"share", "share"},
      {"share", "key share"},
      {"key share", "no key update"},
      {"key share", "share", "key share"},
    };
    for (String[] strengths : together) {
      List<Connection> open = new ArrayList<>();
      for (String strength : strengths) {
        Connection connection = DriverManager.getConnection(url);
        open.add(connection);
        connection.setAutoCommit(false);
        connection.createStatement().execute("select * from t for " + strength);
      }
      for (Connection connection : open) {
        connection.commit();
        connection.close();
      }
    }
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      connection.createStatement().execute("select * from t for share");
      connection.createStatement().execute("select * from t for key share");
      connection.createStatement().execute("select * from t for update");
      connection.commit();
    }
  }

  private static long nextXid(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select txid_current()")) {
      rows.next();
      return rows.getLong(1) + 1;
    }
  }

  /** The transaction records from an id on, with ids counted from there and without times. */
  private static List<String> records(Path wal, Pattern kind, long first) throws Exception {
    List<String> segments = RealPostgres.segments(wal, "");
    List<String> found = new ArrayList<>();
    for (String line : RealPostgres.waldump(wal, segments.getFirst(), segments.getLast())) {
      Matcher record = kind.matcher(line);
      if (record.find() && isFrom(record.group(1), first)) {
        String what = record.group(2).replaceFirst("\\d{4}-\\S+ \\S+ \\S+?(?=;|$)", "TIME");
        found.add(counted(record.group(1) + " " + what, first));
      }
    }
    return found;
  }

  /** The maker of a multixact may have no id yet. */
  private static boolean isFrom(String xid, long first) {
    return xid.equals("0") || Long.parseLong(xid) >= first;
  }

  private static String counted(String what, long first) {
    return Pattern.compile("(?<!(?:offset|off|nmembers|CREATE_ID|PAGE|flags) )\\b\\d+\\b")
        .matcher(what)
        .replaceAll(
            number -> {
              long value = Long.parseLong(number.group());
              return value >= first ? "+" + (value - first) : number.group();
            });
  }

  private static List<String> ours(Path folder, Pattern kind, Play play) throws Exception {
    try (LocalServer server = LocalServer.start(folder)) {
      String url = "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(server.port());
      return records(folder.resolve("pg_wal"), kind, run(url, play));
    }
  }

  private static List<String> theirs(Pattern kind, Play play) throws Exception {
    Path folder = RealPostgres.createFolder();
    int port = RealPostgres.freePort();
    try (RealPostgres postgres = new RealPostgres("theirs", folder, port)) {
      postgres.initialize();
      postgres.start();
      String url = "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(port);
      return records(folder.resolve("theirs/pg_wal"), kind, run(url, play));
    } finally {
      RealPostgres.deleteFolder(folder);
    }
  }

  /** Returns the first id that the play uses. */
  private static long run(String url, Play play) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("create table t(id int)");
      statement.execute("insert into t values (0)");
      statement.execute("checkpoint");
      long first = nextXid(connection);
      play.on(url);
      statement.execute("checkpoint");
      return first;
    }
  }

  private static void compare(Path folder, Pattern kind, Play play, String mustHave)
      throws Exception {
    String missing = RealPostgres.missing();
    assumeTrue(missing.isEmpty(), missing);
    List<String> ours = ours(folder.resolve("ours"), kind, play);
    assertEquals(String.join("\n", theirs(kind, play)), String.join("\n", ours));
    assertTrue(ours.stream().anyMatch(line -> line.contains(mustHave)), ours.toString());
  }

  @Test
  void ofSavepointsAreThoseOfPostgres(@TempDir Path folder) throws Exception {
    compare(folder, TRANSACTIONS, TransactionRecordsTest::savepoints, "xtop");
  }

  @Test
  void ofRowLocksAreThoseOfPostgres(@TempDir Path folder) throws Exception {
    compare(folder, ROW_LOCKS, TransactionRecordsTest::rowLocks, "CREATE_ID");
  }
}
