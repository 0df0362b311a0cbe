package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** What people type beside SQL: psql's descriptions, pgjdbc's metadata, pgbench, COPY. */
@Timeout(180)
class SqlToolsTest {
  private static final int PORT = 15657;

  @TempDir private Path folder;

  private static final List<String> TABLES =
      List.of(
          "create table t (k int primary key, a text not null default 'x', b numeric(5,2)"
              + " default 1.5 check (b > 0), s serial, c char(4) unique, ts timestamptz default"
              + " now(), v varchar(10) default 'y', f float8 default -1, d date, n int default 1"
              + " + 2, check (k > 1 and (v <> 'a' or k = n)))",
          "create table kinds (a bool, b int2, c int8, d float4, e float8, f numeric, g text,"
              + " h char, i varchar, j date, k timestamp, l timestamptz, m interval, n oid,"
              + " o pg_lsn, p bigserial, q text default case when 1 = 1 then 'x' end,"
              + " primary key (c, b))",
          "create table \"Two Words\" (\"A b\" bigint, x bool default true, unique (x, \"A b\"))",
          "create index t_va on t (v, a)",
          "create unique index on t (d)",
          "create function twice(n int) returns int language sql as 'select 2 * n'");

  private static final List<String> DESCRIPTIONS =
      List.of(
          "\\d",
          "\\dt",
          "\\di",
          "\\ds",
          "\\du",
          "\\dn",
          "\\df",
          "\\d t",
          "\\d+ t",
          "\\d \"Two Words\"",
          "\\d t_va",
          "\\d nothing",
          "\\dv");

