package phaistos.environment;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;

/** TCP sockets of the machine, without Nagle's algorithm, and Unix sockets. */
public final class SystemNetwork implements Network {
  private static final int BACKLOG = 512;

  @Override
  public Listener listen(Address address) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      // A restarted node gets its port back although old connections linger in TIME_WAIT.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(resolve(address), address.port()), BACKLOG);
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
    return new SystemListener(socket, new Address(address.host(), socket.getLocalPort()));
  }

  @Override
  public Listener listenLocally(String directory, int port, int mode) throws IOException {
    return UnixSockets.listen(new Address(directory, port), mode, BACKLOG);
  }

  @Override
  public Connection connect(Address address, long limitNanos) throws IOException {
    if (address.isLocal()) {
      return UnixSockets.connect(address);
    }
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(
          new InetSocketAddress(resolve(address), address.port()), timeoutMillis(limitNanos));
    } catch (ConnectException failure) {
      socket.close();
      ConnectException named = new ConnectException(address + ": " + failure.getMessage());
      named.initCause(failure);
      throw named;
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
    return new SystemConnection(socket);
  }

  private static InetAddress resolve(Address address) throws UnknownHostException {
    return InetAddress.getByName(address.host());
  }

  /** At least 1, since 0 means no limit to sockets. */
  private static int timeoutMillis(long limitNanos) throws SocketTimeoutException {
    if (limitNanos <= 0) {
      throw new SocketTimeoutException("limit passed");
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(limitNanos + 999_999);
    return (int) Math.min(Integer.MAX_VALUE, millis);
  }

  private record SystemListener(ServerSocket socket, Address address) implements Listener {
    @Override
    public Connection accept() throws IOException {
      Socket accepted = socket.accept();
      try {
        accepted.setTcpNoDelay(true);
      } catch (IOException _) {
        // The other side is gone again; its reader will see that.
      }
      return new SystemConnection(accepted);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private record SystemConnection(Socket socket) implements Connection {
    @Override
    public Address local() {
      return new Address(socket.getLocalAddress().getHostAddress(), socket.getLocalPort());
    }

    @Override
    public Address remote() {
      return new Address(socket.getInetAddress().getHostAddress(), socket.getPort());
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      socket.setSoTimeout(0);
      return socket.getInputStream().read(target, offset, length);
    }

    @Override
    public int read(byte[] target, int offset, int length, long limitNanos) throws IOException {
      socket.setSoTimeout(timeoutMillis(limitNanos));
      return socket.getInputStream().read(target, offset, length);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      socket.getOutputStream().write(source, offset, length);
    }

    @Override
    public void shutdownOutput() throws IOException {
      socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
