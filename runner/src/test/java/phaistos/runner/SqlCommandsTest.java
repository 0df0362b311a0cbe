package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The SQL commands of PostgreSQL 15's reference, and clauses of some: each works, or is refused
 * with 0A000 and its name. A table in the repository has an example of each; where there is a real
 * PostgreSQL it must take the example for SQL.
 */
@Timeout(300)
class SqlCommandsTest {
  private static final Path TABLE = Path.of("src/test/resources/sql/commands.txt");

  private record Line(String wanted, String sql) {
    static List<Line> all() throws Exception {
      List<Line> lines = new ArrayList<>();
      for (String line : Files.readAllLines(TABLE)) {
        String[] parts = line.split("\t", 2);
        lines.add(new Line(parts[0], parts[1].replace("\\n", "\n")));
      }
      return lines;
    }
  }

  private static Connection connect(int port) throws SQLException {
    return DriverManager.getConnection(
        ("jdbc:postgresql://localhost:%d/postgres?user=postgres&preferQueryMode=simple"
                + "&socketTimeout=30")
            .formatted(port));
  }

  private static void prepare(int port) throws SQLException {
    try (Connection connection = connect(port);
        Statement statement = connection.createStatement()) {
      statement.execute("create table t(id int primary key, v int)");
      statement.execute("create table t2(id int)");
    }
  }

  /** "works", or SQLSTATE and message. */
  private static String answer(int port, String sql) throws SQLException {
    try (Connection connection = connect(port);
        Statement statement = connection.createStatement()) {
      try {
        statement.execute(sql);
        return "works";
      } catch (SQLException e) {
        return e.getSQLState() + " " + e.getMessage().lines().findFirst().orElse("");
      }
    }
  }

  @Test
  void eachWorksOrIsRefusedByItsName(@TempDir Path folder) throws Exception {
    List<Line> lines = Line.all();
    List<String> wrong = new ArrayList<>();
    try (LocalServer server = LocalServer.start(folder)) {
      prepare(server.port());
      for (Line line : lines) {
        String wanted =
            line.wanted.equals("works")
                ? "works"
                : "0A000 ERROR: %s is not supported by this server".formatted(line.wanted);
        String answer = answer(server.port(), line.sql);
        if (!answer.equals(wanted)) {
          wrong.add("%s%n  wanted: %s%n  is:     %s".formatted(line.sql, wanted, answer));
        }
      }
    }
    assertEquals("", String.join("\n", wrong));
    assertTrue(lines.size() > 250, "lines: " + lines.size());
  }

  @Test
  @Tag("slow")
  void postgresTakesEachForSql() throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    List<String> wrong = new ArrayList<>();
    Path home = RealPostgres.createFolder();
    int port = RealPostgres.freePort();
    try (RealPostgres real = new RealPostgres("commands", home, port)) {
      real.initialize();
      real.start();
      prepare(port);
      for (Line line : Line.all()) {
        String answer = answer(port, line.sql);
        if (answer.startsWith("42601")) {
          wrong.add(line.sql + ": " + answer);
        }
      }
    } finally {
      RealPostgres.deleteFolder(home);
    }
    assertEquals("", String.join("\n", wrong));
  }
}
