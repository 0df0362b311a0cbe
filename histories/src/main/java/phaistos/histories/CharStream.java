package phaistos.histories;

import java.io.IOException;
import java.io.Reader;

/** Characters with a look-ahead of two, and their line. Not thread-safe. */
final class CharStream {
  static final int END = -1;

  private final Reader in;
  private final char[] buffer = new char[1 << 16];
  private int position;
  private int limit;
  private long line = 1;
  private final StringBuilder token = new StringBuilder();

  CharStream(Reader in) {
    this.in = in;
  }

  /** The line of the next character, from 1. */
  long line() {
    return line;
  }

  StringBuilder token() {
    return token;
  }

  /** The next character, or {@link #END}. */
  int take() throws IOException {
    int c = peek();
    if (c != END) {
      position++;
      if (c == '\n') {
        line++;
      }
    }
    return c;
  }

  /** The characters up to the next delimiter, into {@link #token()}. */
  void readToken() throws IOException {
    token.setLength(0);
    while (true) {
      int start = position;
      while (position < limit && !isDelimiter(buffer[position])) {
        position++;
      }
      token.append(buffer, start, position - start);
      if (position < limit || isDelimiter(peek())) {
        return;
      }
    }
  }

  static boolean isDelimiter(int c) {
    return switch (c) {
      case END, ',', '"', ';', '(', ')', '[', ']', '{', '}', '\\' -> true;
      default -> c <= ' ' || c > 127 && Character.isWhitespace(c);
    };
  }

  int peek() throws IOException {
    return position < limit || fill() ? buffer[position] : END;
  }

  int peekSecond() throws IOException {
    if (position + 1 >= limit) {
      buffer[0] = buffer[position];
      limit = 1;
      position = 0;
      int count = in.read(buffer, 1, buffer.length - 1);
      if (count <= 0) {
        return END;
      }
      limit += count;
    }
    return buffer[position + 1];
  }

  private boolean fill() throws IOException {
    int count = in.read(buffer, 0, buffer.length);
    position = 0;
    limit = Math.max(count, 0);
    return count > 0;
  }
}
