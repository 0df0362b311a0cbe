package phaistos.environment;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Properties;
import javax.net.SocketFactory;

/** The class for the JDBC driver's parameter {@code socketFactory}; see {@link NetworkSockets}. */
public final class NetworkSocketFactory extends SocketFactory {
  private final NetworkSockets sockets;

  /** Called by the driver, which looks for this constructor first. */
  public NetworkSocketFactory(Properties connection) {
    sockets = NetworkSockets.find(connection.getProperty("socketFactoryArg"));
  }

  @Override
  public Socket createSocket() throws IOException {
    return new NetworkSocket(sockets);
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
