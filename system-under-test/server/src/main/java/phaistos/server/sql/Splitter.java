package phaistos.server.sql;

import java.util.ArrayList;
import java.util.List;
import phaistos.server.errors.PgError;

/** Cuts the text of a simple query at the semicolons that end statements. */
final class Splitter {
  private final String text;
  private int at;

  private Splitter(String text) {
    this.text = text;
  }

  static List<String> split(String text) {
    return new Splitter(text).run();
  }

  private List<String> run() {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      int from = at;
      if (c == ';') {
        parts.add(part.toString());
        part.setLength(0);
        at++;
        continue;
      }
      if (c == '\'') {
        skipQuoted('\'', from > 0 && (text.charAt(from - 1) | 0x20) == 'e');
      } else if (c == '"') {
        skipQuoted('"', false);
      } else if (text.startsWith("--", at)) {
        skipTo("\n");
        part.append(' ');
        continue;
      } else if (text.startsWith("/*", at)) {
        skipComment();
        part.append(' ');
        continue;
      } else if (c == '$') {
        skipDollar();
      } else {
        at++;
      }
      part.append(text, from, at);
    }
    parts.add(part.toString());
    return parts;
  }

  private void skipQuoted(char quote, boolean backslashes) {
    int opened = at++;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\\' && backslashes) {
        at++;
      } else if (c == quote) {
        if (at + 1 < text.length() && text.charAt(at + 1) == quote) {
          at++;
        } else {
          at++;
          return;
        }
      }
      at++;
    }
    throw PgError.error(
        "42601",
        "unterminated quoted %s at or near \"%s\""
            .formatted(quote == '"' ? "identifier" : "string", text.substring(opened)));
  }

  private void skipTo(String end) {
    int found = text.indexOf(end, at);
    at = found < 0 ? text.length() : found + end.length();
  }

  private void skipComment() {
    int opened = at;
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
      if (at >= text.length() && depth > 0) {
        throw PgError.error(
            "42601", "unterminated /* comment at or near \"%s\"".formatted(text.substring(opened)));
      }
    } while (depth > 0);
  }

  /** A dollar-quoted string, or a parameter's dollar. */
  private void skipDollar() {
    int end = at + 1;
    while (end < text.length()
        && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_')) {
      end++;
    }
    boolean tag = end < text.length() && text.charAt(end) == '$';
    boolean number = at + 1 < text.length() && Character.isDigit(text.charAt(at + 1));
    if (!tag || number) {
      at++;
      return;
    }
    String delimiter = text.substring(at, end + 1);
    at = end + 1;
    int close = text.indexOf(delimiter, at);
    if (close < 0) {
      throw PgError.error("42601", "unterminated dollar-quoted string");
    }
    at = close + delimiter.length();
  }
}
