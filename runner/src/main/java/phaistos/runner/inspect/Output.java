package phaistos.runner.inspect;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import phaistos.formats.Text;

/**
 * Standard output in large pieces. Characters are bytes (Latin 1), so that text inside PostgreSQL's
 * files comes out as it is. A reader that went away (as {@code head} does) ends the work quietly.
 * Not thread-safe.
 */
final class Output implements AutoCloseable {
  private static final int FLUSH_AT = 1 << 16;

  private final PrintStream stream;
  private final Text text = new Text(FLUSH_AT + 4096);

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
  Text text() {
    return text;
  }

  /** Whole lines. */
  void lines(Text more) throws Closed {
    flush();
    write(more);
  }

  /** Ends a line. */
  void lineDone() throws Closed {
    text.append('\n');
    if (text.length() >= FLUSH_AT) {
      flush();
    }
  }

  void line(String line) throws Closed {
    put(line);
    lineDone();
  }

  /** Any text; a character that Latin 1 does not have becomes a question mark. */
  void put(String any) {
    text.append(new String(any.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1));
  }

  void flush() throws Closed {
    write(text);
    text.clear();
  }

  private void write(Text some) throws Closed {
    try {
      some.writeTo(stream);
    } catch (IOException e) {
      throw new Closed();
    }
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
