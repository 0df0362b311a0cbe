package phaistos.histories;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Reads EDN values one after the other from a stream, in memory bounded by the largest value. It
 * also reads what Clojure's reader accepts beyond EDN: hexadecimal, octal and ratio numbers,
 * namespaced maps, metadata (left out), quotes and vars (the lists that Clojure makes of them),
 * patterns and functions ({@link Edn.Opaque}). Nothing is evaluated. Every error names the source
 * and the line. Not thread-safe.
 *
 * <p>No library is used, because an error in a history must name its line, a history may have
 * gigabytes, and the values go directly into {@link Edn}.
 */
public final class EdnReader {
  private static final int DEPTH_MAX = 1_000;
  private static final int END = -1;
  private static final int KEYWORDS = 256;

  private final CharStream in;
  private final String source;
  private int depth;
  private final StringBuilder token;
  private final EdnTexts texts;
  private final Edn.Keyword[] keywords = new Edn.Keyword[KEYWORDS];

  public EdnReader(Reader in, String source) {
    this.in = new CharStream(in);
    this.token = this.in.token();
    this.texts = new EdnTexts(this.in, this);
    this.source = source;
  }

  /** The line of the next character, from 1. */
  public long line() {
    return in.line();
  }

  /** The next value, or nothing at the end of the stream. */
  public Optional<Edn> next() throws IOException {
    depth = 0;
    int c = skipBlank();
    return c == END ? Optional.empty() : Optional.of(read());
  }

  /** The next character that is neither blank nor comment, without taking it; -1 at the end. */
  public int skipBlank() throws IOException {
    while (true) {
      int c = in.peek();
      if (c == ';' || c == '#' && in.peekSecond() == '!') {
        while (c != '\n' && c != END) {
          in.take();
          c = in.peek();
        }
      } else if (c == '#' && in.peekSecond() == '_') {
        in.take();
        in.take();
        requireMore();
        read();
      } else if (c != END && (Character.isWhitespace(c) || c == ',' || c == '\uFEFF')) {
        in.take();
      } else {
        return c;
      }
    }
  }

  /** Takes one character, for a caller that walks a collection itself; -1 at the end. */
  public int take() throws IOException {
    return in.take();
  }

  boolean isAtEnd() throws IOException {
    return in.peek() == END;
  }

  /** The next value, which must be there. */
  Edn value() throws IOException {
    depth = 0;
    return read();
  }

  public EdnException error(String reason) {
    return new EdnException(source, in.line(), reason);
  }

  EdnException endError(String reason) {
    return new EdnException(source, in.line(), reason, true);
  }

  private void requireMore() throws IOException {
    enter();
    if (skipBlank() == END) {
      throw endError("the text ends within a value");
    }
    depth--;
  }

  private void enter() {
    if (++depth > DEPTH_MAX) {
      throw error("values nest deeper than " + DEPTH_MAX);
    }
  }

  private Edn read() throws IOException {
    enter();
    int c = skipBlank();
    Edn value =
        switch (c) {
          case '[' -> new Edn.Vector(readUntil(']'));
          case '(' -> new Edn.Sequence(readUntil(')'));
          case '{' -> readTable("");
          case '"' -> new Edn.Text(texts.readText());
          case '\\' -> readChar();
          case '#' -> readDispatch();
          case '\'' -> readCall("quote");
          case '@' -> readCall("clojure.core/deref");
          case '^' -> readMeta();
          case '`', '~' -> readTemplate();
          case ']', ')', '}' -> throw error("unexpected " + (char) c);
          case END -> throw endError("the text ends within a value");
          default -> readAtom();
        };
    depth--;
    return value;
  }

  private List<Edn> readUntil(char close) throws IOException {
    long opened = in.line();
    in.take();
    List<Edn> items = new ArrayList<>();
    while (true) {
      int c = skipBlank();
      if (c == close) {
        in.take();
        return items;
      }
      if (c == END) {
        throw endError("the text ends before the " + close + " of line " + opened);
      }
      items.add(read());
    }
  }

  /** Reads a map. Keys without a namespace get {@code namespace}; "" gives none. */
  private Edn readTable(String namespace) throws IOException {
    List<Edn> items = readUntil('}');
    if (items.size() % 2 != 0) {
      throw error("a map has a key without a value");
    }
    LinkedHashMap<Edn, Edn> entries = new LinkedHashMap<>();
    for (int i = 0; i < items.size(); i += 2) {
      Edn key = namespace.isEmpty() ? items.get(i) : qualified(namespace, items.get(i));
      if (entries.put(key, items.get(i + 1)) != null) {
        throw error("a map has the key " + EdnWriter.print(key) + " twice");
      }
    }
    return new Edn.Table(entries);
  }

