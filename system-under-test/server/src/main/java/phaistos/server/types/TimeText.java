package phaistos.server.types;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.server.errors.PgError;

/** Dates and times as text, in ISO form and UTC. */
final class TimeText {
  private static final LocalDate EPOCH_DAY = LocalDate.of(2000, 1, 1);
  private static final LocalDateTime EPOCH = EPOCH_DAY.atStartOfDay();
  private static final Pattern TIME =
      Pattern.compile(
          "(\\d{4,6})-(\\d{1,2})-(\\d{1,2})"
              + "(?:[ T]+(\\d{1,2}):(\\d{2})(?::(\\d{2})(\\.\\d*)?)?)?"
              + "\\s*(Z|UTC|GMT|[+-]\\d{1,2}(?::?\\d{2})?)?",
          Pattern.CASE_INSENSITIVE);

  /** A date without separators: year, month and day. */
  private static final Pattern COMPACT = Pattern.compile("(\\d{2,})(\\d{2})(\\d{2})(?=$|[ T])");

  /** Months by name, halves of a day, eras, zones by name, and days before or after a slash. */
  private static final Pattern OTHER_FORMS =
      Pattern.compile(
          "\\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\b.*\\d"
              + "|\\d.*(?:\\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|[ap]m\\b)"
              + "|\\d.*\\b(?:bc|ad)\\b|\\d/\\d|\\d +[a-z]+/[a-z_]+$|\\d +[a-z]{3,4}$",
          Pattern.CASE_INSENSITIVE);

  private TimeText() {}

  static String formatDate(long days) {
    return day(EPOCH_DAY.plusDays(days));
  }

  private static String day(LocalDate date) {
    return String.format(
        Locale.ROOT, "%04d-%02d-%02d", date.getYear(), date.getMonthValue(), date.getDayOfMonth());
  }

  static String format(long micros) {
    LocalDateTime time = EPOCH.plus(micros, ChronoUnit.MICROS);
    return day(time.toLocalDate()) + " " + clock(Math.floorMod(micros, 86_400_000_000L));
  }

  /** Hours, minutes, seconds and the fraction without its last zeros; not negative. */
  static String clock(long micros) {
    long seconds = micros / 1_000_000;
    String text =
        String.format(
            Locale.ROOT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    long fraction = micros % 1_000_000;
    return fraction == 0
        ? text
        : text + "." + String.format(Locale.ROOT, "%06d", fraction).replaceAll("0+$", "");
  }

  /**
   * Reads a date or a time.
   *
   * @throws PgError 22007 if it is none, 22008 if a field is out of its range
   */
  static Datum parse(String text, SqlType type) {
    String word = text.strip();
    switch (word.toLowerCase(Locale.ROOT)) {
      case "infinity", "-infinity", "now", "today", "tomorrow", "yesterday" ->
          throw PgError.unsupported("%s '%s'".formatted(type.label(), word));
      case "epoch" -> {
        return at(LocalDate.EPOCH.atStartOfDay(), type);
      }
      default -> {
        // fields
      }
    }
    Matcher fields = TIME.matcher(separated(word));
    if (!fields.matches()) {
      if (OTHER_FORMS.matcher(word).find()) {
        throw PgError.unsupported("%s '%s'".formatted(type.label(), word));
      }
      throw PgError.error(
          "22007",
          "invalid input syntax for type %s: \"%s\""
              .formatted(type == SqlType.TIMESTAMP ? "timestamp" : type.label(), text));
    }
    try {
      LocalDateTime day =
          LocalDate.of(number(fields, 1), number(fields, 2), number(fields, 3)).atStartOfDay();
      int hour = number(fields, 4);
      int minute = number(fields, 5);
      int second = number(fields, 6);
      if (hour > 24 || minute > 59 || second > 60 || hour == 24 && minute + second > 0) {
        throw new DateTimeException("time");
      }
      String fraction = fields.group(7) == null ? "0" : "0" + fields.group(7);
      long micros = Math.round(Double.parseDouble(fraction) * 1e6);
      LocalDateTime time =
          day.plusSeconds(hour * 3600L + minute * 60L + second).plus(micros, ChronoUnit.MICROS);
      return at(
          type == SqlType.TIMESTAMPTZ ? time.minusSeconds(zone(fields.group(8))) : time, type);
    } catch (DateTimeException e) {
      throw outOfRange(text);
    }
  }

  private static PgError outOfRange(String text) {
    return PgError.error("22008", "date/time field value out of range: \"%s\"".formatted(text));
  }

  /**
   * The same with separators between the parts of the date; a year of two digits is one from 1970
   * to 2069. Quotes and brackets around it do not count (DecodeNumberField).
   */
  private static String separated(String word) {
    String bare = word.replaceAll("^['\"(\\[{]+|['\")\\]}]+$", "");
    if (bare.matches("\\d{1,2}") && (Integer.parseInt(bare) < 1 || Integer.parseInt(bare) > 12)) {
      // a number alone is a month
      throw outOfRange(word);
    }
    Matcher compact = COMPACT.matcher(bare);
    if (!compact.lookingAt()) {
      return bare;
    }
    String year = compact.group(1);
    if (year.length() == 2) {
      year = (year.compareTo("70") < 0 ? "20" : "19") + year;
    }
    if (year.length() > 6) {
      throw outOfRange(word);
    }
    String rest = bare.substring(compact.end());
    return "%04d-%s-%s%s"
        .formatted(Integer.parseInt(year), compact.group(2), compact.group(3), rest);
  }

  private static int number(Matcher fields, int group) {
    return fields.group(group) == null ? 0 : Integer.parseInt(fields.group(group));
  }

  private static int zone(String zone) {
    if (zone == null || !zone.startsWith("+") && !zone.startsWith("-")) {
      return 0;
    }
    String digits = zone.substring(1).replace(":", "");
    int hours = Integer.parseInt(digits.substring(0, Math.min(2, digits.length())));
    int minutes = digits.length() > 2 ? Integer.parseInt(digits.substring(2)) : 0;
    int seconds = ZoneOffset.ofHoursMinutes(hours, minutes).getTotalSeconds();
    return zone.startsWith("-") ? -seconds : seconds;
  }

  private static Datum at(LocalDateTime time, SqlType type) {
    return Datum.of(
        type == SqlType.DATE
            ? ChronoUnit.DAYS.between(EPOCH_DAY, time.toLocalDate())
            : ChronoUnit.MICROS.between(EPOCH, time));
  }
}
