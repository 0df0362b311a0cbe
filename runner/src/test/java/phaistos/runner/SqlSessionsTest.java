package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SQL of several sessions at a time, on a standby, and after a restart. */
@Timeout(120)
class SqlSessionsTest {
  @TempDir private Path folder;

  private static Connection connect(LocalServer server) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres&socketTimeout=30"
            .formatted(server.port()));
  }

  private static void execute(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(result.getString(1));
      }
      return String.join(",", rows);
    }
  }

  private static String stateOf(Connection connection, String sql) {
    return assertThrows(SQLException.class, () -> execute(connection, sql), sql).getSQLState();
  }

  private LocalServer start(String name) throws Exception {
    return LocalServer.start(Files.createDirectories(folder.resolve(name)));
  }

  @Test
  void aFunctionReachesTheStandbyAndSurvivesARestart() throws Exception {
    Path home = Files.createDirectories(folder.resolve("n1"));
    try (LocalServer primary = LocalServer.start(home);
        LocalServer standby =
            LocalServer.standby(Files.createDirectories(folder.resolve("n2")), primary.port());
        Connection connection = connect(primary)) {
      execute(
          connection,
          "create table rows (id int, n int)",
          "create function dyn_pre(int) returns void language sql as"
              + " 'insert into rows select g, $1 from generate_series(1, 10000) g'",
          "create function counted(n int) returns bigint language sql as"
              + " 'select count(*) from rows r where r.n = counted.n'",
          "select dyn_pre(1)",
          "select dyn_pre(2)");
      assertEquals("20000", query(connection, "select count(*) from rows"));
      assertEquals("10000", query(connection, "select counted(2)"));
      Awaitility.await()
          .ignoreExceptions()
          .until(
              () -> {
                try (Connection reader = connect(standby)) {
                  return query(reader, "select counted(2)").equals("10000");
                }
              });
      try (Connection reader = connect(standby)) {
        assertEquals("25006", stateOf(reader, "select dyn_pre(3)"));
        assertEquals("on", query(reader, "show in_hot_standby"));
        assertEquals("on", query(reader, "show transaction_read_only"));
        assertEquals("off", query(connection, "show in_hot_standby"));
      }
      connection.setAutoCommit(false);
      execute(connection, "drop function dyn_pre(int)");
      assertEquals("42883", stateOf(connection, "select dyn_pre(3)"));
      connection.rollback();
      execute(connection, "select dyn_pre(3)");
      connection.commit();
    }
    try (LocalServer again = LocalServer.restart(home);
        Connection connection = connect(again)) {
      assertEquals("10000", query(connection, "select counted(3)"));
      execute(connection, "drop function dyn_pre(int), counted");
      assertEquals("42883", stateOf(connection, "select counted(3)"));
    }
  }

  @Test
  void concurrentUpsertsLoseNothing() throws Exception {
    int sessions = 6;
    int rounds = 60;
    try (LocalServer server = start("n1");
        Connection first = connect(server);
        var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      execute(first, "create table counts (k int primary key, n int, u int unique)");
      List<Callable<Void>> work = new ArrayList<>();
      for (int s = 0; s < sessions; s++) {
        int session = s;
        work.add(
            () -> {
              try (Connection connection = connect(server);
                  PreparedStatement upsert =
                      connection.prepareStatement(
                          "insert into counts values (?, 1) on conflict (k) do update set n ="
                              + " counts.n + excluded.n");
                  PreparedStatement once =
                      connection.prepareStatement(
                          "insert into counts values (?, 0, ?) on conflict do nothing")) {
                for (int i = 0; i < rounds; i++) {
                  upsert.setInt(1, i % 3);
                  upsert.execute();
                  once.setInt(1, 100 + i);
                  once.setInt(2, session % 2 == 0 ? i : 1000 + i);
                  once.execute();
                }
              }
              return null;
            });
      }
      for (Future<Void> done : tasks.invokeAll(work)) {
        done.get();
      }
      assertEquals("" + sessions * rounds, query(first, "select sum(n) from counts where k < 100"));
      assertEquals("" + rounds, query(first, "select count(*) from counts where k >= 100"));
    }
  }

  @Test
  void lockedRowsAreSkippedOrRefused() throws Exception {
    try (LocalServer server = start("n1");
        Connection one = connect(server);
        Connection two = connect(server)) {
      execute(
          one, "create table jobs (k int primary key)", "insert into jobs values (3), (1), (2)");
      one.setAutoCommit(false);
      String next = "select k from jobs order by k limit 1 for update";
      assertEquals("1", query(one, next));
      assertEquals("2", query(two, next + " skip locked"));
      assertEquals("2,3", query(two, "select k from jobs order by k for update skip locked"));
      assertEquals("55P03", stateOf(two, next + " nowait"));
      one.rollback();
      assertEquals("1", query(two, next + " skip locked"));
    }
  }

  @Test
  void aTemporaryTableIsItsSessionsOwn() throws Exception {
    Path home = Files.createDirectories(folder.resolve("n1"));
    try (LocalServer server = LocalServer.start(home);
        Connection one = connect(server)) {
      execute(one, "create table t (a int)", "insert into t values (1)");
      try (Connection two = connect(server)) {
        execute(two, "create temp table t (a int primary key)", "insert into t values (7)");
        execute(two, "create temporary table u (a text)");
        assertEquals("7", query(two, "select a from t"));
        assertEquals("1", query(two, "select a from public.t"));
        assertEquals("1", query(one, "select a from t"));
        assertEquals("42P01", stateOf(one, "select * from u"));
        execute(one, "create temp table u (b int)");
        two.setAutoCommit(false);
        execute(two, "drop table t");
        assertEquals("1", query(two, "select a from t"));
        two.rollback();
        assertEquals("7", query(two, "select a from t"));
      }
      Awaitility.await()
          .until(
              () ->
                  query(
                          one,
                          "select count(*) from pg_stat_activity where pid <>"
                              + " pg_backend_pid() and backend_type = 'client backend'")
                      .equals("0"));
      assertEquals(
          "t,u",
          query(
              one,
              "select relname from pg_class where relkind = 'r' and oid > 16383" + " order by 1"));
      server.server().shutdown(phaistos.server.Server.ShutdownMode.IMMEDIATE);
    }
    try (LocalServer again = LocalServer.restart(home);
        Connection connection = connect(again)) {
      assertEquals("42P01", stateOf(connection, "select * from u"));
      execute(connection, "create temp table u (c int)", "insert into u values (5)");
      assertEquals("5", query(connection, "select c from u"));
    }
  }

  @Test
  void aSecondRowWithTheKeyWaitsForTheFirst() throws Exception {
    try (LocalServer server = start("n1");
        Connection one = connect(server);
        Connection two = connect(server);
        var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      execute(one, "create table t (a int, b char(4))", "create unique index t_ab on t (b, a)");
      one.setAutoCommit(false);
      execute(one, "insert into t values (1, 'x'), (null, 'y'), (null, 'y')");
      Future<String> waits = tasks.submit(() -> stateOf(two, "insert into t values (1, 'x  ')"));
      Awaitility.await()
          .until(
              () ->
                  query(one, "select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
                      .equals("1"));
      one.commit();
      assertEquals("23505", waits.get());
      execute(one, "insert into t values (2, 'x')");
      Future<Integer> goesOn =
          tasks.submit(
              () -> {
                try (Statement statement = two.createStatement()) {
                  return statement.executeUpdate("insert into t values (2, 'x')");
                }
              });
      one.rollback();
      assertEquals(1, goesOn.get());
    }
  }

  @Test
  void aPreparedStatementNoticesAChangedTable() throws Exception {
    try (LocalServer server = start("n1");
        Connection one = connect(server);
        Connection two =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres&autosave=never"
                        .formatted(server.port())
                    + "&prepareThreshold=1")) {
      execute(one, "create table t (a int)", "insert into t values (1)");
      two.setAutoCommit(false);
      try (PreparedStatement select = two.prepareStatement("select * from t where a = ?")) {
        select.setInt(1, 1);
        for (int i = 0; i < 3; i++) {
          assertTrue(select.executeQuery().next());
        }
        two.commit();
        execute(one, "drop table t", "create table t (a int, b text)");
        SQLException changed = assertThrows(SQLException.class, select::executeQuery);
        assertEquals("0A000", changed.getSQLState());
        assertTrue(
            changed.getMessage().contains("cached plan must not change result type"),
            changed.getMessage());
        two.rollback();
      }
    }
  }

  @Test
  void anExpressionTooDeepIsAnErrorOfItsStatement() throws Exception {
    try (LocalServer server = start("n1");
        Connection connection = connect(server)) {
      String sum = "select 1" + "+1".repeat(30_000);
      assertEquals("54001", stateOf(connection, sum));
      assertEquals("5", query(connection, "select 5"));
    }
  }
}
