package phaistos.histories;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.IOException;
import java.io.Reader;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * dbcop's sessions of transactions (rnbguy/dbcop): as JSON, with or without the head that describes
 * their making, events written in full or as {@code ["r", variable, version]}; and as bincode, as
 * its older versions wrote {@code history.bincode}. Version null is the initial state.
 */
final class DbcopEvents {
  private static final int HEAD_NUMBERS = 5;
  private static final int LONGEST_TEXT = 1 << 16;

  private final String source;
  private final SessionEvents events = new SessionEvents();

  DbcopEvents(String source) {
    this.source = source;
  }

  /** The head, if there is one, and the array of sessions. */
  ListedEvents json(Reader text) throws IOException {
    JsonParser in = JsonValues.parser(text);
    JsonValues values = new JsonValues(in, source);
    try {
      if (in.nextToken() == JsonToken.START_OBJECT) {
        while (in.nextToken() == JsonToken.FIELD_NAME) {
          boolean isData = in.currentName().equals("data") || in.currentName().equals("sessions");
          in.nextToken();
          if (isData) {
            sessions(in, values);
          } else {
            in.skipChildren();
          }
        }
      } else {
        sessions(in, values);
      }
    } catch (StreamReadException e) {
      throw new EdnException(source, e.getLocation().getLineNr(), e.getOriginalMessage());
    }
    return events.events();
  }

  private void sessions(JsonParser in, JsonValues values) throws IOException {
    require(in, in.currentToken() == JsonToken.START_ARRAY, "the sessions are no array");
    long session = 0;
    while (in.nextToken() != JsonToken.END_ARRAY) {
      require(in, in.currentToken() == JsonToken.START_ARRAY, "a session is no array");
      while (in.nextToken() != JsonToken.END_ARRAY) {
        long line = in.currentTokenLocation().getLineNr();
        transaction(Edn.of(session), values.value(), line);
      }
      session++;
    }
  }

  private void require(JsonParser in, boolean condition, String reason) {
    if (!condition) {
      throw new EdnException(source, in.currentLocation().getLineNr(), reason);
    }
  }

  private void transaction(Edn session, Edn value, long line) {
    if (!(Operations.field(value, "events").orElse(Edn.NIL)
        instanceof Edn.Vector(List<Edn> steps))) {
      throw new EdnException(
          source, line, "a transaction has no events: " + EdnWriter.print(value));
    }
    Optional<Edn> committed = Operations.field(value, "committed", "success");
    Edn txn = events.begin(session, committed.equals(Optional.of(Edn.FALSE)), line);
    for (Edn step : steps) {
      step(txn, step, line);
    }
  }

  private void step(Edn txn, Edn step, long line) {
    Optional<Edn> read = Operations.field(step, "Read");
    Optional<Edn> write = Operations.field(step, "Write");
    if (read.isPresent() || write.isPresent()) {
      Edn body = read.or(() -> write).orElseThrow();
      Optional<Edn> variable = Operations.field(body, "variable", "key");
      Edn version = Operations.field(body, "version", "value").orElse(Edn.NIL);
      if (variable.isPresent() && (read.isPresent() || version != Edn.NIL)) {
        events.step(txn, write.isPresent(), variable.get(), version);
        return;
      }
    } else if (step instanceof Edn.Vector(List<Edn> parts) && parts.size() == 3) {
      boolean isWrite = parts.getFirst().equals(Edn.of("w"));
      boolean isRead = parts.getFirst().equals(Edn.of("r"));
      if (isRead || isWrite && parts.get(2) != Edn.NIL) {
        events.step(txn, isWrite, parts.get(1), parts.get(2));
        return;
      }
    } else if (Operations.field(step, "variable").isPresent()) {
      Edn version = Operations.field(step, "version", "value").orElse(Edn.NIL);
      boolean isWrite = Operations.field(step, "write").equals(Optional.of(Edn.TRUE));
      events.step(txn, isWrite, Operations.field(step, "variable").get(), version);
      return;
    }
    throw new EdnException(
        source,
        line,
        "an event is a Read or a Write with variable and version, not " + EdnWriter.print(step));
  }

  /** Whether these bytes begin like a history in bincode: five small numbers and three texts. */
  static boolean isBinary(byte[] head) {
    try {
      ByteBuffer in = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < HEAD_NUMBERS; i++) {
        if (in.getLong() >>> 32 != 0) {
          return false;
        }
      }
      text(in);
      return text(in).matches("\\d{4}-\\d\\d-\\d\\d.*")
          && text(in).matches("\\d{4}-\\d\\d-\\d\\d.*");
    } catch (BufferUnderflowException | IllegalArgumentException _) {
      return false;
    }
  }

  /** Reads bincode: little-endian; lists and texts begin with their length in eight bytes. */
  ListedEvents binary(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      in.position(HEAD_NUMBERS * Long.BYTES);
      for (int i = 0; i < 3; i++) {
        text(in);
      }
      long sessions = in.getLong();
      for (long session = 0; session < sessions; session++) {
        long transactions = in.getLong();
        for (long t = 0; t < transactions; t++) {
          binaryTransaction(Edn.of(session), in);
        }
      }
    } catch (BufferUnderflowException | IllegalArgumentException _) {
      throw new EdnException(
          source, 1, "the history of dbcop ends within a transaction, at byte " + in.position());
    }
    return events.events();
  }

  /**
   * Reads a transaction. A failed step did not happen; a failed write becomes part of an aborted
   * transaction.
   */
  private void binaryTransaction(Edn session, ByteBuffer in) {
    long steps = in.getLong();
    Edn txn = events.begin(session, false, 1);
    for (long i = 0; i < steps; i++) {
      boolean isWrite = in.get() != 0;
      Edn key = unsigned(in.getLong());
      Edn value = unsigned(in.getLong());
      if (in.get() != 0) {
        events.step(txn, isWrite, key, value);
      } else if (isWrite) {
        events.step(events.begin(session, true, 1), true, key, value);
      }
    }
    if (in.get() == 0) {
      events.abort(txn);
    }
  }

  private static Edn unsigned(long value) {
    return value >= 0 ? Edn.of(value) : Edn.of(new BigInteger(Long.toUnsignedString(value)));
  }

  private static String text(ByteBuffer in) {
    long length = in.getLong();
    if (length < 0 || length > LONGEST_TEXT) {
      throw new IllegalArgumentException("length=" + length);
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
