package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The three ways of docs/AUDIT.md to come by a history, each against a real PostgreSQL 15 that is
 * killed and audited.
 */
class RecipesTest {
  private static final int PORT = 15_741;

  private Path folder;
  private RealPostgres a;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres.missing());
    folder = RealPostgres.createFolder();
    a = new RealPostgres("a", folder, PORT);
    a.initialize();
    a.start();
    a.execute(
        "create table orders(id text primary key, amount int);"
            + " create table parent(id int primary key);"
            + " create table child(id int references parent deferrable initially deferred);"
            + " create unlogged table scratch(n int);"
            + " insert into orders select 'old-' || g, g from generate_series(1, 20) g");
  }

  @AfterEach
  void cleanUp() throws IOException {
    if (folder != null) {
      a.close();
      RealPostgres.deleteFolder(folder);
    }
  }

  @Test
  void aHistoryComesFromTheApplicationFromOurDriverOrFromATable() throws Exception {
    Path own = folder.resolve("own.jsonl");
    Path driver = folder.resolve("driver.jsonl");
    Path table = folder.resolve("acks.csv");
    applicationRecordsItsXids(own);
    applicationRunsOverOurDriver(driver);
    acknowledgementsInATable(table);
    // what is flushed last is flushed whole
    a.execute("insert into parent values (1000000)");
    a.kill();

    assertEquals(20, audit(0, own).at("/counts/confirmed").asInt());
    JsonNode recorded = audit(0, driver);
    assertEquals(14, recorded.at("/counts/confirmed").asInt(), recorded.toString());
    assertEquals(1, recorded.at("/counts/rolled-back").asInt(), recorded.toString());
    assertEquals(20, audit(0, table).at("/counts/confirmed").asInt());

    Files.writeString(own, ack(4_000_000, "never-1"), StandardOpenOption.APPEND);
    String named = ack(4_000_000, "never-1").replace("\"xid\"", "\"process\":7,\"xid\"");
    Files.writeString(driver, named, StandardOpenOption.APPEND);
    Files.writeString(table, "4000000,never-1\n", StandardOpenOption.APPEND);
    for (Path history : new Path[] {own, driver, table}) {
      assertEquals(1, audit(1, history).at("/counts/lost").asInt());
    }
  }

  private static String ack(long xid, String marker) {
    return "{\"type\":\"ok\",\"xid\":%d,\"marker\":\"%s\"}\n".formatted(xid, marker);
  }

  /** The first recipe: docs/AUDIT.md shows these lines. */
  private void applicationRecordsItsXids(Path history) throws SQLException, IOException {
    try (Connection connection = a.connect()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < 20; i++) {
        String id = "own-" + i;
        long xid;
        try (PreparedStatement insert =
            connection.prepareStatement(
                "insert into orders values (?, 1) returning pg_current_xact_id()::text")) {
          insert.setString(1, id);
          ResultSet row = insert.executeQuery();
          row.next();
          xid = Long.parseLong(row.getString(1));
        }
        connection.commit();
        Files.writeString(
            history, ack(xid, id), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
    }
  }

  /** The second: nothing but the URL is ours; what it does leaves no marker of its own. */
  private void applicationRunsOverOurDriver(Path history) throws SQLException {
    String url =
        "jdbc:phaistos:postgresql://127.0.0.1:%d/postgres?user=postgres&phaistosHistory=%s"
            .formatted(PORT, history);
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("insert into orders values ('auto-1', 1)");
      statement.executeUpdate("delete from orders where id = 'old-1'");
      assertThrows(
          SQLException.class,
          () -> statement.executeUpdate("insert into orders values ('auto-1', 1)"));
      statement.executeQuery("select * from orders").close();
      try (PreparedStatement insert =
          connection.prepareStatement("insert into orders values (?, ?)")) {
        for (int i = 0; i < 5; i++) {
          insert.setString(1, "batch-" + i);
          insert.setInt(2, i);
          insert.addBatch();
        }
        insert.executeBatch();
      }
      assertTrue(connection.getAutoCommit());
      connection.setAutoCommit(false);
      for (int i = 2; i < 11; i++) {
        statement.executeUpdate(
            "update orders set amount = amount + 1 where id = 'old-%d'".formatted(i));
        connection.commit();
      }
      statement.executeUpdate("insert into orders values ('gone-1', 1)");
      connection.rollback();
      statement.executeUpdate("insert into scratch values (1)");
      statement.execute("commit");
      statement.executeUpdate("insert into child values (17)");
      assertThrows(SQLException.class, connection::commit);
      statement.executeUpdate("insert into orders values ('last-1', 1)");
      connection.setAutoCommit(true);
    }
  }

  /** The third: a table of what was acknowledged, from whatever wrote it. */
  private void acknowledgementsInATable(Path history) throws SQLException, IOException {
    StringBuilder lines = new StringBuilder("xid,marker\n");
    for (int i = 0; i < 20; i++) {
      String xid =
          a.query(
              "insert into orders values ('csv-%d', 2) returning pg_current_xact_id()::text"
                  .formatted(i));
      lines.append(xid).append(",csv-").append(i).append('\n');
    }
    Files.writeString(history, lines);
  }

  private JsonNode audit(int expected, Path history) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Phaistos.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(
                "audit",
                "--history",
                history.toString(),
                "--primary",
                "a=" + a.data(),
                "--synchronous-commit",
                "local",
                "--standby-names",
                "",
                "--json");
    assertEquals(expected, exit, () -> err + out.toString());
    return new ObjectMapper().readTree(out.toString());
  }
}
