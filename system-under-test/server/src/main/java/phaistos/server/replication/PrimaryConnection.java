package phaistos.server.replication;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.environment.Environment;
import phaistos.environment.Network.Connection;
import phaistos.formats.Lsn;
import phaistos.server.settings.ConnectionInfo;
import phaistos.server.wire.Frame;
import phaistos.server.wire.MessageReader;
import phaistos.server.wire.MessageWriter;

/**
 * A standby's connection to its primary before and after streaming (libpqwalreceiver.c): start-up,
 * commands and their rows. Not thread-safe.
 */
final class PrimaryConnection implements AutoCloseable {
  private static final int PROTOCOL = 3 << 16;

  final Connection connection;
  final MessageReader in;
  final MessageWriter out;
  private final long limitNanos;

  private PrimaryConnection(Connection connection, long limitNanos) {
    this.connection = connection;
    this.in = new MessageReader(connection);
    this.out = new MessageWriter(connection);
    this.limitNanos = limitNanos;
  }

  /** The primary refused, with its message. */
  static final class RefusedException extends IOException {
    RefusedException(String message) {
      super(message);
    }
  }

  /** Answer to IDENTIFY_SYSTEM. */
  record SystemIdentity(long systemId, int timeline, Lsn position) {}

  /** Answer to TIMELINE_HISTORY. */
  record HistoryFile(String name, byte[] content) {}

  /**
   * @param limitNanos how long the primary may take for each answer
   */
  static PrimaryConnection open(Environment environment, ConnectionInfo info, long limitNanos)
      throws IOException {
    Connection connection = environment.network().connect(info.address(), limitNanos);
    PrimaryConnection primary = new PrimaryConnection(connection, limitNanos);
    try {
      primary.startUp(info);
      return primary;
    } catch (IOException | RuntimeException e) {
      primary.close();
      throw e;
    }
  }

  private void startUp(ConnectionInfo info) throws IOException {
    List<String> pairs =
        List.of(
            "user",
            info.user(),
            "database",
            "replication",
            "replication",
            "true",
            "application_name",
            info.applicationName());
    int length = 4 + 4 + 1;
    for (String text : pairs) {
      length += text.getBytes(StandardCharsets.UTF_8).length + 1;
    }
    out.int32(length).int32(PROTOCOL);
    pairs.forEach(out::string);
    out.int8(0);
    out.flush();
    while (true) {
      Frame frame = next();
      if (frame.type() == 'Z') {
        return;
      }
      if (frame.type() == 'R' && frame.int32() != 0) {
        throw new RefusedException("the primary asks for a password, which is not supported");
      }
    }
  }

  SystemIdentity identifySystem() throws IOException {
    List<Optional<byte[]>> row = onlyRow("IDENTIFY_SYSTEM");
    return new SystemIdentity(
        Long.parseUnsignedLong(text(row, 0)),
        Integer.parseInt(text(row, 1)),
        Lsn.parse(text(row, 2)));
  }

  HistoryFile timelineHistory(int timeline) throws IOException {
    List<Optional<byte[]>> row = onlyRow("TIMELINE_HISTORY " + timeline);
    return new HistoryFile(text(row, 0), row.get(1).orElseThrow());
  }

  /**
   * Sends START_REPLICATION.
   *
   * @return empty if streaming began; the timeline that follows, or 0 if the primary does not say,
   *     if this one ends at this position
   */
  Optional<Integer> startReplication(Lsn start, int timeline) throws IOException {
    query("START_REPLICATION %s TIMELINE %d".formatted(start, timeline));
    return nextTimeline();
  }

  /**
   * Reads up to the primary's readiness after streaming has ended on both sides.
   *
   * @return the timeline that follows, 0 if the primary does not say
   */
  int finishStreaming() throws IOException {
    return nextTimeline().orElseThrow(() -> new IOException("the primary streams once more"));
  }

  private Optional<Integer> nextTimeline() throws IOException {
    int following = 0;
    while (true) {
      Frame frame = next();
      switch (frame.type()) {
        case 'W' -> {
          return Optional.empty();
        }
        case 'D' -> following = Integer.parseInt(text(row(frame), 0));
        case 'T', 'C' -> {
          // the row's columns and the command tags
        }
        case 'Z' -> {
          return Optional.of(following);
        }
        default -> throw unexpected(frame);
      }
    }
  }

  private List<Optional<byte[]>> onlyRow(String command) throws IOException {
    query(command);
    List<Optional<byte[]>> row = List.of();
    while (true) {
      Frame frame = next();
      switch (frame.type()) {
        case 'D' -> row = row(frame);
        case 'T', 'C' -> {
          // the file name is known
        }
        case 'Z' -> {
          if (row.isEmpty()) {
            throw new IOException("the primary gave no row: command=" + command);
          }
          return row;
        }
        default -> throw unexpected(frame);
      }
    }
  }

  private static List<Optional<byte[]>> row(Frame frame) {
    int count = frame.int16();
    List<Optional<byte[]>> row = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = frame.int32();
      row.add(length < 0 ? Optional.empty() : Optional.of(frame.bytes(length)));
    }
    return row;
  }

  private static String text(List<Optional<byte[]>> row, int column) throws IOException {
    if (column >= row.size() || row.get(column).isEmpty()) {
      throw new IOException("the primary gave no value: column=" + column);
    }
    return new String(row.get(column).get(), StandardCharsets.UTF_8);
  }

  private void query(String text) throws IOException {
    out.begin('Q').string(text).end();
    out.flush();
  }

  /** The next message other than notices and parameters; throws an error response. */
  private Frame next() throws IOException {
    while (true) {
      while (!in.hasNext()) {
        if (!in.receive(limitNanos)) {
          throw new EOFException("the primary closed the connection");
        }
      }
      Frame frame = in.next();
      switch (frame.type()) {
        case 'E' -> throw new RefusedException(message(frame));
        case 'N', 'S', 'K' -> {
          // nothing to do with them
        }
        default -> {
          return frame;
        }
      }
    }
  }

  /** An error's severity and message, with its detail if it has one. */
  static String message(Frame frame) {
    String severity = "ERROR";
    String message = "";
    String detail = "";
    ByteBuffer body = frame.body();
    while (body.hasRemaining()) {
      int field = frame.int8();
      if (field == 0) {
        break;
      }
      String value = frame.string();
      switch (field) {
        case 'S' -> severity = value;
        case 'M' -> message = value;
        case 'D' -> detail = " (" + value + ")";
        default -> {
          // code, position, routine
        }
      }
    }
    return severity + ":  " + message + detail;
  }

  private static IOException unexpected(Frame frame) {
    return new IOException("unexpected message from the primary: type=" + frame.type());
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
