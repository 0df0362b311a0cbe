package phaistos.environment;

import java.io.IOException;

/** Streams of bytes between nodes. */
public interface Network {
  /**
   * Listens. Port 0 asks for any free port.
   *
   * @throws java.net.BindException if the port is in use
   */
  Listener listen(Address address) throws IOException;

  /**
   * Listens on a Unix socket {@code directory/.s.PGSQL.port}. A socket file on which nobody listens
   * any more is replaced.
   *
   * @param directory absolute
   * @param mode the permissions of the socket file
   * @throws java.net.BindException if somebody listens there, or if there are no Unix sockets
   */
  default Listener listenLocally(String directory, int port, int mode) throws IOException {
    throw new java.net.BindException("no Unix sockets here");
  }

  /**
   * Connects. A host that begins with a slash is the directory of a Unix socket.
   *
   * @throws java.net.ConnectException if nobody listens there
   * @throws java.net.SocketTimeoutException after the limit
   */
  Connection connect(Address address, long limitNanos) throws IOException;

  record Address(String host, int port) {
    /** Whether it is a Unix socket: its host is the directory. */
    public boolean isLocal() {
      return host.startsWith("/");
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  interface Listener extends AutoCloseable {
    Address address();

    /** Waits for the next connection; throws a {@link java.net.SocketException} once closed. */
    Connection accept() throws IOException;

    @Override
    void close() throws IOException;
  }

  /**
   * One end of a stream. One task may read while another writes; {@link #close} from any task ends
   * both with a {@link java.net.SocketException}.
   */
  interface Connection extends AutoCloseable {
    Address local();

    Address remote();

    /**
     * Waits for at least one byte.
     *
     * @return the number of bytes read, or -1 once the other side has ended its stream
     * @throws java.net.SocketException if the connection was reset
     */
    int read(byte[] target, int offset, int length) throws IOException;

    /**
     * The same with a time limit.
     *
     * @throws java.net.SocketTimeoutException after the limit
     */
    int read(byte[] target, int offset, int length, long limitNanos) throws IOException;

    /** Writes everything; waits while the other side does not read. */
    void write(byte[] source, int offset, int length) throws IOException;

    /** Ends our direction; the other side reads the rest, then -1. */
    void shutdownOutput() throws IOException;

    @Override
    void close() throws IOException;
  }
}
