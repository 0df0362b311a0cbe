package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SQL against PostgreSQL 15. Generated statements go to both servers where there is a real one; a
 * table of PostgreSQL's answers is compared always. With {@code -Dphaistos.sql.write=true} the
 * table is made anew; {@code -Dphaistos.sql.statements} and {@code -Dphaistos.sql.seed} give the
 * number of generated statements and their seed.
 *
 * <p>A statement that our server refuses with 0A000 is no difference: it says that it cannot.
 */
@Timeout(600)
class SqlDifferenceTest {
  private static final Path TABLE = Path.of("src/test/resources/sql/answers.txt");
  private static final Pattern TABLES = Pattern.compile("\\bt\\d+\\b");

  /** A new seed may find what nobody has seen; that is for the long form, not for every build. */
  private static final long CI_SEED = 2;

  private static final long TABLE_SEED = 15;
  private static final int TABLE_STATEMENTS = 3_000;

  @TempDir private Path folder;

  private static List<String> generated(long seed, int count) {
    SqlStatements statements = new SqlStatements(seed);
    List<String> all = new ArrayList<>();
    while (all.size() < count) {
      if (all.size() % 4 == 0) {
        all.addAll(statements.script(all.size()));
      } else {
        all.add(statements.select());
      }
    }
    return all;
  }

  private static boolean isUnsupported(String answer) {
    return answer.startsWith("0A000 ") && answer.contains("is not supported by this server");
  }

  /** What differs; fails if too much is not supported. */
  private static String differences(List<String[]> answered, SqlAnswers ours) {
    StringBuilder out = new StringBuilder();
    int unsupported = 0;
    Set<String> tainted = new HashSet<>();
    for (String[] pair : answered) {
      Matcher table = TABLES.matcher(pair[0]);
      String name = table.find() ? table.group() : "";
      String mine = ours.of(pair[0]);
      if (tainted.contains(name) || isUnsupported(mine) && !name.isEmpty()) {
        // the table has no longer the same rows on both
        tainted.add(name);
        continue;
      }
      if (pair[1].contains("json") || pair[1].contains("cannot delete from scalar")) {
        // PostgreSQL has chosen an operator of a type that this server does not have
        continue;
      }
      if (isUnsupported(mine)) {
        unsupported++;
      } else if (!mine.equals(pair[1])) {
        out.append("\n%s\n  PostgreSQL: %s\n  ours:       %s".formatted(pair[0], pair[1], mine));
      }
    }
    assertTrue(
        unsupported <= answered.size() / 20,
        unsupported + " of " + answered.size() + " statements are not supported");
    return out.toString();
  }

  @Test
  void generatedStatementsHaveTheSameAnswers() throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    long seed = Long.getLong("phaistos.sql.seed", CI_SEED);
    int count = Integer.getInteger("phaistos.sql.statements", 1_500);
    System.out.println("-Dphaistos.sql.seed=" + seed + " -Dphaistos.sql.statements=" + count);
    List<String[]> answered = new ArrayList<>();
    withPostgres(theirs -> generated(seed, count).forEach(s -> answered.add(answer(s, theirs))));
    assertEquals("", compared(answered), "-Dphaistos.sql.seed=" + seed);
  }

  private static String[] answer(String sql, SqlAnswers server) {
    return new String[] {sql, server.of(sql)};
  }

  private String compared(List<String[]> answered) throws Exception {
    try (LocalServer server = LocalServer.start(folder);
        SqlAnswers ours = new SqlAnswers(server.port())) {
      return differences(answered, ours);
    }
  }

  private interface Use {
    void of(SqlAnswers theirs) throws IOException;
  }

  private static void withPostgres(Use use) throws Exception {
    Path home = RealPostgres.createFolder();
    int port = RealPostgres.freePort();
    try (RealPostgres real = new RealPostgres("sql", home, port)) {
      real.initialize();
      real.start();
      try (SqlAnswers theirs = new SqlAnswers(port)) {
        use.of(theirs);
      }
    } finally {
      RealPostgres.deleteFolder(home);
    }
  }

  @Test
  void theTableOfPostgresAnswersHolds() throws Exception {
    if (Boolean.getBoolean("phaistos.sql.write")) {
      write();
    }
    List<String[]> answered = new ArrayList<>();
    for (String line : Files.readAllLines(TABLE)) {
      answered.add(line.split("\t", 2));
    }
    assertTrue(answered.size() >= TABLE_STATEMENTS, "statements: " + answered.size());
    assertEquals("", compared(answered));
  }

  private static void write() throws Exception {
    List<String> statements =
        new ArrayList<>(Files.readAllLines(TABLE.resolveSibling("written.sql")));
    statements.removeIf(String::isBlank);
    statements.addAll(generated(TABLE_SEED, TABLE_STATEMENTS));
    withPostgres(
        theirs -> {
          List<String> lines = new ArrayList<>();
          statements.forEach(sql -> lines.add(sql + "\t" + theirs.of(sql)));
          Files.write(TABLE, lines);
        });
  }
}
