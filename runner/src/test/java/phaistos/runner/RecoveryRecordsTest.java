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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.Lsn;
import phaistos.server.Server;

/**
 * The end of a recovery leaves the same records of resource manager XLOG in our WAL as in
 * PostgreSQL 15's, as pg_waldump lists them: behind a crash, and behind a promotion.
 */
@Timeout(300)
@Tag("slow")
class RecoveryRecordsTest {
  private static final Pattern XLOG = Pattern.compile("rmgr: XLOG .* lsn: (\\S+), .* desc: (.*)");

  private static Connection connect(int port) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:%d/postgres?user=postgres&socketTimeout=30".formatted(port));
  }

  /** Executes, and tells where the WAL has come to. */
  private static Lsn execute(int port, String... commands) throws SQLException {
    try (Connection connection = connect(port);
        Statement statement = connection.createStatement()) {
      for (String command : commands) {
        statement.execute(command);
      }
      try (ResultSet rows = statement.executeQuery("select pg_current_wal_insert_lsn()")) {
        rows.next();
        return Lsn.parse(rows.getString(1));
      }
    }
  }

  private static void awaitRow(int port, String query) {
    Awaitility.await(query)
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              try (Connection connection = connect(port);
                  ResultSet rows = connection.createStatement().executeQuery(query)) {
                return rows.next();
              } catch (SQLException e) {
                return false;
              }
            });
  }

  /** The kinds of the records between two positions; a checkpoint with what ran. */
  private static List<String> records(Path wal, String timeline, Lsn from, Lsn to)
      throws Exception {
    List<String> segments = RealPostgres.segments(wal, timeline);
    List<String> found = new ArrayList<>();
    for (String line : RealPostgres.waldump(wal, segments.getFirst(), segments.getLast())) {
      Matcher record = XLOG.matcher(line);
      if (record.find()) {
        Lsn at = Lsn.parse(record.group(1));
        if (at.compareTo(from) >= 0 && at.compareTo(to) < 0) {
          found.add(kind(at, record.group(2)));
        }
      }
    }
    return found;
  }

  private static String kind(Lsn at, String description) {
    String kind = description.replaceFirst("[ ;].*", "");
    if (kind.equals("END_OF_RECOVERY")) {
      return description.replaceFirst("time .*", "time");
    }
    if (!kind.startsWith("CHECKPOINT")) {
      return kind;
    }
    boolean isAlone = description.contains("redo " + at + ";");
    return kind
        + " "
        + description.replaceFirst(".*?(tli \\d+; prev tli \\d+; fpw \\w+).*", "$1")
        + (isAlone ? ", redo is its own place" : "")
        + (description.contains("oldest running xid 0;") ? ", nothing runs" : "");
  }

  private static List<String> ourCrash(Path folder) throws Exception {
    Lsn before;
    try (LocalServer server = LocalServer.start(folder)) {
      execute(server.port(), "create table t(id int)", "checkpoint");
      before = execute(server.port(), "insert into t values (1)");
      execute(server.port(), "begin", "insert into t values (2)");
      server.server().shutdown(Server.ShutdownMode.IMMEDIATE);
    }
    try (LocalServer server = LocalServer.restart(folder)) {
      Lsn after = execute(server.port(), "insert into t values (3)");
      return records(folder.resolve("pg_wal"), "00000001", before, after);
    }
  }

  private static List<String> theirCrash() throws Exception {
    Path folder = RealPostgres.createFolder();
    int port = RealPostgres.freePort();
    try (RealPostgres postgres = new RealPostgres("theirs", folder, port)) {
      postgres.initialize();
      postgres.start();
      execute(port, "create table t(id int)", "checkpoint");
      Lsn before = execute(port, "insert into t values (1)");
      execute(port, "begin", "insert into t values (2)");
      postgres.kill();
      postgres.start();
      Lsn after = execute(port, "insert into t values (3)");
      return records(folder.resolve("theirs/pg_wal"), "00000001", before, after);
    } finally {
      RealPostgres.deleteFolder(folder);
    }
  }

  @Test
  void ofACrashAreThoseOfPostgres(@TempDir Path folder) throws Exception {
    String missing = RealPostgres.missing();
    assumeTrue(missing.isEmpty(), missing);
    List<String> ours = ourCrash(folder.resolve("ours"));
    assertEquals(theirCrash(), ours);
    assertTrue(ours.getFirst().startsWith("CHECKPOINT_SHUTDOWN"), ours.toString());
  }

  private static List<String> promotion(int standby, Path wal) throws Exception {
    awaitRow(standby, "select 1 from t");
    try (Connection connection = connect(standby);
        Statement statement = connection.createStatement()) {
      statement.execute("select pg_promote()");
    }
    Lsn before = Lsn.parse("0/0");
    Lsn after = execute(standby, "insert into t values (3)", "checkpoint");
    List<String> records = records(wal, "00000002", before, after);
    int first = records.indexOf("END_OF_RECOVERY tli 2; prev tli 1; time");
    assertTrue(first >= 0, records.toString());
    return records.subList(first, first + 2);
  }

  private static List<String> ourPromotion(Path folder) throws Exception {
    try (LocalServer primary = LocalServer.start(folder.resolve("n1"));
        LocalServer standby = LocalServer.standby(folder.resolve("n2"), primary.port())) {
      execute(primary.port(), "create table t(id int)", "insert into t values (1)");
      return promotion(standby.port(), folder.resolve("n2/pg_wal"));
    }
  }

  private static List<String> theirPromotion() throws Exception {
    Path folder = RealPostgres.createFolder();
    int port = RealPostgres.freePort();
    int second = RealPostgres.freePort();
    try (RealPostgres primary = new RealPostgres("n1", folder, port);
        RealPostgres standby = new RealPostgres("n2", folder, second)) {
      primary.initialize();
      primary.start();
      standby.copyFrom(primary);
      standby.start();
      execute(port, "create table t(id int)", "insert into t values (1)");
      return promotion(second, folder.resolve("n2/pg_wal"));
    } finally {
      RealPostgres.deleteFolder(folder);
    }
  }

  @Test
  void ofAPromotionAreThoseOfPostgres(@TempDir Path folder) throws Exception {
    String missing = RealPostgres.missing();
    assumeTrue(missing.isEmpty(), missing);
    assertEquals(theirPromotion(), ourPromotion(folder));
  }
}
