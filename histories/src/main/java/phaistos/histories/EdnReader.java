package phaistos.histories;

import java.io.IOException;
import java.io.Reader;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Reads EDN values one after the other from a stream, in memory bounded by the largest value. Every
 * error names the source and the line. Not thread-safe.
 *
 * <p>It is our own, and not a library's, because an error in a history must name its line, a
 * history may be gigabytes, and the values go straight into {@link Edn}.
 */
public final class EdnReader {
  private static final int DEPTH_MAX = 1_000;
  private static final int END = -1;
  private static final int KEYWORDS = 256;

  private final Reader in;
  private final String source;
  private final char[] buffer = new char[1 << 16];
  private int position;
  private int limit;
  private long line = 1;
  private final StringBuilder token = new StringBuilder();
  private final Edn.Keyword[] keywords = new Edn.Keyword[KEYWORDS];

  public EdnReader(Reader in, String source) {
    this.in = in;
    this.source = source;
  }

  /** The line, from 1, that the next character stands on. */
  public long line() {
    return line;
  }

  /** The next value, or nothing at the end of the stream. */
  public Optional<Edn> next() throws IOException {
    int c = skipBlank();
    return c == END ? Optional.empty() : Optional.of(read(0));
  }

  /** The next character that is neither blank nor comment, without taking it; -1 at the end. */
  public int skipBlank() throws IOException {
    while (true) {
      int c = peek();
      if (c == ';') {
        while (c != '\n' && c != END) {
          take();
          c = peek();
        }
      } else if (c == '#' && peekSecond() == '_') {
        take();
        take();
        requireMore();
        read(0);
      } else if (c != END && (Character.isWhitespace(c) || c == ',' || c == '\uFEFF')) {
        take();
      } else {
        return c;
      }
    }
  }

  /** Takes one character, for a caller that walks a collection itself; -1 at the end. */
  public int take() throws IOException {
    int c = peek();
    if (c != END) {
      position++;
      if (c == '\n') {
        line++;
      }
    }
    return c;
  }

  boolean isAtEnd() throws IOException {
    return peek() == END;
  }

  /** The next value, which must be there. */
  Edn value() throws IOException {
    return read(0);
  }

  public EdnException error(String reason) {
    return new EdnException(source, line, reason);
  }

  EdnException endError(String reason) {
    return new EdnException(source, line, reason, true);
  }

  private void requireMore() throws IOException {
    if (skipBlank() == END) {
      throw endError("the text ends within a value");
    }
  }

  private Edn read(int depth) throws IOException {
    if (depth > DEPTH_MAX) {
      throw error("values nest deeper than " + DEPTH_MAX);
    }
    int c = skipBlank();
    return switch (c) {
      case '[' -> new Edn.Vector(readUntil(']', depth));
      case '(' -> new Edn.Sequence(readUntil(')', depth));
      case '{' -> readTable(depth);
      case '"' -> new Edn.Text(readText());
      case '\\' -> readChar();
      case '#' -> readDispatch(depth);
      case ']', ')', '}' -> throw error("unexpected " + (char) c);
      case END -> throw endError("the text ends within a value");
      default -> readAtom();
    };
  }

  private List<Edn> readUntil(char close, int depth) throws IOException {
    long opened = line;
    take();
    List<Edn> items = new ArrayList<>();
    while (true) {
      int c = skipBlank();
      if (c == close) {
        take();
        return items;
      }
      if (c == END) {
        throw endError("the text ends before the " + close + " of line " + opened);
      }
      items.add(read(depth + 1));
    }
  }

  private Edn readTable(int depth) throws IOException {
    List<Edn> items = readUntil('}', depth);
    if (items.size() % 2 != 0) {
      throw error("a map has a key without a value");
    }
    LinkedHashMap<Edn, Edn> entries = new LinkedHashMap<>();
    for (int i = 0; i < items.size(); i += 2) {
      if (entries.put(items.get(i), items.get(i + 1)) != null) {
        throw error("a map has the key " + EdnWriter.print(items.get(i)) + " twice");
      }
    }
    return new Edn.Table(entries);
  }

  private Edn readDispatch(int depth) throws IOException {
    take();
    int c = peek();
    if (c == '{') {
      return new Edn.Group(new LinkedHashSet<>(readUntil('}', depth)));
    }
    if (c == '#') {
      take();
      String name = readToken();
      return switch (name) {
        case "NaN" -> new Edn.Real(Double.NaN);
        case "Inf" -> new Edn.Real(Double.POSITIVE_INFINITY);
        case "-Inf" -> new Edn.Real(Double.NEGATIVE_INFINITY);
        default -> throw error("unknown number ##" + name);
      };
    }
    if (c == END || !Character.isLetter(c)) {
      throw error("# is followed by no tag");
    }
    String tag = readToken();
    requireMore();
    return new Edn.Tagged(tag, read(depth + 1));
  }

