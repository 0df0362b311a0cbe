package phaistos.server.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import phaistos.environment.Network;
import phaistos.server.errors.PgError;

/** Collects messages of the backend and sends them on {@link #flush}. Not thread-safe. */
public final class MessageWriter {
  private static final int SEND_AT = 64 << 10;

  private final Network.Connection connection;
  private byte[] buffer = new byte[1024];
  private int length;
  private int start;
  private Supplier<String> lowestNotice = () -> "notice";

  public MessageWriter(Network.Connection connection) {
    this.connection = connection;
  }

  /**
   * A column of a row description.
   *
   * @param table the OID of the table that it is of, or 0
   * @param number of the table's column, from 1 on, or 0
   */
  public record Column(
      String name,
      int table,
      int number,
      int typeOid,
      int typeLength,
      int typeModifier,
      int format) {
    public Column(String name, int typeOid, int typeLength, int typeModifier, int format) {
      this(name, 0, 0, typeOid, typeLength, typeModifier, format);
    }
  }

  /** Begins a message; everything up to {@link #end} is its body. */
  public MessageWriter begin(char type) {
    int8(type);
    start = length;
    return int32(0);
  }

  public void end() {
    ByteBuffer.wrap(buffer).putInt(start, length - start);
  }

  public MessageWriter int8(int value) {
    room(1);
    buffer[length++] = (byte) value;
    return this;
  }

  public MessageWriter int16(int value) {
    room(2);
    buffer[length++] = (byte) (value >> 8);
    buffer[length++] = (byte) value;
    return this;
  }

  public MessageWriter int32(int value) {
    room(4);
    buffer[length++] = (byte) (value >> 24);
    buffer[length++] = (byte) (value >> 16);
    buffer[length++] = (byte) (value >> 8);
    buffer[length++] = (byte) value;
    return this;
  }

  public MessageWriter int64(long value) {
    return int32((int) (value >> 32)).int32((int) value);
  }

  public MessageWriter string(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8)).int8(0);
  }

  public MessageWriter bytes(byte[] value) {
    return bytes(value, 0, value.length);
  }

  public MessageWriter bytes(byte[] value, int from, int count) {
    room(count);
    System.arraycopy(value, from, buffer, length, count);
    length += count;
    return this;
  }

  public void commandComplete(String tag) {
    begin('C').string(tag).end();
  }

  public void readyForQuery(char status) {
    begin('Z').int8(status).end();
  }

  public void parameterStatus(String name, String value) {
    begin('S').string(name).string(value).end();
  }

  public void rowDescription(List<Column> columns) {
    begin('T').int16(columns.size());
    for (Column column : columns) {
      string(column.name)
          .int32(column.table)
          .int16(column.number)
          .int32(column.typeOid)
          .int16(column.typeLength);
      int32(column.typeModifier).int16(column.format);
    }
    end();
  }

  /** A row of text values. */
  public void textRow(List<String> values) {
    begin('D').int16(values.size());
    for (String value : values) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      int32(bytes.length).bytes(bytes);
    }
    end();
  }

  public void error(PgError error) {
    notice('E', error.severity().name(), error.sqlState(), error.getMessage(), error);
  }

  /** Notices below this level, a word of client_min_messages, are not sent. */
  public void noticesFrom(Supplier<String> level) {
    lowestNotice = level;
  }

  public void warning(String sqlState, String message, String detail) {
    warning(PgError.error(sqlState, message, detail));
  }

  /** A warning with the message, state and fields of {@code fields}. */
  public void warning(PgError fields) {
    if (!lowestNotice.get().equals("error")) {
      notice('N', "WARNING", fields.sqlState(), fields.getMessage(), fields);
    }
  }

  public void notice(String sqlState, String message) {
    String level = lowestNotice.get();
    if (level.equals("warning") || level.equals("error")) {
      return;
    }
    notice('N', "NOTICE", sqlState, message, PgError.error(sqlState, message));
  }

  private void notice(char type, String severity, String state, String message, PgError fields) {
    begin(type).int8('S').string(severity).int8('V').string(severity).int8('C').string(state);
    int8('M').string(message);
    field('D', fields.detail());
    field('H', fields.hint());
    field('P', fields.position() == 0 ? "" : Integer.toString(fields.position()));
    PgError.Subject subject = fields.subject();
    field('s', subject.table().isEmpty() ? "" : "public");
    field('t', subject.table());
    field('c', subject.column());
    field('n', subject.constraint());
    int8(0).end();
  }

  private void field(char code, String value) {
    if (!value.isEmpty()) {
      int8(code).string(value);
    }
  }

  /** An error in the form of protocol 2, which has no length and no fields. */
  public void oldError(PgError error) {
    int8('E').string("%s:  %s\n".formatted(error.severity(), error.getMessage()));
  }

  /** Sends if the buffer is large. Call it only between complete messages. */
  public void flushIfLarge() throws IOException {
    if (length >= SEND_AT) {
      flush();
    }
  }

  public void flush() throws IOException {
    if (length > 0) {
      int count = length;
      length = 0;
      connection.write(buffer, 0, count);
      if (buffer.length > 4 * SEND_AT) {
        buffer = new byte[1024];
      }
    }
  }

  private void room(int count) {
    if (buffer.length - length < count) {
      buffer = Arrays.copyOf(buffer, Math.max(length + count, buffer.length * 2));
    }
  }
}
