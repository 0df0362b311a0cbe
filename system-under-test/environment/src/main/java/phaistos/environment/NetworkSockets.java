package phaistos.environment;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import phaistos.environment.Network.Address;

/**
 * Lets PostgreSQL's JDBC driver (pgjdbc 42.7) run over a {@link Network} port: {@link #url} names a
 * {@code socketFactory} whose sockets are connections of that port. Thread-safe.
 *
 * <p>The driver makes the factory by its class name with one string, so the port has to be found
 * from a string: a registry of the JVM, keyed by a token that no other bridge has, from which
 * {@link #close} removes this one. Nothing else is shared between two simulations of one JVM.
 *
 * <p>The driver resolves host names before it asks for a socket, which would go to the machine's
 * name service; so a URL names literal addresses that stand for the hosts of the port.
 *
 * <p>What the driver does past the port, and its remedy: {@code loginTimeout} and {@code
 * setQueryTimeout} start threads (use {@code connectTimeout} and {@code socketTimeout}); asking for
 * notifications and COPY look at the machine's clock; SCRAM draws from the machine's random numbers
 * (use {@code trust}); session parameters contain the JVM's time zone. Connections that nobody
 * closed are closed by a thread of the JVM after a garbage collection; sockets ignore that.
 */
public final class NetworkSockets implements AutoCloseable {
  private static final Map<String, NetworkSockets> BRIDGES = new ConcurrentHashMap<>();
  private static final AtomicLong TOKENS = new AtomicLong();

  private final String token = "bridge-" + TOKENS.incrementAndGet();
  private final Network network;
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

  /** A URL for the driver, without encryption. More parameters may be appended with {@code &}. */
  public String url(List<Address> servers, String database) {
    return servers.stream()
        .map(server -> literal(server.host()) + ":" + server.port())
        .collect(
            Collectors.joining(
                ",",
                "jdbc:postgresql://",
                "/"
                    + database
                    + "?sslmode=disable&gssEncMode=disable&socketFactory="
                    + NetworkSocketFactory.class.getName()
                    + "&socketFactoryArg="
                    + token));
  }

  /** The address that stands for a host of the port: 10.0.0.1 for the first one mentioned. */
  private String literal(String host) {
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

  /** What the driver's string stands for. */
  static NetworkSockets find(String token) {
    NetworkSockets sockets = BRIDGES.get(token);
    if (sockets == null) {
      throw new IllegalStateException("the bridge was closed, or never was: token=" + token);
    }
    return sockets;
  }

  /** No new connections from now on; those that are there go on. */
  @Override
  public void close() {
    BRIDGES.remove(token);
  }
}
