package phaistos.runner.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.Links;
import phaistos.cluster.containers.ContainerCluster;
import phaistos.cluster.containers.ContainerEngine;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;
import phaistos.nemesis.ClusterNemesis;
import phaistos.nemesis.Nemesis;
import phaistos.nemesis.Operator;
import phaistos.nemesis.Schedule;

/** Three of our servers in containers, the real Toxiproxy between them; one story in order. */
@TestMethodOrder(OrderAnnotation.class)
@Tag("slow")
class ContainerClusterTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final NodeId N3 = new NodeId("n3");
  private static ContainerCluster cluster;

  @BeforeAll
  static void start() {
    Optional<String> missing = ContainerEngine.missing();
    assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    cluster =
        new ContainerCluster(
            ClusterOptions.of(3, 1).withSetting("synchronous_standby_names", "ANY 1 (n1, n2, n3)"));
    cluster.start();
    execute(N1, "CREATE TABLE story (id int PRIMARY KEY, chapter text)");
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Order(1)
  void standbysStreamAndRefuseWrites() {
    execute(N1, "INSERT INTO story VALUES (1, 'streaming')");
    awaitRow(N2, 1);
    awaitRow(N3, 1);
    SQLException refused = assertThrows(SQLException.class, () -> insert(N2, 2, "on a standby"));
    assertEquals("25006", refused.getSQLState());
  }

  @Test
  @Order(2)
  void everyLinkHasCarriedBytesOfBothStreams() {
    for (Stream stream : links().streams()) {
      assertTrue(links().traffic(stream).delivered() > 0, stream::toString);
    }
  }

  @Test
  @Order(3)
  void aCutOffStandbyMissesARowAndGetsItWhenHealed() {
    Stream data = new Stream(Optional.of(N2), N1, false);
    long before = links().traffic(data).stopped();
    links().cut(data);
    execute(N1, "INSERT INTO story VALUES (3, 'n3 alone acknowledges')");
    awaitRow(N3, 3);
    assertTrue(!hasRow(N2, 3));
    links().heal(data);
    assertTrue(links().traffic(data).stopped() > before);
    awaitRow(N2, 3);
  }

  /** Two cuts on the links of n2, and n3 paused twice: each ends with the last that holds it. */
  @Test
  @Order(4)
  void overlappingFaultsComposeAndEachIsMeasured() {
    Nemesis nemesis =
        new ClusterNemesis(cluster, new Operator(cluster, 1, 1), 1)
            .scheduled(new Schedule(List.of()), 1)
            .nemesis();
    act(nemesis, "partition", ":handle \"all\" :shape :isolate-primary");
    act(nemesis, "partition", ":handle \"link\" :shape :one-link :node \"n2\"");
    act(nemesis, "pause", ":handle \"p1\" :target [\"n3\"]");
    act(nemesis, "pause", ":handle \"p2\" :target [\"n3\"]");
    act(nemesis, "heal", ":handle \"all\"");
    act(nemesis, "resume", ":handle \"p1\"");
    assertEquals(NodeState.PAUSED, cluster.state(N3));
    assertTrue(act(nemesis, "resume", ":handle \"p2\"").contains(":handle \"p2\""));
    assertEquals(NodeState.UP, cluster.state(N3));
    execute(N1, "INSERT INTO story VALUES (30, 'n2 is still cut off')");
    awaitRow(N3, 30);
    assertTrue(!hasRow(N2, 30));
    String healed = act(nemesis, "heal", ":handle \"link\"");
    assertTrue(healed.contains(":handle \"all\", :effective true"), healed);
    assertTrue(healed.contains(":handle \"link\", :effective true"), healed);
    awaitRow(N2, 30);
  }

  private static String act(Nemesis nemesis, String function, String value) {
    try {
      Edn table = new EdnReader(new StringReader("{" + value + "}"), "test").next().orElseThrow();
      return EdnWriter.print(nemesis.invoke(new UntypedCall(Edn.keyword(function), table)).value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @Order(5)
  void aKilledStandbyRecoversAndCatchesUp() {
    cluster.kill(N3);
    assertEquals(NodeState.DOWN, cluster.state(N3));
    execute(N1, "INSERT INTO story VALUES (4, 'without n3')");
    assertTrue(cluster.restart(N3).recovered());
    awaitRow(N3, 4);
  }

  @Test
  @Order(6)
  void aStandbyTakesOverAndTheFormerPrimaryRejoins() {
    cluster.kill(N1);
    cluster.promote(N2);
    assertEquals(N2, cluster.primary());
    cluster.follow(N3, N2);
    execute(N2, "INSERT INTO story VALUES (5, 'on timeline 2')");
    awaitRow(N3, 5);
    cluster.rejoin(N1, N2);
    awaitRow(N1, 5);
    assertTrue(hasRow(N1, 4));
  }

  @Test
  @Order(7)
  void allDieAtOnceAndTheFlushedCommitsAreThere() {
    execute(N2, "INSERT INTO story VALUES (6, 'before the end')");
    cluster.killAll();
    for (NodeId node : cluster.nodes()) {
      assertEquals(NodeState.DOWN, cluster.state(node));
    }
    cluster.restart(N2);
    assertTrue(hasRow(N2, 6));
  }

  private static Links links() {
    return cluster.links().orElseThrow();
  }

  private static void execute(NodeId node, String sql) {
    try (Connection connection = cluster.connect(node, impatient());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(node + ": " + sql + "\n" + String.join("\n", cluster.log(node)), e);
    }
  }

  private static void insert(NodeId node, int id, String chapter) throws SQLException {
    try (Connection connection = cluster.connect(node, impatient());
        Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO story VALUES (%d, '%s')".formatted(id, chapter));
    }
  }

  private static boolean hasRow(NodeId node, int id) {
    List<Integer> found = new ArrayList<>();
    try (Connection connection = cluster.connect(node, impatient());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT id FROM story WHERE id = " + id)) {
      while (rows.next()) {
        found.add(rows.getInt(1));
      }
    } catch (SQLException e) {
      return false;
    }
    return found.equals(List.of(id));
  }

  private static void awaitRow(NodeId node, int id) {
    try {
      Awaitility.await(node + " has row " + id)
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> hasRow(node, id));
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "%s has no row %d%nreplication: %s%nits log:%n%s"
              .formatted(node, id, replication(), String.join("\n", cluster.log(node))),
          e);
    }
  }

  /** What the primary says about its standbys. */
  private static List<String> replication() {
    List<String> lines = new ArrayList<>();
    try (Connection connection = cluster.connect(cluster.primary(), impatient());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM pg_stat_replication")) {
      while (rows.next()) {
        StringBuilder line = new StringBuilder();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          line.append(rows.getMetaData().getColumnName(i)).append('=');
          line.append(rows.getString(i)).append(' ');
        }
        lines.add(line.toString());
      }
    } catch (SQLException e) {
      lines.add(e.getMessage());
    }
    return lines;
  }

  private static Properties impatient() {
    Properties properties = new Properties();
    properties.put("connectTimeout", "5");
    properties.put("socketTimeout", "20");
    return properties;
  }
}
