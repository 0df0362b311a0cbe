package phaistos.cluster.processes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.ImageKind;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.OneValue;
import phaistos.cluster.fuse.FuseVolumes;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.postgres.PostgresPrograms;
import phaistos.cluster.postgres.PostgresVersion;
import phaistos.environment.Task;

/** A power cut of a real PostgreSQL: what it has flushed is there, and what it has not is gone. */
@Timeout(900)
class PowerCutTest {
  private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");
  private static final NodeId NODE = new NodeId("n1");

  private static ProcessCluster start(String fsync) {
    Optional<String> missing = ProcessCluster.missing().or(FuseVolumes::missing);
    assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    assumeTrue(Files.isExecutable(PROGRAMS.resolve("postgres")), "no PostgreSQL 15 in " + PROGRAMS);
    ProcessCluster cluster =
        new ProcessCluster(
            new ClusterOptions(
                1,
                Map.of("fsync", fsync),
                OptionalLong.empty(),
                1,
                Duration.ofMinutes(4),
                PowerCutTest::rethrow),
            PostgresPrograms.in(PROGRAMS, PostgresVersion.parse("15")),
            FuseVolumes.orPlain());
    try {
      cluster.start();
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static void rethrow(Task task, Throwable failure) {
    throw new IllegalStateException("task failed: " + task, failure);
  }

  private static void insert(ProcessCluster cluster) throws SQLException {
    try (Connection connection = cluster.connect(NODE, new Properties());
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (id int)");
      statement.execute("INSERT INTO t SELECT generate_series(1, 100)");
    }
  }

  private static Optional<String> count(ProcessCluster cluster) {
    return OneValue.of(
        cluster, NODE, "SELECT count(*) FROM t", OneValue.limits(10, 60, "phaistos-test"));
  }

  @Test
  void whatWasFlushedSurvives() throws Exception {
    try (ProcessCluster cluster = start("on")) {
      insert(cluster);
      assertTrue(cluster.crash(NODE, CrashMode.ALL_LOST, 1).unsyncedBytesLost() > 0);
      assertTrue(cluster.restart(NODE).recovered());
      assertEquals(Optional.of("100"), count(cluster));
      cluster.kill(NODE);
      assertEquals(8192, cluster.image(NODE, ImageKind.SYNCED_ONLY).size("global/pg_control"));
    }
  }

  @Test
  void withoutFsyncCommitsAreLost() throws Exception {
    try (ProcessCluster cluster = start("off")) {
      insert(cluster);
      cluster.crash(NODE, CrashMode.ALL_LOST, 1);
      try {
        cluster.restart(NODE);
      } catch (ClusterException e) {
        return; // it does not even start
      }
      assertNotEquals(Optional.of("100"), count(cluster));
    }
  }
}
