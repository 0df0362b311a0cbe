package phaistos.simulator;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import phaistos.environment.Environment;
import phaistos.environment.Network;

/**
 * As much of PostgreSQL's protocol 3.0 as the JDBC driver needs to connect and to run {@code SELECT
 * 1} with the extended query protocol. Every query is answered with one row with the number of
 * queries that this server has answered.
 */
final class TinyWireServer {
  private final Environment environment;
  private int answered;

  private TinyWireServer(Environment environment) {
    this.environment = environment;
  }

  /** Serves until its process ends. */
  static void serve(Environment environment, Network.Address address) {
    TinyWireServer server = new TinyWireServer(environment);
    environment.tasks().spawn("postmaster", () -> server.accept(address));
  }

  private void accept(Network.Address address) {
    try {
      Network.Listener listener = environment.network().listen(address);
      for (int number = 1; ; number++) {
        Network.Connection connection = listener.accept();
        environment.tasks().spawn("backend-" + number, () -> new Backend(connection).run());
      }
    } catch (IOException thrown) {
      throw new java.io.UncheckedIOException(thrown);
    }
  }

  private final class Backend {
    private final Network.Connection connection;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private boolean returnsRows;

    Backend(Network.Connection connection) {
      this.connection = connection;
    }

    void run() {
      try (connection) {
        int length = ByteBuffer.wrap(read(4)).getInt();
        read(length - 4);
        message('R', bytes(4).putInt(0));
        for (String parameter :
            new String[] {
              "server_version\00015.6",
              "client_encoding\000UTF8",
              "DateStyle\000ISO, MDY",
              "integer_datetimes\000on",
              "standard_conforming_strings\000on",
              "TimeZone\000UTC"
            }) {
          message('S', text(parameter));
        }
        message('K', bytes(8).putInt(1).putInt(2));
        ready();
        for (int type; (type = read(1)[0]) != 'X'; ) {
          answer(type, read(ByteBuffer.wrap(read(4)).getInt() - 4));
        }
      } catch (IOException _) {
        // The client has gone.
      }
    }

    private void answer(int type, byte[] body) throws IOException {
      switch (type) {
        case 'P' -> {
          parse(body);
          message('1', bytes(0));
        }
        case 'B' -> message('2', bytes(0));
        case 'C' -> message('3', bytes(0));
        case 'D' -> describe();
        case 'E' -> execute();
        case 'Q' -> {
          parse(body);
          if (returnsRows) {
            describe();
          }
          execute();
          ready();
        }
        case 'S' -> ready();
        default -> throw new IOException("message not known: " + (char) type);
      }
    }

    private void parse(byte[] body) {
      returnsRows = new String(body, StandardCharsets.UTF_8).contains("SELECT");
    }

    private void describe() {
      if (returnsRows) {
        ByteBuffer field =
            bytes(32).putShort((short) 1).put("n\0".getBytes(StandardCharsets.UTF_8)).putInt(0);
        field.putShort((short) 0).putInt(23).putShort((short) 4).putInt(-1).putShort((short) 0);
        message('T', field);
      } else {
        message('n', bytes(0));
      }
    }

    private void execute() {
      if (returnsRows) {
        byte[] value = String.valueOf(++answered).getBytes(StandardCharsets.UTF_8);
        message('D', bytes(20).putShort((short) 1).putInt(value.length).put(value));
      }
      message('C', text(returnsRows ? "SELECT 1" : "SET"));
    }

    private void ready() throws IOException {
      message('Z', bytes(1).put((byte) 'I'));
      connection.write(out.toByteArray(), 0, out.size());
      out.reset();
    }

    private void message(int type, ByteBuffer body) {
      body.flip();
      out.write(type);
      out.writeBytes(ByteBuffer.allocate(4).putInt(4 + body.remaining()).array());
      out.write(body.array(), 0, body.remaining());
    }

    private static ByteBuffer bytes(int capacity) {
      return ByteBuffer.allocate(capacity);
    }

    private static ByteBuffer text(String text) {
      byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
      return bytes(encoded.length + 1).put(encoded).put((byte) 0);
    }

    private byte[] read(int length) throws IOException {
      byte[] bytes = new byte[length];
      for (int done = 0; done < length; ) {
        int count = connection.read(bytes, done, length - done);
        if (count < 0) {
          throw new EOFException();
        }
        done += count;
      }
      return bytes;
    }
  }
}
