package phaistos.environment;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import phaistos.environment.Network.Address;
import phaistos.environment.Network.Connection;

/**
 * A {@link Socket} over a connection of a {@link Network} port, with the methods that the JDBC
 * driver uses. Options that only tune TCP are accepted and ignored.
 *
 * <p>A platform thread that calls the socket of a virtual thread is the garbage collector's
 * cleaner, which closes connections that were left open. It comes at unpredictable times, so it
 * must not reach the port: its close does nothing, and its other calls fail.
 */
final class NetworkSocket extends Socket {
  /** How long Linux tries to connect with its default settings. */
  private static final long CONNECT_NANOS_MAX = TimeUnit.SECONDS.toNanos(127);

  private static final int BUFFER_BYTES = 65536;

  private final NetworkSockets sockets;
  private final long connectNanos;
  private final boolean ofVirtualThread = Thread.currentThread().isVirtual();
  private InetSocketAddress remote;

  /** Null before it is connected and after it was let go. */
  private Connection connection;

  private boolean connected;
  private long number;
  private boolean closed;
  private int readTimeoutMillis;

  /**
   * @param connectNanos how long to connect, whatever {@link #connect} is told: the driver takes
   *     off the real time that it has spent
   */
  NetworkSocket(NetworkSockets sockets, long connectNanos) throws SocketException {
    super(noImplementation());
    this.sockets = sockets;
    this.connectNanos = connectNanos;
  }

  private static SocketImpl noImplementation() {
    return null;
  }

  private boolean isCleaner() {
    return ofVirtualThread && !Thread.currentThread().isVirtual();
  }

  private Connection open() throws SocketException {
    if (closed || isCleaner()) {
      throw new SocketException("Socket is closed");
    }
    if (connection == null) {
      throw new SocketException("Socket is not connected");
    }
    return connection;
  }

  @Override
  public void connect(SocketAddress endpoint) throws IOException {
    connect(endpoint, 0);
  }

  @Override
  public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
    if (closed) {
      throw new SocketException("Socket is closed");
    }
    remote = (InetSocketAddress) endpoint;
    String host = sockets.hostOf(remote.getHostString());
    long limit = timeoutMillis == 0 || connectNanos == 0 ? CONNECT_NANOS_MAX : connectNanos;
    Connection opened = sockets.network().connect(new Address(host, remote.getPort()), limit);
    if (closed) {
      opened.close();
      throw new SocketException("Socket closed");
    }
    connection = opened;
    connected = true;
    number = sockets.note(this);
  }

  /** Forgets its connection, as if it were closed, without a call of the port. */
  void letGo() {
    closed = true;
    connection = null;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    open();
    return new Input();
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    open();
    return new Output();
  }

  @Override
  public void close() throws IOException {
    if (!closed && !isCleaner()) {
      closed = true;
      if (connection != null) {
        sockets.forget(number);
        connection.close();
      }
    }
  }

  @Override
  public void shutdownOutput() throws IOException {
    open().shutdownOutput();
  }

  @Override
  public boolean isConnected() {
    return connected;
  }

  @Override
  public boolean isBound() {
    return connected;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public InetAddress getInetAddress() {
    return remote == null ? null : remote.getAddress();
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return remote;
  }

  @Override
  public int getPort() {
    return remote == null ? 0 : remote.getPort();
  }

  @Override
  public InetAddress getLocalAddress() {
    return InetAddress.getLoopbackAddress();
  }

  @Override
  public int getLocalPort() {
    return connection == null ? -1 : connection.local().port();
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return new InetSocketAddress(getLocalAddress(), Math.max(0, getLocalPort()));
  }

  @Override
  public void setSoTimeout(int timeoutMillis) throws SocketException {
    if (closed) {
      throw new SocketException("Socket is closed");
    }
    readTimeoutMillis = timeoutMillis;
  }

  @Override
  public int getSoTimeout() throws SocketException {
    if (closed) {
      throw new SocketException("Socket is closed");
    }
    return readTimeoutMillis;
  }

  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public boolean getTcpNoDelay() {
    return true;
  }

  @Override
  public void setKeepAlive(boolean on) {}

  @Override
  public boolean getKeepAlive() {
    return false;
  }

  @Override
  public void setSendBufferSize(int size) {}

  @Override
  public int getSendBufferSize() {
    return BUFFER_BYTES;
  }

  @Override
  public void setReceiveBufferSize(int size) {}

  @Override
  public int getReceiveBufferSize() {
    return BUFFER_BYTES;
  }

  @Override
  public void setSoLinger(boolean on, int linger) {}

  @Override
  public void setTrafficClass(int trafficClass) {}

  @Override
  public void setReuseAddress(boolean on) {}

  @Override
  public <T> Socket setOption(SocketOption<T> name, T value) {
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) {
    throw new UnsupportedOperationException("no such option: " + name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return Set.of();
  }

  @Override
  public String toString() {
    return "NetworkSocket[" + remote + "]";
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      return readTimeoutMillis == 0
          ? open().read(target, offset, length)
          : open().read(target, offset, length, TimeUnit.MILLISECONDS.toNanos(readTimeoutMillis));
    }

    @Override
    public void close() throws IOException {
      NetworkSocket.this.close();
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      open().write(source, offset, length);
    }

    @Override
    public void close() throws IOException {
      NetworkSocket.this.close();
    }
  }
}
