package phaistos.histories;

import java.io.IOException;

/** The values of {@link EdnReader} that run up to a closing mark. Not thread-safe. */
final class EdnTexts {
  private static final int END = CharStream.END;

  private final CharStream in;
  private final EdnReader owner;

  /** {@code owner} makes the errors. */
  EdnTexts(CharStream in, EdnReader owner) {
    this.in = in;
    this.owner = owner;
  }

  /**
   * As printed before Clojure 1.7, {@code #<Object java.lang.Object@1f>}: up to its last bracket.
   */
  String readUnreadable() throws IOException {
    long opened = in.line();
    StringBuilder text = new StringBuilder("#");
    int open = 0;
    while (true) {
      int c = in.take();
      if (c == END) {
        throw owner.endError("the text ends before the > of line " + opened);
      }
      char before = text.charAt(text.length() - 1);
      text.append((char) c);
      if (c == '<' && before == '#') {
        open++;
      } else if (c == '>' && before != '-' && before != '=' && isAfterUnreadable(in.peek())) {
        if (--open == 0) {
          return text.toString();
        }
      }
    }
  }

  private static boolean isAfterUnreadable(int c) {
    return c == '>' || CharStream.isDelimiter(c);
  }

  /** Reads a regular expression; its backslashes stay as they are. */
  String readPattern() throws IOException {
    long opened = in.line();
    in.take();
    StringBuilder text = new StringBuilder();
    while (true) {
      int c = in.take();
      if (c == '"') {
        return text.toString();
      }
      if (c == END) {
        throw owner.endError("the text ends before the \" of line " + opened);
      }
      text.append((char) c);
      if (c == '\\') {
        int next = in.take();
        if (next != END) {
          text.append((char) next);
        }
      }
    }
  }

  String readText() throws IOException {
    long opened = in.line();
    in.take();
    StringBuilder text = in.token();
    text.setLength(0);
    while (true) {
      int c = in.take();
      switch (c) {
        case '"' -> {
          return text.toString();
        }
        case END -> throw owner.endError("the text ends before the \" of line " + opened);
        case '\\' -> text.append(readEscape());
        default -> text.append((char) c);
      }
    }
  }

  private char readEscape() throws IOException {
    int c = in.take();
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case '"', '\\', '/' -> (char) c;
      case 'u' -> readUnicode();
      case '0', '1', '2', '3', '4', '5', '6', '7' -> readOctal(c);
      case END -> throw owner.endError("the text ends within an escape");
      default -> throw owner.error("unknown escape \\" + (char) c);
    };
  }

  private char readOctal(int first) throws IOException {
    int value = first - '0';
    for (int i = 1; i < 3 && in.peek() >= '0' && in.peek() <= '7'; i++) {
      value = value * 8 + in.take() - '0';
    }
    if (value > 0377) {
      throw owner.error("an octal escape above \\377");
    }
    return (char) value;
  }

  private char readUnicode() throws IOException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int next = in.take();
      if (next == END) {
        throw owner.endError("the text ends within an escape");
      }
      int digit = Character.digit(next, 16);
      if (digit < 0) {
        throw owner.error("\\u is not followed by four hexadecimal digits");
      }
      value = value * 16 + digit;
    }
    return (char) value;
  }
}
