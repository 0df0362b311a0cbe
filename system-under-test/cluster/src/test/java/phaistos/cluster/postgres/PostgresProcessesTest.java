package phaistos.cluster.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.cluster.ServerProcesses.Role;

/** The titles of PostgreSQL's child processes, as versions 13 to 18 set them. */
class PostgresProcessesTest {
  private static List<Role> roles(String title) {
    return Arrays.stream(Role.values())
        .filter(role -> PostgresProcesses.hasRole(title, role))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "postgres: startup recovering 000000010000000000000003, STARTUP",
    "postgres: startup, STARTUP",
    "postgres: checkpointer, CHECKPOINTER",
    "postgres: background writer, BACKGROUND_WRITER",
    "postgres: walwriter, WALWRITER",
    "postgres: walsender postgres 127.0.0.1(46232) streaming 0/3000148, WALSENDER",
    "postgres: walreceiver streaming 0/3000148, WALRECEIVER",
    "postgres: walreceiver, WALRECEIVER",
    "postgres: postgres postgres 127.0.0.1(50604) idle in transaction, BACKEND",
    "postgres: app shop ::1(50604) INSERT waiting for 0/15CAF28, BACKEND",
  })
  void aTitleHasOneRole(String title, Role role) {
    assertEquals(List.of(role), roles(title));
  }

  @Test
  void otherProcessesHaveNone() {
    for (String title :
        List.of(
            "postgres: autovacuum launcher",
            "postgres: autovacuum worker postgres",
            "postgres: logical replication launcher",
            "postgres: io worker 0",
            "/usr/lib/postgresql/15/bin/postgres -D /tmp/x",
            "")) {
      assertEquals(List.of(), roles(title), title);
    }
  }
}
