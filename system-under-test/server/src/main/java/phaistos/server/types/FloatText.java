package phaistos.server.types;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.server.errors.PgError;

/** Floating point numbers as text: the shortest that reads back as the same number (float.c). */
final class FloatText {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");

  private FloatText() {}

  static String format(double value, SqlType type) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    boolean single = type == SqlType.FLOAT4;
    String shortest = single ? Float.toString((float) value) : Double.toString(value);
    BigDecimal decimal = new BigDecimal(shortest).stripTrailingZeros();
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= -4 && exponent < (single ? 6 : 15)) {
      return decimal.toPlainString();
    }
    String digits = decimal.unscaledValue().abs().toString();
    return (decimal.signum() < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  /**
   * @throws PgError 22P02 if it is no number, 22003 if it is too large or too small
   */
  static Datum parse(String text, SqlType type) {
    String word = text.strip();
    switch (word.toLowerCase(Locale.ROOT)) {
      case "nan" -> {
        return new Datum.Float(Double.NaN);
      }
      case "infinity", "inf", "+infinity", "+inf" -> {
        return new Datum.Float(Double.POSITIVE_INFINITY);
      }
      case "-infinity", "-inf" -> {
        return new Datum.Float(Double.NEGATIVE_INFINITY);
      }
      default -> {
        return parseNumber(text, word, type);
      }
    }
  }

  /** As strtod does: too large or too small a number is that, whatever comes behind it. */
  private static Datum parseNumber(String text, String all, SqlType type) {
    Matcher number = NUMBER.matcher(all);
    if (!number.lookingAt()) {
      throw TypeText.invalid(text, type);
    }
    String word = number.group();
    double value = type == SqlType.FLOAT4 ? Float.parseFloat(word) : Double.parseDouble(word);
    boolean zero = value == 0 && word.split("[eE]")[0].matches(".*[1-9].*");
    if (Double.isInfinite(value) || zero) {
      throw PgError.error(
          "22003", "\"%s\" is out of range for type %s".formatted(word, type.label()));
    }
    if (word.length() < all.length()) {
      throw TypeText.invalid(text, type);
    }
    return new Datum.Float(value);
  }
}
