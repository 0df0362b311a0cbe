package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
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

/** Savepoints leave the same records in our WAL as in PostgreSQL 15's, as pg_waldump lists them. */
@Timeout(120)
@Tag("slow")
class SubtransactionRecordsTest {
  private static final Pattern RECORD =
      Pattern.compile("rmgr: Transaction .* tx: +(\\d+), .* desc: (.*)");

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

  private static void play(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String command : script()) {
        statement.execute(command);
      }
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
  private static List<String> records(Path wal, long first) throws Exception {
    List<String> segments = new ArrayList<>();
    try (var files = Files.list(wal)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.length() == 24)
          .sorted()
          .forEach(segments::add);
    }
    List<String> found = new ArrayList<>();
    for (String line : RealPostgres.waldump(wal, segments.getFirst(), segments.getLast())) {
      Matcher record = RECORD.matcher(line);
      if (record.find() && Long.parseLong(record.group(1)) >= first) {
        String what = record.group(2).replaceFirst("\\d{4}-\\S+ \\S+ \\S+?(?=;|$)", "TIME");
        found.add((Long.parseLong(record.group(1)) - first) + " " + counted(what, first));
      }
    }
    return found;
  }

  private static String counted(String what, long first) {
    return Pattern.compile("\\b\\d+\\b")
        .matcher(what)
        .replaceAll(number -> "+" + (Long.parseLong(number.group()) - first));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
      return socket.getLocalPort();
    }
  }

  @Test
  void areThoseOfPostgres(@TempDir Path folder) throws Exception {
    String missing = RealPostgres.missing();
    assumeTrue(missing.isEmpty(), missing);
    List<String> ours;
    try (LocalServer server = LocalServer.start(folder.resolve("ours"));
        Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(server.port()))) {
      connection.createStatement().execute("create table t(id int)");
      long first = nextXid(connection);
      play(connection);
      connection.createStatement().execute("checkpoint");
      ours = records(folder.resolve("ours/pg_wal"), first);
    }
    Path there = RealPostgres.createFolder();
    try (RealPostgres postgres = new RealPostgres("theirs", there, freePort())) {
      postgres.initialize();
      postgres.start();
      try (Connection connection = postgres.connect()) {
        connection.createStatement().execute("create table t(id int)");
        long first = nextXid(connection);
        play(connection);
        connection.createStatement().execute("checkpoint");
        assertEquals(records(there.resolve("theirs/pg_wal"), first), ours);
      }
    } finally {
      RealPostgres.deleteFolder(there);
    }
    assertTrue(ours.stream().anyMatch(line -> line.contains("xtop")), ours.toString());
  }
}