  private String readText() throws IOException {
    long opened = line;
    take();
    token.setLength(0);
    while (true) {
      int c = take();
      switch (c) {
        case '"' -> {
          return token.toString();
        }
        case END -> throw endError("the text ends before the \" of line " + opened);
        case '\\' -> token.append(readEscape());
        default -> token.append((char) c);
      }
    }
  }

  private char readEscape() throws IOException {
    int c = take();
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case '"', '\\', '/' -> (char) c;
      case 'u' -> readUnicode();
      case END -> throw endError("the text ends within an escape");
      default -> throw error("unknown escape \\" + (char) c);
    };
  }

  private char readUnicode() throws IOException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int next = take();
      if (next == END) {
        throw endError("the text ends within an escape");
      }
      int digit = Character.digit(next, 16);
      if (digit < 0) {
        throw error("\\u is not followed by four hexadecimal digits");
      }
      value = value * 16 + digit;
    }
    return (char) value;
  }

  private Edn readChar() throws IOException {
    take();
    int first = take();
    if (first == END) {
      throw endError("the text ends within a character");
    }
    token.setLength(0);
    token.append((char) first);
    while (!isDelimiter(peek())) {
      token.append((char) take());
    }
    String name = token.toString();
    return switch (name) {
      case "newline" -> new Edn.Char('\n');
      case "return" -> new Edn.Char('\r');
      case "space" -> new Edn.Char(' ');
      case "tab" -> new Edn.Char('\t');
      default -> {
        if (name.codePointCount(0, name.length()) == 1) {
          yield new Edn.Char(name.codePointAt(0));
        }
        if (name.length() == 5 && name.charAt(0) == 'u') {
          try {
            yield new Edn.Char(Integer.parseInt(name.substring(1), 16));
          } catch (NumberFormatException e) {
            throw error("unknown character \\" + name);
          }
        }
        throw error("unknown character \\" + name);
      }
    };
  }

  private Edn readAtom() throws IOException {
    collectToken();
    if (token.isEmpty()) {
      throw error("unexpected " + (char) take());
    }
    char first = token.charAt(0);
    if (first == ':') {
      if (token.length() == 1) {
        throw error("a keyword without a name");
      }
      return keyword();
    }
    if (isSmallNumber()) {
      return new Edn.Int(Long.parseLong(token, 0, token.length(), 10));
    }
    String text = token.toString();
    boolean signed = text.length() > 1 && (first == '-' || first == '+');
    if (Character.isDigit(first) || signed && Character.isDigit(text.charAt(1))) {
      return readNumber(text);
    }
    return switch (text) {
      case "nil" -> Edn.NIL;
      case "true" -> Edn.TRUE;
      case "false" -> Edn.FALSE;
      default -> new Edn.Symbol(text);
    };
  }

  private Edn readNumber(String text) {
    int end = text.length();
    try {
      char last = text.charAt(end - 1);
      if (last == 'N') {
        return new Edn.BigInt(new BigInteger(text.substring(0, end - 1)));
      }
      boolean real = text.indexOf('.') >= 0 || text.indexOf('e') >= 0 || text.indexOf('E') >= 0;
      if (real || last == 'M') {
        return new Edn.Real(Double.parseDouble(last == 'M' ? text.substring(0, end - 1) : text));
      }
      if (end <= 18) {
        return new Edn.Int(Long.parseLong(text));
      }
      BigInteger big = new BigInteger(text);
      return big.bitLength() < 64 ? new Edn.Int(big.longValue()) : new Edn.BigInt(big);
    } catch (NumberFormatException e) {
      throw error("not a number: " + text);
    }
  }

  private boolean isSmallNumber() {
    int length = token.length();
    if (length > 18) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = token.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
    }
    return true;
  }

  /** The keyword of the token; few different ones fill a history, so they are shared. */
  private Edn.Keyword keyword() {
    int hash = 0;
    for (int i = 1; i < token.length(); i++) {
      hash = hash * 31 + token.charAt(i);
    }
    int slot = (hash ^ hash >>> 8) & KEYWORDS - 1;
    Edn.Keyword shared = keywords[slot];
    if (shared != null && isTokenName(shared.name())) {
      return shared;
    }
    Edn.Keyword keyword = new Edn.Keyword(token.substring(1));
    keywords[slot] = keyword;
    return keyword;
  }

  private boolean isTokenName(String name) {
    int length = name.length();
    if (length != token.length() - 1) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (name.charAt(i) != token.charAt(i + 1)) {
        return false;
      }
    }
    return true;
  }

  private String readToken() throws IOException {
    collectToken();
    return token.toString();
  }

  private void collectToken() throws IOException {
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

  private static boolean isDelimiter(int c) {
    return switch (c) {
      case END, ',', '"', ';', '(', ')', '[', ']', '{', '}', '\\' -> true;
      default -> c <= ' ' || c > 127 && Character.isWhitespace(c);
    };
  }

  private int peek() throws IOException {
    return position < limit || fill() ? buffer[position] : END;
  }

  private int peekSecond() throws IOException {
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
