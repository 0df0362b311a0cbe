package phaistos.runner.museum;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.Stream;
import phaistos.cluster.OneValue;
import phaistos.cluster.OperatorActs;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.machine.Pause;
import phaistos.formats.DataDirectory;

/** A cluster of one version of PostgreSQL, and the acts that exhibits share. */
final class Lab implements AutoCloseable {
  static final NodeId N1 = new NodeId("n1");
  static final NodeId N2 = new NodeId("n2");
  static final NodeId N3 = new NodeId("n3");
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Properties LIMITS = OneValue.limits(5, 30, "phaistos-museum");

  private final Cluster cluster;
  private final Function<NodeId, Path> files;

  /** Starts the nodes, the first of them as primary. */
  Lab(Place place, int nodes, long seed, Map<String, String> settings) {
    this(place, nodes, seed, settings, DataVolumes.plain());
  }

  /** The same, on such volumes. */
  Lab(Place place, int nodes, long seed, Map<String, String> settings, DataVolumes volumes) {
    ClusterOptions options = ClusterOptions.of(nodes, seed);
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      options = options.withSetting(setting.getKey(), setting.getValue());
    }
    Place.Site site = place.opener().open(options, volumes);
    cluster = site.cluster();
    files = site.files();
    try {
      cluster.start();
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  Cluster cluster() {
    return cluster;
  }

  OperatorActs acts() {
    return cluster.operatorActs().orElseThrow();
  }

  /** The data directory of a node. */
  Path files(NodeId node) {
    return files.apply(node);
  }

  /** The files of a node that is down, as they are. */
  DataDirectory image(NodeId node) {
    return cluster.images().orElseThrow().image(node, Cluster.ImageKind.AS_IS);
  }

  Connection connect(NodeId node) throws SQLException {
    return cluster.connect(node, LIMITS);
  }

  /** One statement after the other, each in its own transaction. */
  void execute(NodeId node, String... statements) throws SQLException {
    try (Connection connection = connect(node);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The first value of the answer. */
  Optional<String> ask(NodeId node, String sql) {
    return OneValue.of(cluster, node, sql, LIMITS);
  }

  /** Returns false if the condition does not come true in time. */
  static boolean await(Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Pause.of(POLL);
    }
    return true;
  }

  /** Waits until a standby has replayed what a primary has written. */
  boolean awaitReplay(NodeId standby, NodeId primary, Duration limit) {
    Optional<String> goal = ask(primary, "SELECT pg_current_wal_lsn()");
    return goal.isPresent()
        && await(
            limit,
            () ->
                ask(standby, "SELECT pg_last_wal_replay_lsn() >= '" + goal.get() + "'")
                    .equals(Optional.of("t")));
  }

  /** Makes a standby that is down start without a primary. */
  void standAlone(NodeId node) {
    cluster.administration().orElseThrow().set(node, Map.of("primary_conninfo", ""));
  }

  /** Limits a stream to so many kilobytes a second; 0 takes the limit away. */
  void limitBandwidth(Stream stream, long kilobytesPerSecond) {
    cluster.slowLinks().orElseThrow().limitBandwidth(stream, kilobytesPerSecond);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
