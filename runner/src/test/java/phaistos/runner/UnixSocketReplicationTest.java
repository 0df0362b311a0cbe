package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.server.settings.Settings;

/** A standby that streams from its primary through a Unix socket. */
@Timeout(120)
class UnixSocketReplicationTest {
  private static String ask(int port, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(port));
        var statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return "";
      }
      ResultSet rows = statement.getResultSet();
      return rows.next() ? rows.getString(1) : "";
    }
  }

  /** The commit's answer shows that the standby has applied it. */
  @Test
  void aSynchronousStandbyNeedsNoTcp(@TempDir Path folder) throws Exception {
    Settings primary =
        Settings.defaults()
            .with("unix_socket_directories", folder.toString())
            .with("synchronous_standby_names", "standby")
            .with("synchronous_commit", "remote_apply");
    try (LocalServer n1 = LocalServer.start(folder.resolve("n1"), "", primary);
        LocalServer n2 =
            LocalServer.start(
                folder.resolve("n2"),
                "host=%s port=%d application_name=standby".formatted(folder, n1.port()),
                Settings.defaults())) {
      ask(n1.port(), "create table t(id int)");
      ask(n1.port(), "insert into t values (42)");
      assertEquals("42", ask(n2.port(), "select id from t"));
      // as PostgreSQL shows a client of a Unix socket
      assertEquals(
          "true -1",
          ask(
              n1.port(),
              "select (client_addr is null)::text || ' ' || client_port"
                  + " from pg_stat_replication"));
    }
  }
}
