package phaistos.server.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import phaistos.server.errors.PgError;

/**
 * A message of the frontend: its type and its body. Not thread-safe: reading moves on.
 *
 * @param body big-endian
 */
public record Frame(char type, ByteBuffer body) {
  public int int16() {
    return need(2).getShort();
  }

  /** How many items follow. */
  public int count() {
    return int16() & 0xFFFF;
  }

  public int int32() {
    return need(4).getInt();
  }

  public long int64() {
    return need(8).getLong();
  }

  public int int8() {
    return need(1).get();
  }

  public byte[] bytes(int length) {
    byte[] out = new byte[length];
    need(length).get(out);
    return out;
  }

  /** Text up to a zero byte. */
  public String string() {
    int from = body.position();
    int end = from;
    while (end < body.limit() && body.get(end) != 0) {
      end++;
    }
    if (end == body.limit()) {
      throw PgError.error("08P01", "invalid string in message");
    }
    byte[] out = new byte[end - from];
    body.get(out);
    body.get();
    return new String(out, StandardCharsets.UTF_8);
  }

  /** Checks that nothing is left. */
  public void end() {
    if (body.hasRemaining()) {
      throw PgError.error("08P01", "invalid message format");
    }
  }

  private ByteBuffer need(int length) {
    if (length < 0 || body.remaining() < length) {
      throw PgError.error("08P01", "insufficient data left in message");
    }
    return body;
  }
}
