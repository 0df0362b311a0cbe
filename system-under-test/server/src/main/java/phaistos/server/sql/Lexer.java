package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import phaistos.server.errors.PgError;

/** Cuts a text into tokens, as scan.l does. */
final class Lexer {
  private static final String OPERATOR_CHARACTERS = "+-*/<>=~!@#%^&|`?";

  /** An operator of more than one character may end in + or - only if it has one of these. */
  private static final String SPECIAL = "~!@#%^&|`?";

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String text) {
    this.text = text;
  }

  /** The tokens; the last one is the end. */
  static List<Token> tokens(String text) {
    return new Lexer(text).run();
  }

  private List<Token> run() {
    while (true) {
      skipBlanks();
      if (at >= text.length()) {
        add(Token.Kind.END, "", at);
        return tokens;
      }
      next();
    }
  }

  private void add(Token.Kind kind, String value, int from) {
    tokens.add(new Token(kind, value, from, at));
  }

  private char peek(int offset) {
    return at + offset < text.length() ? text.charAt(at + offset) : '\0';
  }

  /** Skips blanks and comments; whether there was a line's end among them. */
  private boolean skipBlanks() {
    boolean line = false;
    while (at < text.length()) {
      if (Character.isWhitespace(text.charAt(at))) {
        line |= text.charAt(at++) == '\n';
      } else if (text.startsWith("--", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        skipComment();
      } else {
        break;
      }
    }
    return line;
  }

  private PgError syntax(String message, int from) {
    return PgError.error("42601", message).at(position(text, from));
  }

  /** A place of a text as errors give it: in characters from 1 on. */
  static int position(String text, int at) {
    return text.codePointCount(0, at) + 1;
  }

  private void skipComment() {
    int from = at;
    int depth = 0;
    do {
      if (text.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (text.startsWith("*/", at)) {
        depth--;
        at += 2;
      } else {
        at++;
      }
    } while (depth > 0 && at < text.length());
    if (depth > 0) {
      throw syntax(
          "unterminated /* comment at or near \"%s\"".formatted(text.substring(from)), from);
    }
  }

  private void next() {
    int from = at;
    char c = text.charAt(at);
    if (c == '\'') {
      at++;
      add(Token.Kind.STRING, string(false), from);
    } else if (c == '"') {
      add(Token.Kind.QUOTED, quoted(), from);
    } else if ((c | 0x20) == 'e' && peek(1) == '\'') {
      at += 2;
      add(Token.Kind.STRING, string(true), from);
    } else if ("bxn".indexOf(c | 0x20) >= 0 && peek(1) == '\''
        || (c | 0x20) == 'u' && peek(1) == '&' && (peek(2) == '\'' || peek(2) == '"')) {
      throw PgError.unsupported("string constant " + text.substring(at, at + 2) + "...");
    } else if (isDigit(c) || c == '.' && isDigit(peek(1))) {
      number();
    } else if (c == '$' && isDigit(peek(1))) {
      at++;
      digits();
      add(Token.Kind.PARAMETER, text.substring(from + 1, at), from);
    } else if (c == '$') {
      dollarString();
    } else if (isWordStart(c)) {
      while (at < text.length() && isWordPart(text.charAt(at))) {
        at++;
      }
      add(Token.Kind.WORD, text.substring(from, at).toLowerCase(Locale.ROOT), from);
    } else if (OPERATOR_CHARACTERS.indexOf(c) >= 0) {
      operator();
    } else if (c == ':' && (peek(1) == ':' || peek(1) == '=')) {
      at += 2;
      add(Token.Kind.OPERATOR, text.substring(from, at), from);
    } else {
      at++;
      add(Token.Kind.OPERATOR, text.substring(from, at), from);
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordStart(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c > 0x7F;
  }

  private static boolean isWordPart(char c) {
    return isWordStart(c) || isDigit(c) || c == '$';
  }

  private void digits() {
    while (isDigit(peek(0))) {
      at++;
    }
  }

  private void number() {
    int from = at;
    digits();
    if (peek(0) == '.' && peek(1) != '.') {
      at++;
      digits();
    }
    int sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if ((peek(0) | 0x20) == 'e' && isDigit(peek(sign))) {
      at += sign;
      digits();
    }
    if (isWordStart(peek(0))) {
      while (at < text.length() && isWordPart(text.charAt(at))) {
        at++;
      }
      throw syntax(
          "trailing junk after numeric literal at or near \"%s\""
              .formatted(text.substring(from, at)),
          from);
    }
    add(Token.Kind.NUMBER, text.substring(from, at), from);
  }

  private void operator() {
    int from = at;
    while (at < text.length()
        && OPERATOR_CHARACTERS.indexOf(text.charAt(at)) >= 0
        && !text.startsWith("--", at)
        && !text.startsWith("/*", at)) {
      at++;
    }
    while (at - from > 1
        && "+-".indexOf(text.charAt(at - 1)) >= 0
        && text.substring(from, at).chars().noneMatch(c -> SPECIAL.indexOf(c) >= 0)) {
      at--;
    }
    add(Token.Kind.OPERATOR, text.substring(from, at), from);
  }

  private String quoted() {
    int from = at++;
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != '"') {
        value.append(c);
      } else if (peek(0) == '"') {
        value.append('"');
        at++;
      } else if (value.isEmpty()) {
        throw syntax("zero-length delimited identifier at or near \"\"\"\"", from);
      } else {
        return value.toString();
      }
    }
    throw syntax(
        "unterminated quoted identifier at or near \"%s\"".formatted(text.substring(from)), from);
  }

  /** A quoted string's rest; a string on a later line continues it. */
  private String string(boolean escapes) {
    int from = at - 1;
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '\\' && escapes) {
        escape(value);
      } else if (c != '\'') {
        value.append(c);
      } else if (peek(0) == '\'') {
        value.append('\'');
        at++;
      } else {
        int end = at;
        if (!skipBlanks() || peek(0) != '\'') {
          at = end;
          return value.toString();
        }
        at++;
      }
    }
    throw syntax(
        "unterminated quoted string at or near \"%s\"".formatted(text.substring(from)), from);
  }

  private void escape(StringBuilder value) {
    char c = peek(0);
    at++;
    switch (c) {
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case 'n' -> value.append('\n');
      case 'r' -> value.append('\r');
      case 't' -> value.append('\t');
      case 'u' -> value.appendCodePoint(hexadecimal(4));
      case 'U' -> value.appendCodePoint(hexadecimal(8));
      case 'x', '0', '1', '2', '3', '4', '5', '6', '7' ->
          throw PgError.unsupported("byte escape in a string constant");
      default -> value.append(c);
    }
  }

  private int hexadecimal(int length) {
    try {
      int value = Integer.parseInt(text.substring(at, at + length), 16);
      at += length;
      if (Character.isValidCodePoint(value) && value != 0) {
        return value;
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      // reported below
    }
    throw PgError.error("22025", "invalid Unicode escape");
  }

  private void dollarString() {
    int from = at;
    int end = at + 1;
    while (end < text.length() && isWordPart(text.charAt(end)) && text.charAt(end) != '$') {
      end++;
    }
    if (end >= text.length() || text.charAt(end) != '$') {
      at++;
      add(Token.Kind.OPERATOR, "$", from);
      return;
    }
    String delimiter = text.substring(at, end + 1);
    int close = text.indexOf(delimiter, end + 1);
    if (close < 0) {
      throw syntax(
          "unterminated dollar-quoted string at or near \"%s\"".formatted(text.substring(from)),
          from);
    }
    at = close + delimiter.length();
    add(Token.Kind.STRING, text.substring(end + 1, close), from);
  }
}
