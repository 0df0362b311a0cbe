package phaistos.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.Environment;
import phaistos.environment.Network.Address;
import phaistos.environment.NetworkSocketFactory;
import phaistos.environment.NetworkSockets;
import phaistos.environment.Task;

@Timeout(120)
class JdbcInSimulationTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Address SERVER = new Address("n1", 5432);

  private static String query(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT 1")) {
      result.next();
      return result.getString(1);
    }
  }

  /** Ten clients, ten queries each: who was answered when. */
  private static List<String> tenClients(SimulatedWorld world) {
    TinyWireServer.serve(world.machine("n1").start(), SERVER);
    Environment clients = world.environment();
    clients.tasks().sleep(SECOND);
    List<String> answers = new ArrayList<>();
    List<Task> tasks = new ArrayList<>();
    try (NetworkSockets sockets = NetworkSockets.over(clients.network())) {
      String url = sockets.url(List.of(SERVER), "postgres");
      for (int i = 0; i < 10; i++) {
        int number = i;
        tasks.add(
            clients
                .tasks()
                .spawn(
                    "client-" + i,
                    () -> {
                      try (Connection connection =
                          DriverManager.getConnection(url, "phaistos", "")) {
                        for (int round = 0; round < 10; round++) {
                          answers.add(number + ":" + query(connection));
                        }
                      } catch (SQLException thrown) {
                        throw new IllegalStateException(thrown);
                      }
                    }));
      }
      tasks.forEach(Task::join);
    }
    return answers;
  }

  @Test
  void tenClientsOfTheRealDriverRunInTheOrderThatTheSeedGives() {
    Set<List<String>> orders = new HashSet<>();
    for (long seed = 1; seed <= 10; seed++) {
      SimulationOptions options = SimulationOptions.seed(seed);
      var first = Simulation.run(options, JdbcInSimulationTest::tenClients);
      var second = Simulation.run(options, JdbcInSimulationTest::tenClients);
      assertEquals(100, first.valueOrThrow().size());
      assertEquals(first, second, "seed=" + seed);
      orders.add(first.valueOrThrow());
    }
    assertEquals(10, orders.size());
  }

  /** The driver takes off its connectTimeout how long it took on the machine's clock until then. */
  @Test
  void theMachinesClockDoesNotShortenTheTimeToConnect() {
    var result =
        Simulation.run(
            SimulationOptions.seed(1),
            world -> {
              Environment clients = world.environment();
              world.machine("n1");
              world.network().link(SimulatedWorld.ROOT, "n1").cut();
              NetworkSockets sockets = NetworkSockets.over(clients.network());
              world.atEnd(sockets::close);
              Properties driver = sockets.properties();
              driver.setProperty("connectTimeout", "7");
              Socket slow = new NetworkSocketFactory(driver).createSocket();
              long before = clients.clock().monotonicNanos();
              assertThrows(
                  IOException.class,
                  () -> slow.connect(InetSocketAddress.createUnresolved("n1", 5432), 6_994));
              return (clients.clock().monotonicNanos() - before) / (SECOND / 1000);
            });
    assertEquals(7_000, result.valueOrThrow());
  }

  @Test
  void socketTimeoutAndConnectTimeoutRunOnTheSimulationsClock() {
    var result =
        Simulation.run(
            SimulationOptions.seed(1),
            world -> {
              TinyWireServer.serve(world.machine("n1").start(), SERVER);
              Environment clients = world.environment();
              clients.tasks().sleep(SECOND);
              NetworkSockets sockets = NetworkSockets.over(clients.network());
              world.atEnd(sockets::close);
              String url = sockets.url(List.of(SERVER), "postgres");
              Connection connection =
                  DriverManager.getConnection(url + "&socketTimeout=30", "phaistos", "");
              assertEquals("1", query(connection));
              world.network().link("n1", SimulatedWorld.ROOT).cut();
              long before = clients.clock().monotonicNanos();
              SQLException lost = assertThrows(SQLException.class, () -> query(connection));
              assertEquals("08006", lost.getSQLState());
              long waited = (clients.clock().monotonicNanos() - before) / SECOND;
              SQLException refused =
                  assertThrows(
                      SQLException.class,
                      () -> DriverManager.getConnection(url + "&connectTimeout=7", "phaistos", ""));
              assertEquals("08001", refused.getSQLState());
              long total = (clients.clock().monotonicNanos() - before) / SECOND;
              return List.of(waited, total);
            });
    assertEquals(List.of(30L, 37L), result.valueOrThrow());
  }

  /** The driver holds what an open connection leads to until it is garbage. */
  @Test
  void worldWhoseConnectionsAreOpenAtItsEndIsForgotten() throws InterruptedException {
    WeakReference<SimulatedWorld> ended = leftOpen(world -> {});
    WeakReference<SimulatedWorld> broken =
        leftOpen(
            world -> {
              throw new IllegalStateException("the run breaks");
            });
    for (int i = 0; i < 100 && !(ended.refersTo(null) && broken.refersTo(null)); i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertTrue(ended.refersTo(null), "the world of a run that ended is held");
    assertTrue(broken.refersTo(null), "the world of a run that broke is held");
  }

  /** The world of a run in which a task waits for ever with an open connection. */
  private static WeakReference<SimulatedWorld> leftOpen(Consumer<SimulatedWorld> end) {
    List<WeakReference<SimulatedWorld>> worlds = new ArrayList<>();
    Simulation.run(
        SimulationOptions.seed(1),
        world -> {
          worlds.add(new WeakReference<>(world));
          TinyWireServer.serve(world.machine("n1").start(), SERVER);
          Environment clients = world.environment();
          clients.tasks().sleep(SECOND);
          NetworkSockets sockets = NetworkSockets.over(clients.network());
          world.atEnd(sockets::close);
          String url = sockets.url(List.of(SERVER), "postgres");
          clients.tasks().spawn("client", () -> queryAndWait(clients, url));
          clients.tasks().sleep(SECOND);
          end.accept(world);
          return true;
        });
    return worlds.getFirst();
  }

  private static void queryAndWait(Environment clients, String url) {
    try (Connection connection = DriverManager.getConnection(url, "phaistos", "")) {
      assertEquals("1", query(connection));
      clients.tasks().sleep(1000 * SECOND);
    } catch (SQLException thrown) {
      throw new IllegalStateException(thrown);
    }
  }

  @Test
  void closedBridgeLetsGoOfItsConnections() {
    var result =
        Simulation.run(
            SimulationOptions.seed(1),
            world -> {
              TinyWireServer.serve(world.machine("n1").start(), SERVER);
              Environment clients = world.environment();
              clients.tasks().sleep(SECOND);
              NetworkSockets sockets = NetworkSockets.over(clients.network());
              String url = sockets.url(List.of(SERVER), "postgres");
              Connection connection = DriverManager.getConnection(url, "phaistos", "");
              assertEquals("1", query(connection));
              sockets.close();
              return assertThrows(SQLException.class, () -> query(connection)).getSQLState();
            });
    assertEquals("08003", result.valueOrThrow());
  }

  @Test
  void closedBridgeOpensNoConnection() {
    var result =
        Simulation.run(
            SimulationOptions.seed(1),
            world -> {
              NetworkSockets sockets = NetworkSockets.over(world.environment().network());
              String url = sockets.url(List.of(SERVER), "postgres");
              sockets.close();
              SQLException thrown =
                  assertThrows(
                      SQLException.class, () -> DriverManager.getConnection(url, "phaistos", ""));
              return thrown.getMessage();
            });
    assertTrue(result.valueOrThrow().contains("SocketFactory"), result.valueOrThrow());
  }
}
