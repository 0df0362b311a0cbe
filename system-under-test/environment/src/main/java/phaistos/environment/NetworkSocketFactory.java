package phaistos.environment;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** The class for the JDBC driver's parameter {@code socketFactory}; see {@link NetworkSockets}. */
public final class NetworkSocketFactory extends SocketFactory {
  private final NetworkSockets sockets;

  /** Called by the driver, with its {@code socketFactoryArg}. */
  public NetworkSocketFactory(String token) {
    sockets = NetworkSockets.find(token);
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
