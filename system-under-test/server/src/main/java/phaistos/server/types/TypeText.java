package phaistos.server.types;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.formats.Lsn;
import phaistos.server.errors.PgError;

/** Values as text. */
public final class TypeText {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE]([+-]?[0-9]+))?");
  private static final Pattern LEADING = Pattern.compile("([+-]?)([0-9]+)");

  /** Exponents beyond are refused before anything is computed (numeric.c). */
  private static final BigInteger EXPONENT_MAX = BigInteger.valueOf(Integer.MAX_VALUE / 2);

  /** Digits before and behind the decimal point (numeric.h). */
  private static final int NUMERIC_DIGITS = 131_072;

  private static final int NUMERIC_SCALE = 16_383;
  private static final int NAME_BYTES = 63;

  private TypeText() {}

  /** The text form; not for NULL. */
  public static String format(Datum value, SqlType type) {
    return switch (value) {
      case Datum.Null _ -> throw new IllegalArgumentException("NULL has no text");
      case Datum.Bool bool -> bool.value() ? "t" : "f";
      case Datum.Text text -> text.value();
      case Datum.Float number -> FloatText.format(number.value(), type);
      case Datum.Numeric number -> number.value().toPlainString();
      case Datum.Int number -> formatInt(number.value(), type);
      case Datum.Interval interval -> IntervalText.format(interval);
      case Datum.Array array -> ArrayText.format(array, type);
    };
  }

  private static String formatInt(long value, SqlType type) {
    return switch (type.form()) {
      case LSN -> new Lsn(value).toString();
      case DATE -> TimeText.formatDate(value);
      case TIME -> TimeText.format(value) + (type == SqlType.TIMESTAMPTZ ? "+00" : "");
      case UNSIGNED ->
          type == SqlType.REGTYPE
              ? SqlType.ofOid((int) value).map(SqlType::label).orElse(Long.toString(value))
              : Long.toUnsignedString(value);
      case TID -> "(%d,%d)".formatted(value >> 16, value & 0xFFFF);
      case BOOL, INTEGER, FLOAT, NUMERIC, TEXT, INTERVAL, ARRAY -> Long.toString(value);
    };
  }

  /**
   * Reads a text form.
   *
   * @throws PgError 22P02, 22003, 22007 or 22008 with PostgreSQL's text
   */
  public static Datum parse(String text, SqlType type) {
    return switch (type.form()) {
      case TEXT -> parseText(text, type);
      case BOOL -> parseBool(text);
      case INTEGER -> parseInteger(text, type);
      case FLOAT -> FloatText.parse(text, type);
      case NUMERIC -> parseNumeric(text);
      case LSN -> parseLsn(text);
      case UNSIGNED -> parseUnsigned(text, type);
      case TID -> parseTid(text);
      case DATE, TIME -> TimeText.parse(text, type);
      case INTERVAL -> IntervalText.parse(text);
      case ARRAY -> ArrayText.parse(text, type);
    };
  }

  private static Datum parseText(String text, SqlType type) {
    if (text.indexOf('\0') >= 0) {
      throw PgError.error("22021", "invalid byte sequence for encoding \"UTF8\": 0x00");
    }
    return switch (type) {
      case NAME -> Datum.of(cut(text, NAME_BYTES));
      case CHAR -> Datum.of(cut(text, 1));
      // the functions of types are names here
      case REGPROC -> Datum.of(text.replaceFirst("^pg_catalog\\.", ""));
      default -> Datum.of(text);
    };
  }

  /** The first characters that have no more bytes than these in UTF-8. */
  private static String cut(String text, int bytes) {
    if (text.length() <= bytes / 4 || text.getBytes(StandardCharsets.UTF_8).length <= bytes) {
      return text;
    }
    int end = 0;
    int used = 0;
    while (end < text.length()) {
      String one = Character.toString(text.codePointAt(end));
      used += one.getBytes(StandardCharsets.UTF_8).length;
      if (used > bytes) {
        break;
      }
      end += one.length();
    }
    return text.substring(0, end);
  }

  /** Whether an integer fits into its type. */
  public static Datum checkRange(long value, SqlType type) {
    boolean fits =
        switch (type) {
          case INT2 -> value == (short) value;
          case INT4, DATE -> value == (int) value;
          default -> true;
        };
    if (!fits) {
      throw PgError.error("22003", type.label() + " out of range");
    }
    return Datum.of(value);
  }

  static PgError invalid(String text, SqlType type) {
    return PgError.error(
        "22P02", "invalid input syntax for type %s: \"%s\"".formatted(type.label(), text));
  }

  private static Datum parseBool(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    if (word.equals("1") || word.equals("on") || begins("true", word) || begins("yes", word)) {
      return Datum.TRUE;
    }
    boolean off = word.length() > 1 && begins("off", word);
    if (word.equals("0") || off || begins("false", word) || begins("no", word)) {
      return Datum.FALSE;
    }
    throw invalid(text, SqlType.BOOL);
  }

  private static boolean begins(String whole, String word) {
    return !word.isEmpty() && whole.startsWith(word);
  }

  /** As pg_strtoint32 does: too large a number is that, whatever comes behind its digits. */
  private static Datum parseInteger(String text, SqlType type) {
    String word = text.strip();
    boolean negative = word.startsWith("-");
    int at = negative || word.startsWith("+") ? 1 : 0;
    int first = at;
    long least =
        type == SqlType.INT2
            ? Short.MIN_VALUE
            : type == SqlType.INT4 ? Integer.MIN_VALUE : Long.MIN_VALUE;
    long limit = negative ? least : -(least + 1);
    long value = 0;
    for (; at < word.length() && word.charAt(at) >= '0' && word.charAt(at) <= '9'; at++) {
      int digit = word.charAt(at) - '0';
      boolean fits = negative ? value >= (limit + digit) / 10 : value <= (limit - digit) / 10;
      if (!fits) {
        throw PgError.error(
            "22003", "value \"%s\" is out of range for type %s".formatted(text, type.label()));
      }
      value = value * 10 + (negative ? -digit : digit);
    }
    if (at == first || at < word.length()) {
      throw invalid(text, type);
    }
    return Datum.of(value);
  }

  private static Datum parseUnsigned(String text, SqlType type) {
    String digits = text.strip();
    if (type == SqlType.XID || type == SqlType.XID8 || type == SqlType.CID) {
      return leading(digits, type);
    }
    // as strtoul does, which negates without a sign
    Matcher number = LEADING.matcher(digits);
    if (!number.lookingAt()) {
      throw invalid(text, type);
    }
    BigInteger whole = new BigInteger(number.group(2));
    if (whole.bitLength() <= 64) {
      if (number.end() < digits.length()) {
        throw invalid(text, type);
      }
      long value = number.group(1).equals("-") ? -whole.longValue() : whole.longValue();
      if (value == (int) value || value == (value & 0xFFFF_FFFFL)) {
        return Datum.of(value & 0xFFFF_FFFFL);
      }
    }
    throw PgError.error(
        "22003", "value \"%s\" is out of range for type %s".formatted(text, type.label()));
  }

  /** Transaction ids are read as strtoull does: what comes behind the digits does not matter. */
  private static Datum leading(String text, SqlType type) {
    Matcher number = LEADING.matcher(text);
    long value = 0;
    if (number.lookingAt()) {
      BigInteger whole = new BigInteger(number.group(2));
      value = whole.bitLength() > 64 ? -1 : whole.longValue();
      value = number.group(1).equals("-") ? -value : value;
    }
    return Datum.of(type.length() == 8 ? value : value & 0xFFFF_FFFFL);
  }

  private static Datum parseTid(String text) {
    String[] parts = text.strip().replaceAll("^\\(|\\)$", "").split(",", -1);
    try {
      if (parts.length == 2) {
        return Datum.of(
            Long.parseLong(parts[0].strip()) << 16 | Integer.parseInt(parts[1].strip()));
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw invalid(text, SqlType.TID);
  }

  private static Datum parseNumeric(String text) {
    String word = text.strip();
    if (word.equalsIgnoreCase("nan") || word.toLowerCase(Locale.ROOT).matches("[+-]?inf(inity)?")) {
      throw PgError.unsupported("numeric '%s'".formatted(word));
    }
    Matcher number = NUMBER.matcher(word);
    if (!number.lookingAt()) {
      throw invalid(text, SqlType.NUMERIC);
    }
    String exponent = number.group(1);
    if (exponent != null && new BigInteger(exponent).abs().compareTo(EXPONENT_MAX) >= 0) {
      throw overflow();
    }
    if (number.end() < word.length()) {
      throw invalid(text, SqlType.NUMERIC);
    }
    return numeric(new BigDecimal(word));
  }

  /**
   * A numeric, if it is not too large.
   *
   * @throws PgError 22003
   */
  public static Datum numeric(BigDecimal value) {
    long whole = (long) value.precision() - value.scale();
    if (value.signum() != 0 && whole > NUMERIC_DIGITS || value.scale() > NUMERIC_SCALE) {
      throw overflow();
    }
    return new Datum.Numeric(value.signum() == 0 && value.scale() < 0 ? BigDecimal.ZERO : value);
  }

  private static PgError overflow() {
    return PgError.error("22003", "value overflows numeric format");
  }

  private static Datum parseLsn(String text) {
    try {
      return Datum.of(Lsn.parse(text.strip()).value());
    } catch (IllegalArgumentException e) {
      throw invalid(text, SqlType.PG_LSN);
    }
  }
}
