package phaistos.server.wire;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import phaistos.environment.Network;

/** Reads messages that may arrive cut at any byte, or several at once. Not thread-safe. */
public final class MessageReader {
  private static final int MAX_MESSAGE = 1 << 30;

  private final Network.Connection connection;
  private byte[] buffer = new byte[8192];
  private int from;
  private int to;

  public MessageReader(Network.Connection connection) {
    this.connection = connection;
  }

  /** The type of the next message, which may not have arrived completely. */
  public int awaitType() throws IOException {
    fill(1);
    return buffer[from] & 0xFF;
  }

  /** Whether anything was read beyond the last message. */
  public boolean hasMore() {
    return to > from;
  }

  /** A message with a type byte. Waits for it. */
  public Frame next() throws IOException {
    fill(5);
    int length = ByteBuffer.wrap(buffer, from + 1, 4).getInt();
    checkLength(length);
    fill(1 + length);
    char type = (char) (buffer[from] & 0xFF);
    ByteBuffer body = copy(from + 5, length - 4);
    from += 1 + length;
    return new Frame(type, body);
  }

  /**
   * The first message of a connection: a length, and no type.
   *
   * @throws ProtocolException if no client of ours would send this length
   */
  public ByteBuffer startup() throws IOException {
    fill(4);
    int length = ByteBuffer.wrap(buffer, from, 4).getInt();
    if (length < 8 || length > 10_000) {
      throw new ProtocolException("invalid length of startup packet");
    }
    fill(length);
    ByteBuffer body = copy(from + 4, length - 4);
    from += length;
    return body;
  }

  /** Whether a complete message is buffered, so that {@link #next} does not wait. */
  public boolean hasNext() {
    if (to - from < 5) {
      return false;
    }
    return to - from >= 1 + ByteBuffer.wrap(buffer, from + 1, 4).getInt();
  }

  /**
   * Reads from the connection once.
   *
   * @return false at the end of the stream
   * @throws java.net.SocketTimeoutException after the limit
   */
  public boolean receive(long limitNanos) throws IOException {
    makeRoom(Math.max(4096, pending()));
    int read = connection.read(buffer, to, buffer.length - to, limitNanos);
    if (read < 0) {
      return false;
    }
    to += read;
    return true;
  }

  /** How many bytes of the current message are missing, at least 1. */
  private int pending() throws ProtocolException {
    if (to - from < 5) {
      return 1;
    }
    int length = ByteBuffer.wrap(buffer, from + 1, 4).getInt();
    checkLength(length);
    return Math.max(1, 1 + length - (to - from));
  }

  private void fill(int length) throws IOException {
    while (to - from < length) {
      makeRoom(Math.max(length - (to - from), 512));
      int read = connection.read(buffer, to, buffer.length - to);
      if (read < 0) {
        throw new EOFException("connection closed by client");
      }
      to += read;
    }
  }

  private void makeRoom(int room) {
    if (buffer.length - to >= room) {
      return;
    }
    int held = to - from;
    byte[] target =
        held + room > buffer.length ? new byte[Math.max(held + room, buffer.length * 2)] : buffer;
    System.arraycopy(buffer, from, target, 0, held);
    buffer = target;
    from = 0;
    to = held;
  }

  private static void checkLength(int length) throws ProtocolException {
    if (length < 4 || length > MAX_MESSAGE) {
      throw new ProtocolException("invalid message length");
    }
  }

  private ByteBuffer copy(int at, int length) {
    return ByteBuffer.wrap(Arrays.copyOfRange(buffer, at, at + length));
  }
}
