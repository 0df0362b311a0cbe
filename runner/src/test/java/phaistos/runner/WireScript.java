package phaistos.runner;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes of a client, sent as they are, and the server's answer as text, one line a message. All is
 * sent before anything is read; a script ends with Terminate or with what ends the connection.
 */
final class WireScript {
  private static final int LIMIT_MILLIS = 20_000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  static WireScript empty() {
    return new WireScript();
  }

  /** With an ordinary start-up packet. */
  static WireScript session() {
    return empty().startup(3, 0, "user", "postgres", "database", "postgres");
  }

  WireScript raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  WireScript raw(String text) {
    return raw(text.getBytes(StandardCharsets.UTF_8));
  }

  WireScript int32(int value) {
    return raw(ByteBuffer.allocate(4).putInt(value).array());
  }

  WireScript startup(int major, int minor, String... namesAndValues) {
    String body = String.join("\0", namesAndValues) + "\0\0";
    return int32(8 + body.length()).int32(major << 16 | minor).raw(body);
  }

  WireScript message(char type, Object... parts) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Object part : parts) {
      body.writeBytes(
          switch (part) {
            case String text -> (text + "\0").getBytes(StandardCharsets.UTF_8);
            case Integer number -> ByteBuffer.allocate(4).putInt(number).array();
            case Short number -> ByteBuffer.allocate(2).putShort(number).array();
            case Character letter -> new byte[] {(byte) (char) letter};
            case byte[] bytes -> bytes;
            default -> throw new IllegalArgumentException(part.toString());
          });
    }
    return raw(new byte[] {(byte) type}).int32(4 + body.size()).raw(body.toByteArray());
  }

  WireScript query(String sql) {
    return message('Q', sql);
  }

  WireScript parse(String name, String sql, Integer... types) {
    ByteBuffer oids = ByteBuffer.allocate(4 * types.length);
    for (int type : types) {
      oids.putInt(type);
    }
    return message('P', name, sql, (short) types.length, oids.array());
  }

  /** All values in text. */
  WireScript bind(String portal, String statement, int resultFormat, String... values) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (String value : values) {
      byte[] bytes = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
      body.writeBytes(ByteBuffer.allocate(4).putInt(value == null ? -1 : bytes.length).array());
      body.writeBytes(bytes);
    }
    return message(
        'B',
        portal,
        statement,
        (short) 0,
        (short) values.length,
        body.toByteArray(),
        (short) 1,
        (short) resultFormat);
  }

  WireScript describe(char kind, String name) {
    return message('D', kind, name);
  }

  WireScript execute(String portal, int rows) {
    return message('E', portal, rows);
  }

  WireScript close(char kind, String name) {
    return message('C', kind, name);
  }

  WireScript sync() {
    return message('S');
  }

  WireScript terminate() {
    return message('X');
  }

  /**
   * Sends it all; answers what came back, up to the end of the connection, or "still open" where
   * nothing ended it.
   */
  List<String> play(int port) throws IOException {
    try (Socket socket = new Socket("localhost", port)) {
      socket.setSoTimeout(LIMIT_MILLIS);
      socket.getOutputStream().write(out.toByteArray());
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      String end = readAll(socket.getInputStream(), bytes);
      List<String> lines = decode(bytes.toByteArray());
      lines.add(end);
      return lines;
    }
  }

  private static String readAll(InputStream in, ByteArrayOutputStream bytes) throws IOException {
    byte[] part = new byte[8192];
    try {
      for (int n = in.read(part); n >= 0; n = in.read(part)) {
        bytes.write(part, 0, n);
      }
    } catch (SocketTimeoutException e) {
      return "still open";
    } catch (SocketException e) {
      // a reset: the server left without having read everything
    }
    return "end";
  }

  static List<String> decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<String> lines = new ArrayList<>();
    while (in.hasRemaining()) {
      char type = (char) (in.get() & 0xFF);
      if ((type == 'N' || type == 'S') && !looksLikeMessage(in)) {
        lines.add("answer " + type);
        continue;
      }
      if (in.remaining() < 4 || in.getInt(in.position()) > in.remaining()) {
        lines.add("cut " + type + " " + in.remaining());
        return lines;
      }
      int length = in.getInt() - 4;
      ByteBuffer body = in.slice(in.position(), length);
      in.position(in.position() + length);
      lines.add(message(type, body));
    }
    return lines;
  }

  /** The one byte that answers SSLRequest has no length after it. */
  private static boolean looksLikeMessage(ByteBuffer in) {
    return in.remaining() >= 4
        && in.getInt(in.position()) >= 4
        && in.getInt(in.position()) <= in.remaining();
  }

  private static String message(char type, ByteBuffer body) {
    return switch (type) {
      case 'R' -> "Authentication " + body.getInt();
      case 'S' -> "ParameterStatus " + string(body) + "=" + string(body);
      case 'K' -> "BackendKeyData";
      case 'Z' -> "ReadyForQuery " + (char) body.get();
      case 'C' -> "CommandComplete " + string(body);
      case 'I' -> "EmptyQueryResponse";
      case 'T' -> "RowDescription " + columns(body);
      case 'D' -> "DataRow " + values(body);
      case 'E' -> "Error " + fields(body);
      case 'N' -> "Notice " + fields(body);
      case '1' -> "ParseComplete";
      case '2' -> "BindComplete";
      case '3' -> "CloseComplete";
      case 'n' -> "NoData";
      case 's' -> "PortalSuspended";
      case 't' -> "ParameterDescription " + numbers(body);
      case 'v' -> "NegotiateProtocolVersion " + body.getInt() + " " + options(body);
      default -> type + " " + hex(body);
    };
  }

  private static List<String> options(ByteBuffer body) {
    List<String> names = new ArrayList<>();
    for (int left = body.getInt(); left > 0; left--) {
      names.add(string(body));
    }
    return names;
  }

  private static String string(ByteBuffer body) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (byte b = body.get(); b != 0; b = body.get()) {
      text.write(b);
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  private static List<Integer> numbers(ByteBuffer body) {
    List<Integer> numbers = new ArrayList<>();
    for (int left = body.getShort(); left > 0; left--) {
      numbers.add(body.getInt());
    }
    return numbers;
  }

  /** name:type:length:modifier:format; the table and the column there are not compared. */
  private static List<String> columns(ByteBuffer body) {
    List<String> columns = new ArrayList<>();
    for (int left = body.getShort(); left > 0; left--) {
      String name = string(body);
      body.getInt();
      body.getShort();
      columns.add(
          "%s:%d:%d:%d:%d"
              .formatted(name, body.getInt(), body.getShort(), body.getInt(), body.getShort()));
    }
    return columns;
  }

  private static List<String> values(ByteBuffer body) {
    List<String> values = new ArrayList<>();
    for (int left = body.getShort(); left > 0; left--) {
      int length = body.getInt();
      if (length < 0) {
        values.add("null");
        continue;
      }
      byte[] bytes = new byte[length];
      body.get(bytes);
      String text = new String(bytes, StandardCharsets.UTF_8);
      boolean printable = text.chars().allMatch(c -> c >= ' ' && c != 0xFFFD);
      values.add(printable ? "'" + text + "'" : hex(ByteBuffer.wrap(bytes)));
    }
    return values;
  }

  /** Without the place in the statement, its context, and the place in PostgreSQL's source. */
  private static String fields(ByteBuffer body) {
    List<String> fields = new ArrayList<>();
    for (byte code = body.get(); code != 0; code = body.get()) {
      String text = string(body);
      if ("PFLRW".indexOf(code) < 0) {
        fields.add((char) code + "=" + text);
      }
    }
    return String.join(" ", fields);
  }

  private static String hex(ByteBuffer body) {
    StringBuilder text = new StringBuilder("0x");
    while (body.hasRemaining()) {
      text.append("%02x".formatted(body.get()));
    }
    return text.toString();
  }
}