  private static Edn qualified(String namespace, Edn key) {
    return switch (key) {
      case Edn.Keyword(String name) -> new Edn.Keyword(qualified(namespace, name));
      case Edn.Symbol(String name) -> new Edn.Symbol(qualified(namespace, name));
      default -> key;
    };
  }

  private static String qualified(String namespace, String name) {
    if (name.startsWith("_/")) {
      return name.substring(2);
    }
    return name.indexOf('/') > 0 ? name : namespace + "/" + name;
  }

  private Edn readGroup() throws IOException {
    List<Edn> items = readUntil('}');
    LinkedHashSet<Edn> group = new LinkedHashSet<>();
    for (Edn item : items) {
      if (!group.add(item)) {
        throw error("a set has " + EdnWriter.print(item) + " twice");
      }
    }
    return new Edn.Group(group);
  }

  private Edn readDispatch() throws IOException {
    in.take();
    int c = in.peek();
    switch (c) {
      case '{' -> {
        return readGroup();
      }
      case '#' -> {
        in.take();
        return readSymbolic();
      }
      case ':' -> {
        String namespace = readToken().replaceFirst("^:+", "");
        if (skipBlank() != '{') {
          throw error("the namespace " + namespace + " is followed by no map");
        }
        return readTable(namespace);
      }
      case '"' -> {
        return new Edn.Opaque("#\"" + texts.readPattern() + '"');
      }
      case '\'' -> {
        return readCall("var");
      }
      case '^' -> {
        return readMeta();
      }
      case '(' -> {
        return opaque("#", value(')'));
      }
      case '<' -> {
        return new Edn.Opaque(texts.readUnreadable());
      }
      case '=', '?' -> {
        in.take();
        String mark = "#" + (char) c;
        return opaque(c == '?' && in.peek() == '@' ? mark + (char) in.take() : mark, readNext());
      }
      default -> {
        if (c == END || !Character.isLetter(c)) {
          throw error("# is followed by no tag");
        }
        return EdnAtoms.tagged(readToken(), readNext());
      }
    }
  }

  private Edn value(char close) throws IOException {
    return new Edn.Sequence(readUntil(close));
  }

  private static Edn opaque(String mark, Edn form) {
    return new Edn.Opaque(mark + EdnWriter.print(form));
  }

  /** The value that must follow the token just taken. */
  private Edn readNext() throws IOException {
    requireMore();
    return read();
  }

  private Edn readSymbolic() throws IOException {
    String name = readToken();
    return switch (name) {
      case "NaN" -> new Edn.Real(Double.NaN);
      case "Inf" -> new Edn.Real(Double.POSITIVE_INFINITY);
      case "-Inf" -> new Edn.Real(Double.NEGATIVE_INFINITY);
      default -> throw error("unknown number ##" + name);
    };
  }

  /** The list that Clojure's reader makes of a mark before a form. */
  private Edn readCall(String function) throws IOException {
    in.take();
    return new Edn.Sequence(List.of(new Edn.Symbol(function), readNext()));
  }

  /** Skips metadata, which is not part of a value. */
  private Edn readMeta() throws IOException {
    in.take();
    readNext();
    return readNext();
  }

  private Edn readTemplate() throws IOException {
    StringBuilder mark = new StringBuilder().append((char) in.take());
    if (mark.charAt(0) == '~' && in.peek() == '@') {
      mark.append((char) in.take());
    }
    return opaque(mark.toString(), readNext());
  }

  private Edn readChar() throws IOException {
    in.take();
    int first = in.take();
    if (first == END) {
      throw endError("the text ends within a character");
    }
    token.setLength(0);
    token.append((char) first);
    while (!CharStream.isDelimiter(in.peek())) {
      token.append((char) in.take());
    }
    try {
      return EdnAtoms.character(token.toString());
    } catch (NumberFormatException _) {
      throw error("unknown character \\" + token);
    } catch (IllegalArgumentException e) {
      throw error(e.getMessage());
    }
  }

  private Edn readAtom() throws IOException {
    in.readToken();
    if (token.isEmpty()) {
      throw error("unexpected " + (char) in.take());
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
    try {
      return EdnAtoms.number(text);
    } catch (NumberFormatException _) {
      throw error("not a number: " + text);
    } catch (ArithmeticException e) {
      throw error("not a number: " + text + ", " + e.getMessage());
    }
  }

  private boolean isSmallNumber() {
    int length = token.length();
    if (length > 18 || token.charAt(0) == '0' && length > 1) {
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

  /** The keyword of the token. Keywords are shared, because a history has few different ones. */
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
    in.readToken();
    return token.toString();
  }
}
