package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A person's session: PostgreSQL 15's own psql (simple queries), and pgjdbc (extended queries,
 * binary results), against our primary with a standby. What a real PostgreSQL 15 says to the same
 * script is what ours must say; numbers that differ from server to server are compared by their
 * meaning.
 */
@Timeout(180)
class PsqlSessionTest {
  private static final int PORT = 15652;
  private static final Path PSQL = RealPostgres.BIN.resolve("psql");

  /** Of our errors only those of syntax say where in the statement they are. */
  private static final String POSITION =
      "(ERROR:  (?!syntax error|unterminated|trailing junk).*\n)LINE \\d+: .*\n *\\^\n";

  @TempDir private Path folder;

  private static final String SCRIPT =
      """
      \\conninfo
      \\echo a person types
      \\timing on
      \\timing off
      \\set key 1
      create table commits (value bigint primary key, note text);
      insert into commits values (:key, 'one'), (2, null);
      \\x
      select * from commits where value = 1;
      \\x
      select * from commits order by value;
      update commits set note = 'it''s two' where value = 2;
      select note from commits where value = 2;
      delete from commits where value = :key;
      begin;
      insert into commits values (3, 'x');
      select count(*) from commits;
      rollback;
      begin;
      insert into commits values (4, 'y');
      commit;
      select * from commits order by value desc;
      begin;
      insert into commits values (4, 'again');
      select 1;
      commit;
      set synchronous_commit = off;
      show synchronous_commit;
      show fsync;
      reset synchronous_commit;
      checkpoint;
      select count(*) from pg_stat_replication where application_name = 'nobody';
      select pg_current_wal_lsn() > '0/0' as moved;
      select pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn();
      select pg_is_in_recovery();
      select txid_current() > 0 as counted;
      select txid_status(txid_current());
      select pg_promote();
      selec 1;
      select 1 +;
      select 'é😀' from where;
      select 12ab;
      \\echo :LAST_ERROR_SQLSTATE :ROW_COUNT
      select value from nowhere;
      \\echo :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE
      select 7 as seven, 'x' as letter \\gset
      \\echo :seven :letter
      select 'a;b' as "Two words", null as nothing, true as yes, 1.50 as exact;
      \\pset null '(null)'
      select * from commits where value = 99;
      /* a comment */ select 1 -- and another
        as one;
      table_that_is_no_statement;
      drop table commits;
      drop table if exists commits;
      """;

