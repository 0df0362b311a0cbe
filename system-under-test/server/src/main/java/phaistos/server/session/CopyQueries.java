package phaistos.server.session;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import phaistos.server.errors.PgError;
import phaistos.server.executor.Copies;
import phaistos.server.executor.Outcome;
import phaistos.server.sql.Command;
import phaistos.server.wire.Frame;
import phaistos.server.wire.MessageReader;
import phaistos.server.wire.MessageWriter;

/** COPY's own part of the protocol: data from the client, or to it. */
final class CopyQueries {
  private static final String END = "\\.";

  private final Session session;
  private final MessageReader in;

  CopyQueries(Session session, MessageReader in) {
    this.session = session;
    this.in = in;
  }

  Outcome run(Command.Copy copy) throws IOException {
    Copies copies = Copies.of(copy, session.context());
    try {
      return Outcome.tag("COPY " + (copy.from() ? receive(copies) : send(copies)));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void response(char type, int columns) {
    MessageWriter out = session.out().begin(type).int8(0).int16(columns);
    for (int i = 0; i < columns; i++) {
      out.int16(0);
    }
    out.end();
  }

  private long receive(Copies copies) throws IOException {
    response('G', copies.width());
    session.out().flush();
    Copies.Input input = copies.new Input();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean ended = false;
    while (true) {
      in.awaitType();
      Frame frame = in.next();
      switch (frame.type()) {
        case 'd' -> ended = lines(frame, line, input, ended);
        case 'c' -> {
          if (line.size() > 0 && !ended) {
            line(line, input);
          }
          return input.end();
        }
        case 'f' -> throw PgError.error("57014", "COPY from stdin failed: " + frame.string());
        case 'H', 'S' -> {
          // a client may flush and sync at any time
        }
        default ->
            throw PgError.error(
                "08P01",
                "unexpected message type 0x%02X during COPY from stdin"
                    .formatted((int) frame.type()));
      }
    }
  }

  /** Passes on the lines that end in this message; whether the end of the data has come. */
  private static boolean lines(
      Frame frame, ByteArrayOutputStream line, Copies.Input input, boolean before) {
    boolean ended = before;
    byte[] bytes = frame.bytes(frame.body().remaining());
    int from = 0;
    for (int i = 0; i < bytes.length && !ended; i++) {
      if (bytes[i] == '\n') {
        line.write(bytes, from, i - from);
        from = i + 1;
        ended = line(line, input);
      }
    }
    if (!ended) {
      line.write(bytes, from, bytes.length - from);
    }
    return ended;
  }

  private static boolean line(ByteArrayOutputStream bytes, Copies.Input input) {
    String text = bytes.toString(StandardCharsets.UTF_8);
    bytes.reset();
    if (text.endsWith("\r")) {
      text = text.substring(0, text.length() - 1);
    }
    if (text.equals(END)) {
      return true;
    }
    input.line(text);
    return false;
  }

  private long send(Copies copies) {
    response('H', copies.width());
    MessageWriter out = session.out();
    long rows =
        copies.output(
            line -> {
              try {
                out.begin('d').bytes((line + "\n").getBytes(StandardCharsets.UTF_8)).end();
                out.flushIfLarge();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    out.begin('c').end();
    return rows;
  }
}
