package phaistos.environment;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;

/** The class for the JDBC driver's parameter {@code socketFactory}; see {@link NetworkSockets}. */
public final class NetworkSocketFactory extends SocketFactory {
  /** The driver's own connectTimeout. */
  private static final String DEFAULT_SECONDS = "10";

  private final NetworkSockets sockets;
  private final long connectNanos;

  /** Called by the driver, which looks for this constructor first. */
  public NetworkSocketFactory(Properties connection) {
    sockets = NetworkSockets.find(connection.getProperty("socketFactoryArg"));
    String seconds = connection.getProperty("connectTimeout", DEFAULT_SECONDS);
    connectNanos = TimeUnit.SECONDS.toNanos(Long.parseLong(seconds));
  }

  @Override
  public Socket createSocket() throws IOException {
    return new NetworkSocket(sockets, connectNanos);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    Socket socket = createSocket();
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    Socket socket = createSocket();
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return createSocket(host, port);
  }
}
