package phaistos.server.types;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.server.errors.PgError;

/** Intervals as text, in PostgreSQL's own style: "1 day 02:03:04.5". */
final class IntervalText {
  private static final Pattern PART =
      Pattern.compile(
          "\\s*(?:([+-]?)(\\d+):(\\d{2})(?::(\\d{2}(?:\\.\\d*)?))?"
              + "|([+-]?\\d+(?:\\.\\d*)?)\\s*([a-z]*))\\s*");

  private IntervalText() {}

  static String format(Datum.Interval interval) {
    List<String> parts = new ArrayList<>();
    unit(parts, interval.months() / 12, "year");
    unit(parts, interval.months() % 12, "mon");
    unit(parts, interval.days(), "day");
    if (interval.micros() != 0 || parts.isEmpty()) {
      // after a negative field a positive one has its sign
      boolean mixed = !parts.isEmpty() && parts.getLast().startsWith("-");
      String sign = interval.micros() < 0 ? "-" : mixed ? "+" : "";
      parts.add(sign + TimeText.clock(Math.abs(interval.micros())));
    }
    return String.join(" ", parts);
  }

  private static void unit(List<String> parts, int number, String name) {
    if (number != 0) {
      boolean negativeBefore = !parts.isEmpty() && parts.getLast().startsWith("-");
      parts.add(
          (negativeBefore && number > 0 ? "+" : "")
              + number
              + " "
              + name
              + (number == 1 ? "" : "s"));
    }
  }

  /**
   * @throws PgError 22007 if it is no interval
   */
  static Datum parse(String text) {
    Matcher part = PART.matcher(text.strip().toLowerCase(Locale.ROOT));
    int months = 0;
    int days = 0;
    BigDecimal micros = BigDecimal.ZERO;
    int at = 0;
    while (at < part.regionEnd()) {
      part.region(at, text.strip().length());
      if (!part.lookingAt()) {
        throw invalid(text);
      }
      at = part.end();
      if (part.group(2) != null) {
        BigDecimal seconds = new BigDecimal(part.group(4) == null ? "0" : part.group(4));
        BigDecimal clock =
            seconds.add(
                BigDecimal.valueOf(
                    Long.parseLong(part.group(2)) * 3600 + Long.parseLong(part.group(3)) * 60));
        BigDecimal scaled = clock.scaleByPowerOfTen(6);
        micros = "-".equals(part.group(1)) ? micros.subtract(scaled) : micros.add(scaled);
        continue;
      }
      if (part.group(6).isEmpty() && at < text.strip().length()) {
        throw invalid(text);
      }
      BigDecimal number = new BigDecimal(part.group(5));
      String unit = part.group(6).replaceAll("s$", "");
      switch (unit) {
        case "year", "y" -> months += number.multiply(BigDecimal.valueOf(12)).intValueExact();
        case "month", "mon" -> months += whole(number, text);
        case "week", "w" -> days += 7 * whole(number, text);
        case "day", "d" -> days += whole(number, text);
        case "hour", "h", "hr" -> micros = micros.add(scaled(number, 3_600_000_000L));
        case "minute", "min", "m" -> micros = micros.add(scaled(number, 60_000_000));
        case "second", "sec", "" -> micros = micros.add(scaled(number, 1_000_000));
        case "millisecond", "m s", "msec" -> micros = micros.add(scaled(number, 1_000));
        case "microsecond", "us", "usec" -> micros = micros.add(number);
        default -> throw invalid(text);
      }
    }
    if (text.isBlank()) {
      throw invalid(text);
    }
    return new Datum.Interval(
        months, days, micros.setScale(0, java.math.RoundingMode.HALF_EVEN).longValueExact());
  }

  private static int whole(BigDecimal number, String text) {
    try {
      return number.intValueExact();
    } catch (ArithmeticException e) {
      throw PgError.unsupported("interval '%s' with a fraction of a day or month".formatted(text));
    }
  }

  private static BigDecimal scaled(BigDecimal number, long micros) {
    return number.multiply(BigDecimal.valueOf(micros));
  }

  private static PgError invalid(String text) {
    return PgError.error("22007", "invalid input syntax for type interval: \"%s\"".formatted(text));
  }
}
