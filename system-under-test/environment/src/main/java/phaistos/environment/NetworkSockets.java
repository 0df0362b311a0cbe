package phaistos.environment;

import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import phaistos.environment.Network.Address;

/**
 * Lets PostgreSQL's JDBC driver (pgjdbc 42.7) run over a {@link Network} port: {@link #url} names a
 * {@code socketFactory} whose sockets are connections of that port. Thread-safe.
 *
 * <p>The driver creates the factory by its class name with one string. So a registry of the JVM
 * finds the port by a token that is unique to this bridge; {@link #close} removes the token. Two
 * simulations of one JVM share nothing else.
 *
 * <p>The driver resolves host names before it asks for a socket, and that would use the machine's
 * name service. So a URL has literal addresses, each of which stands for a host of the port.
 *
 * <p>Where the driver bypasses the port, and the remedies: {@code loginTimeout} and {@code
 * setQueryTimeout} start threads (use {@code connectTimeout} and {@code socketTimeout}); asking for
 * notifications and COPY look at the machine's clock; so does {@code connectTimeout}, of which the
 * driver takes off what it has spent, and the sockets go by the whole of it; SCRAM draws from the
 * machine's random numbers (use {@code trust}); session parameters contain the JVM's time zone.
 * After a garbage collection a thread of the JVM closes connections that were left open; the
 * sockets ignore that. Until then that thread holds the socket of each open connection, and would
 * so hold a whole simulation for ever: {@link #close} takes their connections from the sockets.
 */
public final class NetworkSockets implements AutoCloseable {
  private static final Map<String, NetworkSockets> BRIDGES = new ConcurrentHashMap<>();
  private static final AtomicLong TOKENS = new AtomicLong();

  private final String token = "bridge-" + TOKENS.incrementAndGet();
  private final Map<Long, NetworkSocket> connected = new ConcurrentHashMap<>();
  private final AtomicLong connections = new AtomicLong();
  private volatile Network network;
  private final Map<String, String> literals = new ConcurrentHashMap<>();
  private final Map<String, String> names = new ConcurrentHashMap<>();
  private final AtomicInteger hosts = new AtomicInteger();

  private NetworkSockets(Network network) {
    this.network = network;
  }

  public static NetworkSockets over(Network network) {
    NetworkSockets sockets = new NetworkSockets(network);
    BRIDGES.put(sockets.token, sockets);
    return sockets;
  }

  /** A URL for the driver, without encryption. Append more parameters with {@code &}. */
  public String url(List<Address> servers, String database) {
    Properties properties = properties();
    return servers.stream()
            .map(server -> literal(server.host()) + ":" + server.port())
            .collect(Collectors.joining(",", "jdbc:postgresql://", "/" + database + "?"))
        + properties.stringPropertyNames().stream()
            .sorted()
            .map(name -> name + "=" + properties.getProperty(name))
            .collect(Collectors.joining("&"));
  }

  /** The driver's properties that lead its sockets here, without encryption. */
  public Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("sslmode", "disable");
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("socketFactory", NetworkSocketFactory.class.getName());
    properties.setProperty("socketFactoryArg", token);
    return properties;
  }

  /** The address that stands for a host of the port: 10.0.0.1 for the first one mentioned. */
  public String literal(String host) {
    return literals.computeIfAbsent(
        host,
        name -> {
          int number = hosts.incrementAndGet();
          String literal = "10.0." + number / 250 + "." + (1 + number % 250);
          names.put(literal, name);
          return literal;
        });
  }

  String hostOf(String literal) {
    return names.getOrDefault(literal, literal);
  }

  Network network() {
    return network;
  }

  /** The bridge for the driver's string. */
  static NetworkSockets find(String token) {
    NetworkSockets sockets = BRIDGES.get(token);
    if (sockets == null) {
      throw new IllegalStateException("the bridge was closed, or never was: token=" + token);
    }
    return sockets;
  }

  /**
   * Notes that a socket is connected; lets go of it if the bridge was closed meanwhile.
   *
   * @return a number for {@link #forget}
   */
  long note(NetworkSocket socket) {
    long number = connections.incrementAndGet();
    connected.put(number, socket);
    if (network instanceof Closed) {
      socket.letGo();
    }
    return number;
  }

  void forget(long number) {
    connected.remove(number);
  }

  /**
   * Refuses new connections from now on, and lets go of the existing ones without a call of the
   * port: whatever is called on their sockets fails. The sockets lead to nothing of the port's any
   * more.
   */
  @Override
  public void close() {
    BRIDGES.remove(token);
    network = new Closed();
    connected.values().forEach(NetworkSocket::letGo);
    connected.clear();
  }

  private static final class Closed implements Network {
    @Override
    public Listener listen(Address address) throws IOException {
      throw new ConnectException("the bridge was closed");
    }

    @Override
    public Connection connect(Address address, long limitNanos) throws IOException {
      throw new ConnectException("the bridge was closed");
    }
  }
}
