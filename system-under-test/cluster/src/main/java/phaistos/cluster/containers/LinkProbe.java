package phaistos.cluster.containers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;

/**
 * Runs inside a node. Over each of the node's links it asks the server whether it speaks SSL
 * ({@code SSLRequest}, answered by one letter). So each link is known to work in both directions
 * before the test begins.
 */
public final class LinkProbe {
  private static final int SSL_REQUEST = 80877103;
  private static final int TIMEOUT_MILLIS = 10_000;

  private LinkProbe() {}

  /**
   * @param arguments {@code host:port}
   */
  public static void main(String[] arguments) throws IOException {
    for (String address : arguments) {
      int colon = address.lastIndexOf(':');
      String host = address.substring(0, colon);
      int port = Integer.parseInt(address.substring(colon + 1));
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket
            .getOutputStream()
            .write(ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).array());
        int answer = socket.getInputStream().read();
        if (answer != 'N' && answer != 'S') {
          System.err.println(address + " answers " + answer);
          System.exit(1);
        }
      }
    }
  }
}