  private static String run(int port, String program, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                RealPostgres.BIN.resolve(program).toString(),
                "-h",
                "127.0.0.1",
                "-U",
                "postgres",
                "-p",
                Integer.toString(port)));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PSQL_PAGER", "");
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output + "exit " + process.waitFor();
  }

  private static String psql(int port, String command) throws Exception {
    return "== " + command + "\n" + run(port, "psql", "-X", "-c", command);
  }

  private static String descriptions(int port) throws Exception {
    StringBuilder out = new StringBuilder();
    for (String sql : TABLES) {
      out.append(psql(port, sql)).append('\n');
    }
    for (String command : DESCRIPTIONS) {
      out.append(psql(port, command)).append('\n');
    }
    String list = run(port, "psql", "-X", "-At", "-c", "\\l");
    return out.append(list.lines().filter(line -> line.startsWith("postgres|")).toList())
        .append('\n')
        .append(String.join("\n", metadata(port)))
        .toString();
  }

  private static List<String> metadata(int port) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = connect(port)) {
      DatabaseMetaData data = connection.getMetaData();
      add(rows, data.getTables(null, "public", "%", null));
      add(rows, data.getTables(null, null, "t", new String[] {"TABLE"}));
      add(rows, data.getColumns(null, "public", "%", "%"));
      add(rows, data.getPrimaryKeys(null, "public", "t"));
      add(rows, data.getPrimaryKeys(null, null, "kinds"));
      add(rows, data.getIndexInfo(null, "public", "t", false, false));
      add(rows, data.getIndexInfo(null, null, "kinds", true, false));
      add(rows, data.getImportedKeys(null, null, "t"));
      add(rows, data.getExportedKeys(null, null, "t"));
      add(rows, data.getBestRowIdentifier(null, null, "t", 0, false));
      add(rows, data.getVersionColumns(null, null, "t"));
      add(rows, data.getSchemas());
      columns(rows, connection);
    }
    return rows;
  }

  /** Of which table's columns a result is, and a row that is changed through it. */
  private static void columns(List<String> rows, Connection connection) throws SQLException {
    try (Statement statement =
        connection.createStatement(ResultSet.TYPE_SCROLL_SENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
      statement.execute("insert into t (k, a, b, d) values (3, 'a', 2, '2020-01-01')");
      ResultSet changed = statement.executeQuery("select k, a as x, b from t");
      ResultSetMetaData columns = changed.getMetaData();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        rows.add(
            "%s.%s %s %s %s"
                .formatted(
                    columns.getTableName(i),
                    columns.getColumnName(i),
                    columns.isNullable(i),
                    columns.isAutoIncrement(i),
                    columns.getColumnTypeName(i)));
      }
      changed.next();
      changed.updateBigDecimal(3, new java.math.BigDecimal("7.25"));
      changed.updateRow();
      add(rows, statement.executeQuery("select k, b, s from t"));
    }
  }

  private static void add(List<String> rows, ResultSet result) throws SQLException {
    while (result.next()) {
      StringBuilder row = new StringBuilder();
      for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
        row.append(result.getMetaData().getColumnName(i)).append('=');
        row.append(result.getString(i)).append(' ');
      }
      rows.add(row.toString());
    }
  }

  private static Connection connect(int port) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres&socketTimeout=30".formatted(port));
  }

  @Test
  void psqlAndPgjdbcDescribeTheSame() throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    Path home = RealPostgres.createFolder();
    try (RealPostgres real = new RealPostgres("tools", home, PORT);
        LocalServer ours = LocalServer.start(folder)) {
      real.initialize();
      real.start();
      assertEquals(descriptions(PORT), descriptions(ours.port()));
    } finally {
      RealPostgres.deleteFolder(home);
    }
  }

  @Test
  void pgbenchRunsItsScriptsInEveryMode() throws Exception {
    assumeTrue(
        Files.isExecutable(RealPostgres.BIN.resolve("pgbench")), "no pgbench of PostgreSQL 15");
    try (LocalServer ours = LocalServer.start(folder)) {
      String made = run(ours.port(), "pgbench", "-i", "-q", "postgres");
      assertTrue(made.endsWith("exit 0") && made.contains("done in"), made);
      for (String script : List.of("tpcb-like", "simple-update", "select-only")) {
        for (String mode : List.of("simple", "extended", "prepared")) {
          String output =
              run(
                  ours.port(),
                  "pgbench",
                  "-n",
                  "-b",
                  script,
                  "-M",
                  mode,
                  "-c",
                  "2",
                  "-t",
                  "10",
                  "postgres");
          assertTrue(
              output.contains("processed: 20/20") && output.contains("failed transactions: 0 "),
              script + " " + mode + ": " + output);
          assertTrue(!output.contains("rror"), output);
        }
      }
      try (Connection connection = connect(ours.port());
          var statement = connection.createStatement();
          ResultSet sums =
              statement.executeQuery(
                  "select (select sum(abalance) from pgbench_accounts), (select sum(delta) from"
                      + " pgbench_history), (select sum(tbalance) from pgbench_tellers), (select"
                      + " sum(bbalance) from pgbench_branches), count(*) from"
                      + " pgbench_accounts")) {
        sums.next();
        assertEquals(sums.getString(2), sums.getString(1));
        assertEquals(sums.getString(4), sums.getString(3));
        assertEquals(100_000, sums.getInt(5));
      }
    }
  }

  @Test
  void copiesRowsInAndOut() throws Exception {
    try (LocalServer ours = LocalServer.start(folder);
        Connection connection = connect(ours.port());
        var statement = connection.createStatement()) {
      statement.execute("create table c (k int primary key, a text, b char(3) default 'xyz')");
      var copies = connection.unwrap(PGConnection.class).getCopyAPI();
      String data = "1\ta\\tb\\\\\n2\t\\N\n3\t\n";
      var in = new java.io.StringReader(data);
      assertEquals(3, copies.copyIn("copy c (k, a) from stdin", in));
      var out = new java.io.StringWriter();
      assertEquals(3, copies.copyOut("copy c to stdout", out));
      assertEquals("1\ta\\tb\\\\\txyz\n2\t\\N\txyz\n3\t\txyz\n", out.toString());
      for (String wrong : List.of("4", "4\ta\tb\tc\td", "x\ta\tb", "1\ta\tb")) {
        String state =
            org.junit.jupiter.api.Assertions.assertThrows(
                    SQLException.class,
                    () ->
                        copies.copyIn("copy c from stdin", new java.io.StringReader(wrong + "\n")))
                .getSQLState();
        assertTrue(List.of("22P04", "22P02", "23505").contains(state), state);
      }
      ResultSet count = statement.executeQuery("select count(*) from c");
      count.next();
      assertEquals(3, count.getInt(1));
    }
  }
}
