package phaistos.server;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import phaistos.environment.Environment;
import phaistos.environment.Network.Address;
import phaistos.environment.NetworkSockets;
import phaistos.server.defects.Defects;
import phaistos.server.settings.Settings;
import phaistos.simulator.SimulatedEnvironment;
import phaistos.simulator.SimulatedWorld;

/** A primary n1 and standbys n2, n3, ... in a simulation, for tests. */
final class SimulatedNodes implements AutoCloseable {
  static final long SECOND = 1_000_000_000L;

  private static final long SYSTEM_ID = 7_000_000_000_000_000_001L;

  private final SimulatedWorld world;
  private final Environment clients;
  private final NetworkSockets sockets;
  private final TreeMap<String, Server> servers = new TreeMap<>();
  private final TreeMap<String, List<String>> logs = new TreeMap<>();

  SimulatedNodes(SimulatedWorld world) {
    this.world = world;
    this.clients = world.environment();
    this.sockets = NetworkSockets.over(clients.network());
    world.atEnd(sockets::close);
  }

  Environment clients() {
    return clients;
  }

  Server server(String node) {
    return servers.get(node);
  }

  List<String> log(String node) {
    return logs.computeIfAbsent(node, name -> new ArrayList<>());
  }

  SimulatedWorld world() {
    return world;
  }

  void initialize(String node) {
    initialize(node, InitOptions.Ids.FIRST);
  }

  void initialize(String node, InitOptions.Ids ids) {
    Server.initialize(
        world.machine(node).start(),
        InitOptions.defaults().withWalSegmentSize(1 << 20).withSystemId(SYSTEM_ID).withIds(ids));
    world.machine(node).kill();
  }

  /** Starts a node; as a standby of {@code primary} unless that is empty. */
  Server start(String node, String primary, Defects defects, String... settings) {
    SimulatedEnvironment environment = world.machine(node).start();
    Settings all =
        Settings.defaults()
            .with("listen_addresses", node)
            .with("port", "5432")
            .with("wal_retrieve_retry_interval", "500ms")
            .with("wal_receiver_timeout", "5s")
            .with("wal_sender_timeout", "5s");
    for (int i = 0; i < settings.length; i += 2) {
      all = all.with(settings[i], settings[i + 1]);
    }
    if (!primary.isEmpty()) {
      Server.makeStandby(environment);
      if (!all.isGiven("primary_conninfo")) {
        all =
            all.with(
                "primary_conninfo",
                "host=%s port=5432 application_name=%s".formatted(primary, node));
      }
    }
    List<String> log = log(node);
    Server server =
        Server.start(
            environment, all, defects, (time, severity, text) -> log.add(severity + ": " + text));
    servers.put(node, server);
    return server;
  }

  /** n1 as primary with {@code names} to wait for, and n2, n3 streaming from it. */
  void startThree(String names, Defects defects) {
    for (String node : List.of("n1", "n2", "n3")) {
      initialize(node);
    }
    start("n1", "", defects, "synchronous_standby_names", names);
    start("n2", "n1", Defects.none());
    start("n3", "n1", Defects.none());
    clients.tasks().sleep(2 * SECOND);
  }

  /**
   * @param options of the driver: name, value, name, ...
   */
  Connection connect(String node, String... options) throws SQLException {
    Properties properties = new Properties();
    for (int i = 0; i < options.length; i += 2) {
      properties.setProperty(options[i], options[i + 1]);
    }
    properties.setProperty("user", "postgres");
    properties.setProperty("socketTimeout", "5");
    return DriverManager.getConnection(
        sockets.url(List.of(new Address(node, 5432)), "postgres"), properties);
  }

  /** One value. */
  String ask(String node, String sql) {
    try (Connection connection = connect(node);
        Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return String.valueOf(statement.getUpdateCount());
      }
      StringBuilder out = new StringBuilder();
      ResultSet rows = statement.getResultSet();
      while (rows.next()) {
        out.append(out.isEmpty() ? "" : " ").append(rows.getString(1));
      }
      return out.toString();
    } catch (SQLException e) {
      return e.getSQLState() + " " + e.getMessage().lines().findFirst().orElse("");
    }
  }

  @Override
  public void close() {
    sockets.close();
  }
}
