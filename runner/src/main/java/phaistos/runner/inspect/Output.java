package phaistos.runner.inspect;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Standard output in large pieces. Characters are bytes (Latin 1), so that text inside PostgreSQL's
 * files comes out as it is. A reader that went away (as {@code head} does) ends the work quietly.
 * Not thread-safe.
 */
final class Output implements AutoCloseable {
  private static final int FLUSH_AT = 1 << 16;

  private final PrintStream stream;
  private final StringBuilder text = new StringBuilder(FLUSH_AT + 4096);

  Output(PrintStream stream) {
    this.stream = stream;
  }

  /** Nobody reads any more. */
  static final class Closed extends IOException {
    Closed() {
      super("standard output is closed");
    }
  }

  /** The text to append to; call {@link #lineDone} after each line. */
  StringBuilder text() {
    return text;
  }

  /** Ends a line. */
  void lineDone() throws Closed {
    text.append('\n');
    if (text.length() >= FLUSH_AT) {
      flush();
    }
  }

  void line(String line) throws Closed {
    text.append(line);
    lineDone();
  }

  void flush() throws Closed {
    byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    text.setLength(0);
    stream.write(bytes, 0, bytes.length);
    stream.flush();
    if (stream.checkError()) {
      throw new Closed();
    }
  }

  @Override
  public void close() throws Closed {
    flush();
  }
}
