package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import phaistos.server.Server;

/**
 * The values of a serial column over crashes, checkpoints, a clean stop and VACUUM: those of
 * PostgreSQL 15, which gives none out twice.
 */
@Timeout(300)
class SequenceValuesTest {
  private static final List<Long> VALUES_OF_POSTGRES = List.of(11L, 12L, 34L, 35L, 68L, 69L, 70L);

  /** A server of either kind. */
  private interface Node {
    int port();

    void crash() throws Exception;

    void restart() throws Exception;
  }

  private static void execute(Node node, String sql) throws SQLException {
    try (Connection connection = connect(node);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection connect(Node node) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:%d/postgres?user=postgres&socketTimeout=30"
            .formatted(node.port()));
  }

  private static long insert(Node node, boolean commit) throws SQLException {
    try (Connection connection = connect(node);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      long value;
      try (ResultSet rows = statement.executeQuery("insert into t(v) values (1) returning id")) {
        rows.next();
        value = rows.getLong(1);
      }
      if (commit) {
        connection.commit();
      } else {
        connection.rollback();
      }
      return value;
    }
  }

  private static List<Long> values(Node node) throws Exception {
    List<Long> values = new ArrayList<>();
    execute(node, "create table t(id serial primary key, v int)");
    execute(node, "insert into t(v) select 1 from generate_series(1, 10)");
    execute(node, "delete from t");
    execute(node, "vacuum t");
    values.add(insert(node, true));
    values.add(insert(node, false));
    node.crash();
    values.add(insert(node, true));
    execute(node, "checkpoint");
    values.add(insert(node, true));
    node.crash();
    values.add(insert(node, true));
    node.restart();
    values.add(insert(node, true));
    execute(node, "truncate t");
    values.add(insert(node, true));
    return values;
  }

  @Test
  void noValueIsGivenOutTwice(@TempDir Path folder) throws Exception {
    LocalServer[] server = {LocalServer.start(folder)};
    try {
      Node ours =
          new Node() {
            @Override
            public int port() {
              return server[0].port();
            }

            @Override
            public void crash() throws Exception {
              server[0].server().shutdown(Server.ShutdownMode.IMMEDIATE);
              restart();
            }

            @Override
            public void restart() throws Exception {
              server[0].close();
              server[0] = LocalServer.restart(folder);
            }
          };
      assertEquals(VALUES_OF_POSTGRES, values(ours));
    } finally {
      server[0].close();
    }
  }

  @Test
  void theValuesAreThoseOfPostgres() throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    Path home = RealPostgres.createFolder();
    int port = RealPostgres.freePort();
    try (RealPostgres real = new RealPostgres("sequence", home, port)) {
      real.initialize();
      real.start();
      Node theirs =
          new Node() {
            @Override
            public int port() {
              return port;
            }

            @Override
            public void crash() throws Exception {
              real.kill();
              real.start();
            }

            @Override
            public void restart() throws Exception {
              real.stop();
              real.start();
            }
          };
      assertEquals(VALUES_OF_POSTGRES, values(theirs));
    } finally {
      RealPostgres.deleteFolder(home);
    }
  }
}
