package phaistos.histories;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values that Clojure's reader gives for a token: numbers of every spelling, names of
 * characters, and the two tags that EDN itself defines.
 */
final class EdnAtoms {
  private static final int RADIX_MAX = 36;
  private static final int OCTAL_CHAR_MAX = 0377;

  private EdnAtoms() {}

  /**
   * A number: {@code 12}, {@code -0x7f}, {@code 017}, {@code 36rZZ}, {@code 12N}, {@code 3/4},
   * {@code 1.5e3}, {@code 1.50M}.
   *
   * @throws NumberFormatException for anything else, {@code 08} say
   * @throws ArithmeticException for a ratio whose denominator is 0
   */
  static Edn number(String text) {
    boolean isSigned = text.charAt(0) == '-' || text.charAt(0) == '+';
    String body = isSigned ? text.substring(1) : text;
    boolean isNegative = text.charAt(0) == '-';
    int slash = body.indexOf('/');
    if (slash >= 0) {
      BigInteger over = digits(body.substring(0, slash), 10);
      return Edn.ratio(isNegative ? over.negate() : over, digits(body.substring(slash + 1), 10));
    }
    if (isInteger(body)) {
      BigInteger value = integer(body.endsWith("N") ? body.substring(0, body.length() - 1) : body);
      return Edn.of(isNegative ? value.negate() : value);
    }
    boolean isDecimal = body.endsWith("M");
    String plain = isDecimal ? body.substring(0, body.length() - 1) : body;
    for (int i = 0; i < plain.length(); i++) {
      if ("0123456789.eE+-".indexOf(plain.charAt(i)) < 0) {
        throw new NumberFormatException(text);
      }
    }
    if (isDecimal) {
      BigDecimal value = new BigDecimal(plain);
      return new Edn.Decimal(isNegative ? value.negate() : value);
    }
    double value = Double.parseDouble(plain);
    return new Edn.Real(isNegative ? -value : value);
  }

  private static boolean isInteger(String body) {
    if (isHexadecimal(body) || radixMark(body) > 0) {
      return true;
    }
    int end = body.endsWith("N") ? body.length() - 1 : body.length();
    for (int i = 0; i < end; i++) {
      if (body.charAt(i) < '0' || body.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static boolean isHexadecimal(String body) {
    return body.startsWith("0x") || body.startsWith("0X");
  }

  /** The place of the r in 2r101; -1 if there is none. */
  private static int radixMark(String body) {
    int place = 0;
    while (place < body.length() && Character.digit(body.charAt(place), 10) >= 0) {
      place++;
    }
    boolean isMark = place < body.length() && (body.charAt(place) | 0x20) == 'r';
    return isMark && (place == 1 || place == 2) ? place : -1;
  }

  private static BigInteger integer(String body) {
    if (isHexadecimal(body)) {
      return digits(body.substring(2), 16);
    }
    int mark = radixMark(body);
    if (mark > 0) {
      int radix = Integer.parseInt(body.substring(0, mark));
      if (radix < 2 || radix > RADIX_MAX) {
        throw new NumberFormatException("radix " + radix);
      }
      return digits(body.substring(mark + 1), radix);
    }
    boolean isOctal = body.length() > 1 && body.charAt(0) == '0';
    return digits(body, isOctal ? 8 : 10);
  }

  /** Reads digits without a sign, which BigInteger would accept. */
  private static BigInteger digits(String text, int radix) {
    if (text.isEmpty() || Character.digit(text.charAt(0), radix) < 0) {
      throw new NumberFormatException(text);
    }
    return new BigInteger(text, radix);
  }

  /**
   * The character of that name, without the backslash.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Edn.Char character(String name) {
    return switch (name) {
      case "newline" -> new Edn.Char('\n');
      case "return" -> new Edn.Char('\r');
      case "space" -> new Edn.Char(' ');
      case "tab" -> new Edn.Char('\t');
      case "backspace" -> new Edn.Char('\b');
      case "formfeed" -> new Edn.Char('\f');
      default -> {
        if (name.codePointCount(0, name.length()) == 1) {
          yield new Edn.Char(name.codePointAt(0));
        }
        if (name.length() == 5 && name.charAt(0) == 'u') {
          yield new Edn.Char(digits(name.substring(1), 16).intValueExact());
        }
        if (name.length() >= 2 && name.length() <= 4 && name.charAt(0) == 'o') {
          int value = digits(name.substring(1), 8).intValueExact();
          if (value <= OCTAL_CHAR_MAX) {
            yield new Edn.Char(value);
          }
        }
        throw new IllegalArgumentException("unknown character \\" + name);
      }
    };
  }

  /** A tagged value; moments and UUIDs in the one spelling that makes equal ones equal. */
  static Edn.Tagged tagged(String tag, Edn value) {
    if (value instanceof Edn.Text(String text)) {
      if (tag.equals("inst")) {
        return new Edn.Tagged(tag, Edn.of(moment(text)));
      }
      if (tag.equals("uuid")) {
        return new Edn.Tagged(tag, Edn.of(text.toLowerCase(Locale.ROOT)));
      }
    }
    return new Edn.Tagged(tag, value);
  }

  /** Date, perhaps hour, minute, second and fraction, perhaps an offset: parts are optional. */
  private static final class Moments {
    static final Pattern FORM =
        Pattern.compile(
            "(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d)(?:T(\\d\\d)(?::(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?"
                + ")?)?)?)?)?(Z|[-+]\\d\\d:\\d\\d)?");
    static final DateTimeFormatter PRINTED =
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS", Locale.ROOT);
  }

  /**
   * The moment as Clojure prints a java.util.Date, with milliseconds; a text that is not a moment
   * is unchanged.
   */
  private static String moment(String text) {
    Matcher parts = Moments.FORM.matcher(text);
    if (!parts.matches()) {
      return text;
    }
    try {
      String fraction = parts.group(7) == null ? "0" : parts.group(7);
      LocalDateTime local =
          LocalDateTime.of(
              part(parts, 1, 0),
              part(parts, 2, 1),
              part(parts, 3, 1),
              part(parts, 4, 0),
              part(parts, 5, 0),
              part(parts, 6, 0),
              Integer.parseInt((fraction + "00000000").substring(0, 9)));
      ZoneOffset offset = parts.group(8) == null ? ZoneOffset.UTC : ZoneOffset.of(parts.group(8));
      return print(OffsetDateTime.of(local, offset));
    } catch (DateTimeException _) {
      return text;
    }
  }

  private static int part(Matcher parts, int group, int otherwise) {
    return parts.group(group) == null ? otherwise : Integer.parseInt(parts.group(group));
  }

  /** A moment as the text of {@code #inst}. */
  static String print(OffsetDateTime moment) {
    return Moments.PRINTED.format(moment.withOffsetSameInstant(ZoneOffset.UTC)) + "-00:00";
  }
}
