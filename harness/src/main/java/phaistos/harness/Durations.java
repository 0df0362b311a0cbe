package phaistos.harness;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people type them: 500ms, 60s, 1.5s, 5m, 2h, 1d. */
public final class Durations {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h|d|)");

  /** Three times this, in nanoseconds, still fits a long. */
  private static final Duration LONGEST = Duration.ofDays(10_000);

  private Durations() {}

  /**
   * The length; a bare number is seconds.
   *
   * @throws IllegalArgumentException says what was expected
   */
  public static Duration parse(String text) {
    return parse(text, ChronoUnit.SECONDS);
  }

  /**
   * The length.
   *
   * @param bare the unit of a bare number
   * @throws IllegalArgumentException says what was expected
   */
  public static Duration parse(String text, ChronoUnit bare) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "no length of time: '" + text + "' (expected for example 500ms, 60s, 5m)");
    }
    ChronoUnit unit =
        switch (matcher.group(2)) {
          case "ms" -> ChronoUnit.MILLIS;
          case "s" -> ChronoUnit.SECONDS;
          case "m" -> ChronoUnit.MINUTES;
          case "h" -> ChronoUnit.HOURS;
          case "d" -> ChronoUnit.DAYS;
          default -> bare;
        };
    BigDecimal nanos =
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit.getDuration().toNanos()));
    if (nanos.compareTo(BigDecimal.valueOf(LONGEST.toNanos())) > 0) {
      throw new IllegalArgumentException(
          "too long a time: '" + text + "' (at most " + LONGEST.toDays() + "d)");
    }
    return Duration.ofNanos(nanos.longValue());
  }

  /** The shortest form in seconds or milliseconds that {@link #parse} reads: 60s, 1500ms. */
  public static String format(Duration duration) {
    if (duration.toNanos() % Duration.ofSeconds(1).toNanos() == 0) {
      return duration.toSeconds() + "s";
    }
    return BigDecimal.valueOf(duration.toNanos(), 6).stripTrailingZeros().toPlainString() + "ms";
  }
}
