package phaistos.server.executor;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** Functions of text. Characters are code points. */
final class TextFunctions {
  private static final int REPEAT_MAX = 10_000_000;

  private final String name;
  private final List<Expr> given;

  TextFunctions(String name, List<Expr> given) {
    this.name = name;
    this.given = given;
  }

  /** Arguments with their values. */
  private record Values(List<Datum> list) {
    String text(int at) {
      return ((Datum.Text) list.get(at)).value();
    }

    int number(int at) {
      return (int) ((Datum.Int) list.get(at)).value();
    }

    int size() {
      return list.size();
    }
  }

  Optional<Expr> compile() {
    return switch (name) {
      case "length", "char_length", "character_length" -> length();
      case "octet_length" -> octets();
      case "upper" -> of(SqlType.TEXT, "t", v -> mapped(v.text(0), Character::toUpperCase));
      case "lower" -> of(SqlType.TEXT, "t", v -> mapped(v.text(0), Character::toLowerCase));
      case "initcap" -> of(SqlType.TEXT, "t", v -> capitalized(v.text(0)));
      case "translate" -> of(SqlType.TEXT, "ttt", TextFunctions::translated);
      case "md5" -> of(SqlType.TEXT, "t", v -> md5(v.text(0)));
      case "reverse" -> of(SqlType.TEXT, "t", v -> reversed(v.text(0)));
      case "substring", "substr" -> of(SqlType.TEXT, "ti[i]", TextFunctions::substring);
      case "left" -> of(SqlType.TEXT, "ti", v -> part(v, true));
      case "right" -> of(SqlType.TEXT, "ti", v -> part(v, false));
      case "position", "strpos" -> of(SqlType.INT4, "tt", TextFunctions::position);
      case "replace" ->
          of(
              SqlType.TEXT,
              "ttt",
              v ->
                  Datum.of(
                      v.text(1).isEmpty() ? v.text(0) : v.text(0).replace(v.text(1), v.text(2))));
      case "btrim" -> of(SqlType.TEXT, "t[t]", v -> trimmed(v, true, true));
      case "ltrim" -> of(SqlType.TEXT, "t[t]", v -> trimmed(v, true, false));
      case "rtrim" -> of(SqlType.TEXT, "t[t]", v -> trimmed(v, false, true));
      case "repeat" -> of(SqlType.TEXT, "ti", TextFunctions::repeated);
      case "lpad" -> of(SqlType.TEXT, "ti[t]", v -> padded(v, true));
      case "rpad" -> of(SqlType.TEXT, "ti[t]", v -> padded(v, false));
      case "split_part" -> of(SqlType.TEXT, "tti", TextFunctions::splitPart);
      case "ascii" ->
          of(SqlType.INT4, "t", v -> Datum.of(v.text(0).isEmpty() ? 0 : v.text(0).codePointAt(0)));
      case "chr" -> of(SqlType.TEXT, "i", v -> chr(v.number(0)));
      case "starts_with" -> of(SqlType.BOOL, "tt", v -> Datum.of(v.text(0).startsWith(v.text(1))));
      case "to_hex" -> hexadecimal();
      case "concat" -> Optional.of(concat(Expr.constant(SqlType.TEXT, Datum.of("")), given));
      case "concat_ws" ->
          given.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  concat(given.getFirst().known(SqlType.TEXT), given.subList(1, given.size())));
      case "quote_ident" -> of(SqlType.TEXT, "t", v -> Datum.of(identifier(v.text(0))));
      case "quote_literal" -> quoted();
      case "extract", "date_part", "timezone", "date_trunc" -> TimeFunctions.compile(name, given);
      default -> Optional.empty();
    };
  }

  /**
   * A function of text (t) and integers (i); those in brackets may be left out.
   *
   * @throws PgError 42883 if the arguments do not fit
   */
  private Optional<Expr> of(SqlType type, String shape, Function<Values, Datum> apply) {
    String all = shape.replaceAll("[\\[\\]]", "");
    int least = shape.indexOf('[') < 0 ? all.length() : shape.indexOf('[');
    if (given.size() < least || given.size() > all.length()) {
      throw Functions.missing(name, given);
    }
    List<Expr> typed = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      SqlType wanted = all.charAt(i) == 't' ? SqlType.TEXT : SqlType.INT4;
      Expr argument = given.get(i).known(wanted);
      if (!Casts.isImplicit(argument.type(), wanted)) {
        throw Functions.missing(name, given);
      }
      typed.add(argument.as(wanted));
    }
    return Optional.of(
        new Expr(
            type,
            frame ->
                ScalarFunctions.values(typed, frame)
                    .map(values -> apply.apply(new Values(values)))
                    .orElse(Datum.NULL)));
  }

  /** Here the blanks at the end of a character(n) count. */
  private Optional<Expr> octets() {
    Function<Datum, Datum> count =
        value -> Datum.of(((Datum.Text) value).value().getBytes(StandardCharsets.UTF_8).length);
    boolean blanks = !given.isEmpty() && given.getFirst().type() == SqlType.BPCHAR;
    return blanks
        ? Optional.of(ScalarFunctions.strict(SqlType.INT4, given.getFirst(), count::apply))
        : of(SqlType.INT4, "t", v -> count.apply(v.list.getFirst()));
  }

  private Optional<Expr> quoted() {
    if (given.size() != 1) {
      throw Functions.missing(name, given);
    }
    return Optional.of(
        ScalarFunctions.strict(
            SqlType.TEXT,
            Casts.explicit(given.getFirst(), SqlType.TEXT, 0),
            value -> {
              String text = ((Datum.Text) value).value();
              String doubled = text.replace("'", "''");
              return Datum.of(
                  text.contains("\\")
                      ? "E'" + doubled.replace("\\", "\\\\") + "'"
                      : "'" + doubled + "'");
            }));
  }

  private static int count(String text) {
    return text.codePointCount(0, text.length());
  }

  private static Datum mapped(String text, java.util.function.IntUnaryOperator map) {
    StringBuilder out = new StringBuilder();
    text.codePoints().map(map).forEach(out::appendCodePoint);
    return Datum.of(out.toString());
  }

  /** The blanks at the end of a character(n) do not count. */
  private Optional<Expr> length() {
    return of(SqlType.INT4, "t", v -> Datum.of(count(v.text(0))));
  }

  private static Datum capitalized(String text) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
      inWord = Character.isLetterOrDigit(c);
    }
    return Datum.of(out.toString());
  }

  /** Each character of {@code from} becomes that at its place in {@code to}, or goes. */
  private static Datum translated(Values v) {
    int[] from = v.text(1).codePoints().toArray();
    int[] to = v.text(2).codePoints().toArray();
    StringBuilder out = new StringBuilder();
    for (int c : v.text(0).codePoints().toArray()) {
      int at = 0;
      while (at < from.length && from[at] != c) {
        at++;
      }
      if (at == from.length) {
        out.appendCodePoint(c);
      } else if (at < to.length) {
        out.appendCodePoint(to[at]);
      }
    }
    return Datum.of(out.toString());
  }

  private static Datum md5(String text) {
    try {
      byte[] hash = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
      return Datum.of(HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Datum reversed(String text) {
    return Datum.of(new StringBuilder(text).reverse().toString());
  }

  private static Datum cut(String text, long from, long to) {
    int length = count(text);
    int first = Math.clamp(from, 0, length);
    int last = Math.clamp(to, first, length);
    return Datum.of(
        text.substring(text.offsetByCodePoints(0, first), text.offsetByCodePoints(0, last)));
  }

  private static Datum substring(Values v) {
    long from = v.number(1) - 1L;
    if (v.size() < 3) {
      return cut(v.text(0), from, Integer.MAX_VALUE);
    }
    if (v.number(2) < 0) {
      throw PgError.error("22011", "negative substring length not allowed");
    }
    return cut(v.text(0), from, Math.max(0, from + v.number(2)));
  }

  /** Of a negative number: all but as many characters at the other end. */
  private static Datum part(Values v, boolean left) {
    int length = count(v.text(0));
    long kept = v.number(1) >= 0 ? v.number(1) : Math.max(0, (long) length + v.number(1));
    return left ? cut(v.text(0), 0, kept) : cut(v.text(0), length - kept, length);
  }

  private static Datum position(Values v) {
    int at = v.text(0).indexOf(v.text(1));
    return Datum.of(at < 0 ? 0 : v.text(0).codePointCount(0, at) + 1);
  }

  private static Datum trimmed(Values v, boolean left, boolean right) {
    String text = v.text(0);
    String set = v.size() > 1 ? v.text(1) : " ";
    int from = 0;
    int to = text.length();
    while (left && from < to && set.indexOf(text.codePointAt(from)) >= 0) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (right && to > from && set.indexOf(text.codePointBefore(to)) >= 0) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return Datum.of(text.substring(from, to));
  }

  private static void requireLength(long length) {
    if (length > REPEAT_MAX) {
      throw PgError.error("54000", "requested length too large");
    }
  }

  private static Datum repeated(Values v) {
    int times = Math.max(0, v.number(1));
    requireLength((long) times * v.text(0).length());
    return Datum.of(v.text(0).repeat(times));
  }

  private static Datum padded(Values v, boolean left) {
    String text = v.text(0);
    int length = Math.max(0, v.number(1));
    requireLength(length);
    String fill = v.size() > 2 ? v.text(2) : " ";
    int missing = length - count(text);
    if (missing <= 0 || fill.isEmpty()) {
      return cut(text, 0, length);
    }
    String padding = ((Datum.Text) cut(fill.repeat(missing / count(fill) + 1), 0, missing)).value();
    return Datum.of(left ? padding + text : text + padding);
  }

  private static Datum splitPart(Values v) {
    int wanted = v.number(2);
    if (wanted == 0) {
      throw PgError.error("22023", "field position must not be zero");
    }
    List<String> parts =
        v.text(1).isEmpty()
            ? List.of(v.text(0))
            : List.of(v.text(0).split(java.util.regex.Pattern.quote(v.text(1)), -1));
    int at = wanted > 0 ? wanted - 1 : parts.size() + wanted;
    return Datum.of(at >= 0 && at < parts.size() ? parts.get(at) : "");
  }

  private static Datum chr(int point) {
    if (point == 0) {
      throw PgError.error("54000", "null character not permitted");
    }
    if (!Character.isValidCodePoint(point) || point >= 0xD800 && point < 0xE000) {
      throw PgError.error(
          "54000",
          "requested character too large for encoding: " + Integer.toUnsignedString(point));
    }
    return Datum.of(Character.toString(point));
  }

  private Optional<Expr> hexadecimal() {
    if (given.size() == 1 && given.getFirst().isUnknown()) {
      throw Functions.notUnique(name, given);
    }
    if (given.size() != 1 || !given.getFirst().type().isInteger()) {
      throw Functions.missing(name, given);
    }
    boolean wide = given.getFirst().type() == SqlType.INT8;
    return Optional.of(
        ScalarFunctions.strict(
            SqlType.TEXT,
            given.getFirst(),
            value -> {
              long number = ((Datum.Int) value).value();
              return Datum.of(wide ? Long.toHexString(number) : Integer.toHexString((int) number));
            }));
  }

  /** NULLs are left out. */
  private static Expr concat(Expr between, List<Expr> parts) {
    List<Expr> texts = parts.stream().map(part -> part.known(SqlType.TEXT)).toList();
    return new Expr(
        SqlType.TEXT,
        frame -> {
          if (!(between.of(frame) instanceof Datum.Text(String separator))) {
            return Datum.NULL;
          }
          List<String> made = new ArrayList<>();
          for (Expr text : texts) {
            Datum value = text.of(frame);
            if (!value.isNull()) {
              made.add(Functions.text(value, text.type()));
            }
          }
          return Datum.of(String.join(separator, made));
        });
  }

  /** Quoted if it must be. */
  static String identifier(String name) {
    boolean plain =
        name.matches("[a-z_][a-z0-9_$]*") && !phaistos.server.sql.Words.isReserved(name);
    return plain ? name : "\"" + name.replace("\"", "\"\"") + "\"";
  }
}
