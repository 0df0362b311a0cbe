package phaistos.server.types;

import java.util.ArrayList;
import java.util.List;
import phaistos.server.errors.PgError;

/** Arrays of one dimension, vectors and rows as text. */
final class ArrayText {
  private ArrayText() {}

  static String format(Datum.Array array, SqlType type) {
    if (type == SqlType.INT2VECTOR || type == SqlType.OIDVECTOR) {
      SqlType element = type.element().orElseThrow();
      return String.join(
          " ", array.values().stream().map(v -> TypeText.format(v, element)).toList());
    }
    if (type == SqlType.RECORD) {
      List<String> fields = new ArrayList<>();
      for (Datum field : array.values()) {
        fields.add(field.isNull() ? "" : quoted(TypeText.format(field, SqlType.TEXT), "(),\"\\"));
      }
      return "(" + String.join(",", fields) + ")";
    }
    SqlType element = type.element().orElseThrow();
    List<String> values = new ArrayList<>();
    for (Datum value : array.values()) {
      values.add(value.isNull() ? "NULL" : element(TypeText.format(value, element)));
    }
    return "{" + String.join(",", values) + "}";
  }

  private static String element(String text) {
    return text.equalsIgnoreCase("null") ? '"' + text + '"' : quoted(text, "{},\"\\");
  }

  private static String quoted(String text, String special) {
    boolean plain =
        !text.isEmpty()
            && text.chars().noneMatch(c -> Character.isWhitespace(c) || special.indexOf(c) >= 0);
    return plain ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /**
   * @throws PgError 22P02 if it is no array, 0A000 if it has more than one dimension
   */
  static Datum parse(String text, SqlType type) {
    SqlType element =
        type.element().orElseThrow(() -> PgError.unsupported("a value of type " + type.label()));
    String word = text.strip();
    List<Datum> values = new ArrayList<>();
    if (type == SqlType.INT2VECTOR || type == SqlType.OIDVECTOR) {
      for (String part : word.split("\\s+")) {
        if (!part.isEmpty()) {
          values.add(TypeText.parse(part, element));
        }
      }
      return new Datum.Array(values);
    }
    if (!word.startsWith("{") || !word.endsWith("}") || word.length() < 2) {
      throw malformed(text);
    }
    if (word.startsWith("{{") || word.startsWith("[")) {
      throw PgError.unsupported("an array of more than one dimension");
    }
    String inner = word.substring(1, word.length() - 1);
    int at = 0;
    while (at < inner.length() || at > 0 && inner.endsWith(",") && at == inner.length()) {
      StringBuilder part = new StringBuilder();
      at = part(inner, at, part, text);
      boolean quoted = part.length() > 0 && part.charAt(0) == '"';
      String value = quoted ? part.substring(1) : part.toString().strip();
      if (!quoted && value.isEmpty()) {
        throw malformed(text);
      }
      values.add(
          !quoted && value.equalsIgnoreCase("null") ? Datum.NULL : TypeText.parse(value, element));
      at++;
    }
    return new Datum.Array(values);
  }

  /** Reads one element up to its comma; a quoted one gets a quote before it. */
  private static int part(String inner, int from, StringBuilder part, String text) {
    int at = from;
    while (at < inner.length() && Character.isWhitespace(inner.charAt(at))) {
      at++;
    }
    boolean quoted = at < inner.length() && inner.charAt(at) == '"';
    if (quoted) {
      part.append('"');
      at++;
    }
    while (at < inner.length()) {
      char c = inner.charAt(at);
      if (quoted && c == '"') {
        at++;
        quoted = false;
        while (at < inner.length() && Character.isWhitespace(inner.charAt(at))) {
          at++;
        }
        if (at < inner.length() && inner.charAt(at) != ',') {
          throw malformed(text);
        }
        return at;
      }
      if (!quoted && c == ',') {
        return at;
      }
      if (!quoted && (c == '{' || c == '}' || c == '"')) {
        throw malformed(text);
      }
      if (c == '\\' && at + 1 < inner.length()) {
        at++;
      }
      part.append(inner.charAt(at++));
    }
    if (quoted) {
      throw malformed(text);
    }
    return at;
  }

  private static PgError malformed(String text) {
    return PgError.error("22P02", "malformed array literal: \"%s\"".formatted(text));
  }
}
