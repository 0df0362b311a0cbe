package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.Lsn;

/**
 * What a walsender puts on the wire, ours and PostgreSQL 15's: each message's start, length and end
 * of WAL while a standby catches up, over the end of a segment too, and while it has all.
 */
@Timeout(120)
class StreamingWireTest {
  private static final int SEGMENT = 1 << 20;
  private static final int PAGE = 8192;
  private static final int MESSAGE = 16 * PAGE;

  @TempDir private Path folder;

  /** A message of WAL: where its data begins and ends, and the end of WAL that it names. */
  private record Data(long start, long end, long walEnd) {}

  /** A replication connection, byte for byte. */
  private static final class Standby implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private int keepalives;

    Standby(int port) throws IOException {
      socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
      socket.setSoTimeout(30_000);
      in = new DataInputStream(socket.getInputStream());
      out = new DataOutputStream(socket.getOutputStream());
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      DataOutputStream start = new DataOutputStream(body);
      start.writeInt(3 << 16);
      for (String each : List.of("user", "postgres", "replication", "true", "")) {
        start.write((each + "\0").getBytes(StandardCharsets.UTF_8));
      }
      out.writeInt(body.size() + 4);
      out.write(body.toByteArray());
      while (message().get(0) != 'Z') {
        // parameters
      }
    }

    /** A message with its type in the first byte. */
    private ByteBuffer message() throws IOException {
      byte type = in.readByte();
      byte[] body = new byte[in.readInt() - 4];
      in.readFully(body);
      assertTrue(type != 'E', () -> new String(body, StandardCharsets.UTF_8));
      return ByteBuffer.allocate(body.length + 1).put(type).put(body).flip();
    }

    void start(Lsn from) throws IOException {
      byte[] text = "START_REPLICATION PHYSICAL %s TIMELINE 1\0".formatted(from).getBytes();
      out.writeByte('Q');
      out.writeInt(text.length + 4);
      out.write(text);
      assertEquals('W', message().get(0));
    }

    Data next() throws IOException {
      while (true) {
        ByteBuffer message = message();
        assertEquals('d', message.get());
        byte type = message.get();
        if (type == 'k') {
          keepalives++;
          assertEquals(17, message.remaining());
          continue;
        }
        assertEquals('w', type);
        long start = message.getLong();
        long walEnd = message.getLong();
        message.getLong();
        return new Data(start, start + message.remaining(), walEnd);
      }
    }

    List<Data> until(Lsn end) throws IOException {
      List<Data> all = new ArrayList<>();
      do {
        all.add(next());
      } while (all.getLast().end < end.value());
      return all;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static Connection connect(int port) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(port));
  }

  private static Lsn flushed(Statement statement) throws SQLException {
    try (var rows = statement.executeQuery("select pg_current_wal_flush_lsn()")) {
      rows.next();
      return Lsn.parse(rows.getString(1));
    }
  }

  /** The lengths that the rule of the document gives, from here to the end of WAL. */
  private static List<Long> rule(Lsn from, Lsn end) {
    List<Long> lengths = new ArrayList<>();
    for (long at = from.value(); at < end.value(); at += lengths.getLast()) {
      long to = at + MESSAGE;
      lengths.add((to < end.value() ? to / PAGE * PAGE : end.value()) - at);
    }
    return lengths;
  }

  private static List<Long> lengths(List<Data> messages) {
    return messages.stream().map(each -> each.end - each.start).toList();
  }

  private static void check(int port) throws Exception {
    try (Connection connection = connect(port);
        Statement statement = connection.createStatement()) {
      statement.execute("create table t (a int, b text)");
      statement.execute(
          "insert into t select i, 'some text of a row' from generate_series(1, 100000) i");
      Lsn end = flushed(statement);
      // not a multiple of 128 kB before the end of a segment
      Lsn from = new Lsn(end.value() / SEGMENT * SEGMENT - SEGMENT - 3 * PAGE);
      try (Standby standby = new Standby(port)) {
        standby.start(from);
        List<Data> caughtUp = standby.until(end);
        assertEquals(rule(from, end), lengths(caughtUp));
        for (Data each : caughtUp) {
          assertEquals(end.value(), each.walEnd);
        }
        assertTrue(
            caughtUp.stream().anyMatch(e -> e.start / SEGMENT != (e.end - 1) / SEGMENT),
            "no message over the end of a segment: " + caughtUp);
        Lsn last = end;
        for (int i = 0; i < 5; i++) {
          statement.execute("insert into t values (1, 'one')");
          Data live = standby.next();
          assertEquals(last.value(), live.start);
          assertEquals(live.walEnd, live.end);
          last = new Lsn(live.end);
          assertEquals(flushed(statement), last);
        }
      }
    }
  }

  @Test
  void oursFollowsTheDocumentsRule() throws Exception {
    try (LocalServer ours = LocalServer.start(Files.createDirectory(folder.resolve("n1")))) {
      check(ours.port());
    }
  }

  @Test
  void postgresDoesSoToo() throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    Path home = RealPostgres.createFolder();
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (RealPostgres real = new RealPostgres("wire", home, port)) {
      real.initialize();
      real.start();
      check(port);
    } finally {
      RealPostgres.deleteFolder(home);
    }
  }
}
