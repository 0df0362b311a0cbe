package phaistos.runner.inspect;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import phaistos.formats.Text;

/**
 * Buffered standard output. Characters are bytes (Latin 1), so that text from PostgreSQL's files is
 * printed unchanged. A closed pipe (as by {@code head}) ends the work quietly. Not thread-safe.
 */
final class Output implements AutoCloseable {
  private static final int FLUSH_AT = 1 << 16;

  private final PrintStream stream;
  private final Text text = new Text(FLUSH_AT + 4096);

  Output(PrintStream stream) {
    this.stream = stream;
  }

  /** The reader has closed the pipe. */
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

  /** Any text; a character outside Latin 1 becomes a question mark. */
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