  private static String psql(int port, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(PSQL.toString(), "-X", "-h", "localhost", "-U", "postgres", "-d", "postgres"));
    command.addAll(List.of("-p", Integer.toString(port)));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("PSQL_PAGER", "");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output.replace("port \"" + port + "\"", "port \"N\"").replaceAll(POSITION, "$1")
        + "exit "
        + process.waitFor();
  }

  private interface OnBoth {
    void run(RealPostgres real, LocalServer primary, LocalServer standby) throws Exception;
  }

  private void withServers(OnBoth test) throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    assumeTrue(Files.isExecutable(PSQL), () -> "no " + PSQL);
    Path home = RealPostgres.createFolder();
    try (RealPostgres real = new RealPostgres("session", home, PORT)) {
      real.initialize();
      real.start();
      withOurs((primary, standby) -> test.run(real, primary, standby));
    } finally {
      RealPostgres.deleteFolder(home);
    }
  }

  private interface OnOurs {
    void run(LocalServer primary, LocalServer standby) throws Exception;
  }

  private void withOurs(OnOurs test) throws Exception {
    try (LocalServer primary = LocalServer.start(Files.createDirectory(folder.resolve("n1")));
        LocalServer standby =
            LocalServer.standby(Files.createDirectory(folder.resolve("n2")), primary.port())) {
      Awaitility.await()
          .until(
              () ->
                  standby.server().isReady()
                      && psql(primary.port(), "-Atc", "select state from pg_stat_replication")
                          .startsWith("streaming"));
      test.run(primary, standby);
    }
  }

  @Test
  void psqlSeesTheSameAsOnPostgres() throws Exception {
    Path script = Files.writeString(folder.resolve("script.sql"), SCRIPT);
    withServers(
        (real, primary, _) -> {
          String[] file = {"-f", script.toString()};
          assertEquals(psql(PORT, file), psql(primary.port(), file));
          String[] commands = {
            "-c", "create table t (k int primary key)",
            "-c", "insert into t values (1); insert into t values (1)",
            "-c", "select count(*) from t",
            "-c", "\\echo done"
          };
          assertEquals(psql(PORT, commands), psql(primary.port(), commands));
          String[] stop = {"-v", "ON_ERROR_STOP=1", "-At", "-c", "selec", "-c", "select 1"};
          assertEquals(psql(PORT, stop), psql(primary.port(), stop));
        });
  }

  // The statements run on the primary, then the standby is asked once it has replayed them.
  @Test
  void aStandbyReadsRefusesWritesAndIsPromoted() throws Exception {
    assumeTrue(Files.isExecutable(PSQL), () -> "no " + PSQL);
    withOurs(
        (primary, standby) -> {
          psql(
              primary.port(),
              "-c",
              "create table t (k bigint primary key)",
              "-c",
              "insert into t values (1), (2)");
          Awaitility.await()
              .until(() -> psql(standby.port(), "-Atc", "select count(*) from t").startsWith("2"));
          assertEquals(
              """
              2
              t|t|t
              25006 cannot execute INSERT in a read-only transaction
              25006 cannot execute UPDATE in a read-only transaction
              25006 cannot execute DELETE in a read-only transaction
              25006 cannot execute CREATE TABLE in a read-only transaction
              25006 cannot execute DROP TABLE in a read-only transaction
              25006 cannot execute txid_current() during recovery
              25006 cannot execute VACUUM during recovery
              55000 recovery is in progress
              0A000 cannot set transaction read-write mode during recovery
              t
              f
              INSERT 0 1
              3
              exit 0\
              """,
              withoutErrors(psql(standby.port(), "-At", "-f", standbyScript().toString())));
        });
  }

  /** Errors go between the lines at their own time; the script repeats them. */
  private static String withoutErrors(String output) {
    return output
        .lines()
        .filter(line -> !line.startsWith("psql:") && !line.startsWith("HINT:"))
        .collect(Collectors.joining("\n"));
  }

  private Path standbyScript() throws IOException {
    StringBuilder script = new StringBuilder();
    script.append("select count(*) from t;\n");
    script.append(
        "select pg_is_in_recovery(), pg_last_wal_receive_lsn() > '0/0', pg_last_wal_replay_lsn() >"
            + " '0/0';\n");
    for (String refused :
        List.of(
            "insert into t values (3)",
            "update t set k = 3 where k = 1",
            "delete from t",
            "create table u (k int)",
            "drop table t",
            "select txid_current()",
            "vacuum",
            "select pg_current_wal_lsn()",
            "begin read write")) {
      script.append(refused).append(";\n");
      script.append("\\echo :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE\n");
    }
    script.append("select pg_promote();\nselect pg_is_in_recovery();\n");
    script.append("insert into t values (3);\nselect count(*) from t;\n");
    return Files.writeString(folder.resolve("standby.sql"), script.toString());
  }

  // What psql asks the catalogs for is no part of this server; it says so.
  @Test
  void whatIsNotThereIsSaidToBeUnsupported() throws Exception {
    assumeTrue(Files.isExecutable(PSQL), () -> "no " + PSQL);
    withOurs(
        (primary, _) -> {
          for (String command :
              List.of("\\dC", "\\do", "select pg_tablespace_size(1)", "explain select 1")) {
            String output = psql(primary.port(), "-v", "VERBOSITY=verbose", "-c", command);
            assertEquals(
                "ERROR:  0A000",
                output.substring(0, Math.min(13, output.length())),
                command + ": " + output);
          }
        });
  }

  /** The statements with their parameters, each on its own. */
  private static final List<String> JDBC =
      List.of(
          "create table commits (value bigint primary key, note text, n int, b boolean, f float8)",
          "insert into commits values (1, 'one', 1, true, 1.5), (2, null, null, null, null)",
          "insert into commits (value) values (3)",
          "update commits set note = 'two' where value = 2",
          "delete from commits where value = 3",
          "select * from commits where value = 1",
          "select * from commits order by value",
          "select value, b, n from commits where note = 'two'",
          "select count(*), max(value) from commits",
          "show synchronous_commit",
          "set synchronous_commit = off",
          "show synchronous_commit",
          "checkpoint",
          "select pg_is_in_recovery(), txid_status(txid_current()), txid_current() > 0",
          "select pg_last_wal_receive_lsn(), pg_current_wal_lsn() > '0/0'",
          "select count(*) from pg_stat_replication where state = 'none'",
          "select pg_promote()",
          "insert into commits (value) values (1)",
          "select nothing from commits",
          "drop table commits");

  @Test
  void pgjdbcSeesTheSameAsOnPostgres() throws Exception {
    withServers(
        (_, primary, _) -> {
          String[] modes = {
            "prepareThreshold=1&binaryTransfer=true",
            "prepareThreshold=-1",
            "preferQueryMode=extendedForPrepared",
            "preferQueryMode=simple",
            "prepareThreshold=1&defaultRowFetchSize=1"
          };
          for (String mode : modes) {
            assertEquals(
                String.join("\n", jdbc(PORT, mode)),
                String.join("\n", jdbc(primary.port(), mode)),
                mode);
          }
        });
  }

  private static List<String> jdbc(int port, String mode) throws SQLException {
    List<String> seen = new ArrayList<>();
    try (Connection connection =
        DriverManager.getConnection(
            "jdbc:postgresql://localhost:%d/postgres?user=postgres&socketTimeout=30&%s"
                .formatted(port, mode))) {
      for (String sql : JDBC) {
        for (int round = 0; round < (sql.startsWith("select") ? 3 : 1); round++) {
          seen.add(sql + ": " + outcome(connection, sql));
        }
      }
      block(connection, seen);
    }
    return seen;
  }

  private static String outcome(Connection connection, String sql) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      return statement.execute() ? rows(statement.getResultSet()) : "" + statement.getUpdateCount();
    } catch (SQLException e) {
      return e.getSQLState() + " " + e.getMessage().lines().findFirst().orElse("");
    }
  }

  private static String rows(ResultSet result) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    int columns = result.getMetaData().getColumnCount();
    List<String> head = new ArrayList<>();
    for (int i = 1; i <= columns; i++) {
      head.add(result.getMetaData().getColumnName(i));
    }
    rows.add(head);
    while (result.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= columns; i++) {
        row.add(result.getString(i));
      }
      rows.add(row);
    }
    return rows.toString();
  }

  /** Blocks, a cursor in one, batches, and a statement with parameters prepared on the server. */
  private static void block(Connection connection, List<String> seen) throws SQLException {
    connection.setAutoCommit(false);
    seen.add(outcome(connection, "create table b (k bigint primary key, n int)"));
    try (PreparedStatement insert = connection.prepareStatement("insert into b values (?, ?)")) {
      for (int i = 0; i < 20; i++) {
        insert.setLong(1, i);
        insert.setInt(2, i * i);
        insert.addBatch();
      }
      seen.add(java.util.Arrays.toString(insert.executeBatch()));
    }
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(3);
      seen.add(rows(statement.executeQuery("select k, n from b order by k")));
    }
    connection.commit();
    seen.add(outcome(connection, "insert into b values (1, 1)"));
    seen.add(outcome(connection, "select 1"));
    connection.rollback();
    try (PreparedStatement select =
        connection.prepareStatement("select n, n > 9 from b where k = ?")) {
      for (long k = 2; k < 9; k++) {
        select.setLong(1, k);
        seen.add(rows(select.executeQuery()));
      }
    }
    connection.rollback();
    connection.setAutoCommit(true);
    seen.add(outcome(connection, "drop table b"));
  }

  // A commit waits for a standby that is not there; the cancel request ends the wait, not the
  // commit.
  @Test
  void aCancelRequestReachesTheSession() throws Exception {
    LocalServer ours = LocalServer.start(Files.createDirectory(folder.resolve("alone")));
    try (ours;
        Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(ours.port()));
        Statement statement = connection.createStatement()) {
      statement.execute("create table t (k int primary key)");
      statement.execute("alter system set synchronous_standby_names = 'nobody'");
      statement.execute("select pg_reload_conf()");
      // a cancel that comes before the wait would end the statement itself
      String waiting = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
      Thread canceller =
          Thread.ofVirtual()
              .start(
                  () -> {
                    Awaitility.await()
                        .until(() -> psql(ours.port(), "-Atc", waiting).startsWith("1"));
                    try {
                      statement.cancel();
                    } catch (SQLException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      statement.execute("insert into t values (1)");
      assertEquals("01000", statement.getWarnings().getSQLState());
      canceller.join();
    }
  }
}
