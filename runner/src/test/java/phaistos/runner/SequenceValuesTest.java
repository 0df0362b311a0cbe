package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.server.Server;

/**
 * The values of a serial column over crashes, checkpoints, a clean stop, VACUUM and a promotion:
 * those of PostgreSQL 15, which gives none out twice.
 */
@Timeout(300)
class SequenceValuesTest {
  private static final List<Long> VALUES_OF_POSTGRES = List.of(11L, 12L, 34L, 35L, 68L, 69L, 70L);
  private static final List<Long> BEHIND_A_PROMOTION = List.of(40L, 41L, 67L, 68L);
  private static final String REPLAYED =
      "select pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint";

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

  /**
   * Values before a promotion, with the last one rolled back, and behind it: on the old primary's
   * standby, which learns of values 32 ahead.
   */
  private static List<Long> promoted(Node primary, Node standby) throws Exception {
    execute(primary, "create table t(id serial primary key, v int)");
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      values.add(insert(primary, true));
    }
    values.add(insert(primary, false));
    long replayed = flushed(primary);
    Awaitility.await("the standby's replay")
        .atMost(Duration.ofMinutes(2))
        .until(() -> number(standby, REPLAYED) >= replayed);
    execute(standby, "select pg_promote()");
    values.add(insert(standby, true));
    values.add(insert(standby, true));
    return values.subList(values.size() - 4, values.size());
  }

  private static long flushed(Node node) throws SQLException {
    // the values of a transaction that was rolled back are in the WAL, but need not be flushed
    execute(node, "insert into t values (0, 0)");
    return number(node, "select pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint");
  }

  private static long number(Node node, String sql) throws SQLException {
    try (Connection connection = connect(node);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** A server that is neither crashed nor started again. */
  private static Node running(int port) {
    return new Node() {
      @Override
      public int port() {
        return port;
      }

      @Override
      public void crash() {
        throw new UnsupportedOperationException();
      }

      @Override
      public void restart() {
        throw new UnsupportedOperationException();
      }
    };
  }

  @Test
  void aPromotedStandbyGivesNoValueOutAgain(@TempDir Path folder) throws Exception {
    try (LocalServer primary = LocalServer.start(folder.resolve("n1"));
        LocalServer standby = LocalServer.standby(folder.resolve("n2"), primary.port())) {
      assertEquals(BEHIND_A_PROMOTION, promoted(running(primary.port()), running(standby.port())));
    }
  }

  @Test
  void theValuesBehindAPromotionAreThoseOfPostgres() throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    Path home = RealPostgres.createFolder();
    try (RealPostgres primary = new RealPostgres("n1", home, RealPostgres.freePort());
        RealPostgres standby = new RealPostgres("n2", home, RealPostgres.freePort())) {
      primary.initialize();
      primary.start();
      standby.copyFrom(primary);
      standby.start();
      assertEquals(BEHIND_A_PROMOTION, promoted(running(primary.port()), running(standby.port())));
    } finally {
      RealPostgres.deleteFolder(home);
    }
  }
}
