package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How psql's {@code \d} and pgjdbc show defaults and conditions: as PostgreSQL 15 does, with its
 * casts and parentheses. The table of its answers has a definition, the pretty and the plain form
 * in each line.
 */
@Timeout(300)
class ExpressionTextTest {
  private static final Path TABLE = Path.of("src/test/resources/sql/expressions.txt");
  private static final String COLUMNS =
      "a int, b bigint, c varchar(9), d char(4), e text, f numeric, g float8, h real, i date,"
          + " j timestamptz, k bool, l int2, ";

  private static List<String> answers(int port, List<String> definitions) throws SQLException {
    List<String> answers = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(port));
        Statement statement = connection.createStatement()) {
      for (String definition : definitions) {
        boolean check = definition.startsWith("check");
        String body = check ? COLUMNS + definition : "z " + definition;
        statement.execute("create table expressions (%s)".formatted(body));
        answers.add(definition + "\t" + shown(statement, check));
        statement.execute("drop table expressions");
      }
    }
    return answers;
  }

  private static String shown(Statement statement, boolean check) throws SQLException {
    String sql =
        check
            ? "select pg_get_constraintdef(oid, true), pg_get_constraintdef(oid) from pg_constraint"
                + " where conrelid = 'expressions'::regclass"
            : "select pg_get_expr(adbin, adrelid, true), pg_get_expr(adbin, adrelid) from"
                + " pg_attrdef where adrelid = 'expressions'::regclass";
    try (ResultSet rows = statement.executeQuery(sql)) {
      return rows.next()
          ? (rows.getString(1) + "\t" + rows.getString(2)).replace("\n", "\\n")
          : "none";
    }
  }

  private static List<String> definitions() throws Exception {
    return Files.readAllLines(TABLE).stream().map(line -> line.split("\t", 2)[0]).toList();
  }

  private static void requireTable(List<String> answers) throws Exception {
    List<String> table = Files.readAllLines(TABLE);
    assertTrue(table.size() > 100, "lines: " + table.size());
    assertEquals(String.join("\n", table), String.join("\n", answers));
  }

  @Test
  void oursAreThoseOfTheTable(@TempDir Path folder) throws Exception {
    try (LocalServer server = LocalServer.start(folder)) {
      requireTable(answers(server.port(), definitions()));
    }
  }

  @Test
  void thoseOfPostgresAreThoseOfTheTable() throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    Path home = RealPostgres.createFolder();
    int port = RealPostgres.freePort();
    try (RealPostgres real = new RealPostgres("expressions", home, port)) {
      real.initialize();
      real.start();
      List<String> answers = answers(port, definitions());
      if (Boolean.getBoolean("phaistos.sql.write")) {
        Files.write(TABLE, answers);
      }
      requireTable(answers);
    } finally {
      RealPostgres.deleteFolder(home);
    }
  }
}
