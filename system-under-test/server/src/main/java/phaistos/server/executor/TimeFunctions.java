package phaistos.server.executor;

import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** extract, date_part, date_trunc and AT TIME ZONE, in UTC. */
final class TimeFunctions {
  private static final LocalDateTime EPOCH = LocalDateTime.of(2000, 1, 1, 0, 0);
  private static final long UNIX_MICROS = 946_684_800_000_000L;

  private TimeFunctions() {}

  static Optional<Expr> compile(String name, List<Expr> given) {
    if (given.size() != 2) {
      throw Functions.missing(name, given);
    }
    if (given.get(1).isUnknown() && !name.equals("timezone")) {
      throw Functions.notUnique(name, given);
    }
    Expr word = given.get(0).known(SqlType.TEXT);
    Expr time = given.get(1).known(SqlType.TIMESTAMPTZ);
    boolean fits = time.type().isTime() || time.type() == SqlType.INTERVAL;
    if (!fits || !word.type().isText()) {
      throw Functions.missing(name, given);
    }
    return Optional.of(
        switch (name) {
          case "timezone" -> zone(word, time);
          case "date_trunc" -> truncated(word, time);
          default -> part(name, word, time);
        });
  }

  private static String word(Datum value) {
    return ((Datum.Text) value).value().toLowerCase(Locale.ROOT);
  }

  private static Expr zone(Expr word, Expr time) {
    SqlType to = time.type() == SqlType.TIMESTAMPTZ ? SqlType.TIMESTAMP : SqlType.TIMESTAMPTZ;
    Expr typed = time.type() == SqlType.DATE ? time.as(SqlType.TIMESTAMPTZ) : time;
    SqlType type = time.type() == SqlType.DATE ? SqlType.TIMESTAMP : to;
    return Operators.strict(
        type,
        word,
        typed,
        (zone, value) -> {
          if (!List.of("utc", "gmt", "z", "etc/utc").contains(word(zone))) {
            throw PgError.unsupported("time zone \"%s\"".formatted(word(zone)));
          }
          return value;
        });
  }

  private static Expr part(String name, Expr word, Expr time) {
    boolean extract = name.equals("extract");
    return Operators.strict(
        extract ? SqlType.NUMERIC : SqlType.FLOAT8,
        word,
        time,
        (field, value) -> {
          BigDecimal number =
              value instanceof Datum.Interval interval
                  ? ofInterval(word(field), interval)
                  : ofTime(word(field), micros(value, time.type()), time.type());
          return extract ? new Datum.Numeric(number) : new Datum.Float(number.doubleValue());
        });
  }

  private static long micros(Datum value, SqlType type) {
    return ((Datum.Int) Casts.cast(value, type, SqlType.TIMESTAMPTZ)).value();
  }

  private static BigDecimal seconds(long micros) {
    return BigDecimal.valueOf(micros, 6);
  }

  private static BigDecimal ofTime(String field, long micros, SqlType type) {
    LocalDateTime time = EPOCH.plus(micros, ChronoUnit.MICROS);
    long inMinute = Math.floorMod(micros, 60_000_000L);
    return switch (field) {
      case "epoch" ->
          type == SqlType.DATE
              ? BigDecimal.valueOf((micros + UNIX_MICROS) / 1_000_000)
              : seconds(micros + UNIX_MICROS);
      case "year" -> BigDecimal.valueOf(time.getYear());
      case "quarter" -> BigDecimal.valueOf(time.get(IsoFields.QUARTER_OF_YEAR));
      case "month" -> BigDecimal.valueOf(time.getMonthValue());
      case "week" -> BigDecimal.valueOf(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case "day" -> BigDecimal.valueOf(time.getDayOfMonth());
      case "dow" -> BigDecimal.valueOf(time.getDayOfWeek().getValue() % 7);
      case "isodow" -> BigDecimal.valueOf(time.getDayOfWeek().getValue());
      case "doy" -> BigDecimal.valueOf(time.getDayOfYear());
      case "hour" -> BigDecimal.valueOf(time.getHour());
      case "minute" -> BigDecimal.valueOf(time.getMinute());
      case "second" -> seconds(inMinute);
      case "milliseconds" -> BigDecimal.valueOf(inMinute, 3);
      case "microseconds" -> BigDecimal.valueOf(inMinute);
      default -> throw unknown(field, type);
    };
  }

  private static BigDecimal ofInterval(String field, Datum.Interval interval) {
    long micros = interval.micros();
    return switch (field) {
      case "epoch" -> {
        long days = interval.months() / 12 * 365L + interval.months() % 12 * 30L + interval.days();
        long leap = interval.months() / 12 * 21_600L;
        yield seconds(micros).add(BigDecimal.valueOf(days * 86_400 + leap));
      }
      case "year" -> BigDecimal.valueOf(interval.months() / 12);
      case "month" -> BigDecimal.valueOf(interval.months() % 12);
      case "day" -> BigDecimal.valueOf(interval.days());
      case "hour" -> BigDecimal.valueOf(micros / 3_600_000_000L);
      case "minute" -> BigDecimal.valueOf(micros / 60_000_000 % 60);
      case "second" -> seconds(micros % 60_000_000);
      case "milliseconds" -> BigDecimal.valueOf(micros % 60_000_000, 3);
      case "microseconds" -> BigDecimal.valueOf(micros % 60_000_000);
      default -> throw unknown(field, SqlType.INTERVAL);
    };
  }

  private static PgError unknown(String field, SqlType type) {
    return PgError.error(
        "22023", "unit \"%s\" not recognized for type %s".formatted(field, type.label()));
  }

  private static Expr truncated(Expr word, Expr given) {
    if (given.type() == SqlType.INTERVAL) {
      throw PgError.unsupported("date_trunc of an interval");
    }
    Expr time = given.type() == SqlType.DATE ? given.as(SqlType.TIMESTAMPTZ) : given;
    return Operators.strict(
        time.type(),
        word,
        time,
        (field, value) -> {
          LocalDateTime at = EPOCH.plus(((Datum.Int) value).value(), ChronoUnit.MICROS);
          LocalDateTime day = at.truncatedTo(ChronoUnit.DAYS);
          LocalDateTime cut =
              switch (word(field)) {
                case "microseconds" -> at;
                case "milliseconds" -> at.truncatedTo(ChronoUnit.MILLIS);
                case "second" -> at.truncatedTo(ChronoUnit.SECONDS);
                case "minute" -> at.truncatedTo(ChronoUnit.MINUTES);
                case "hour" -> at.truncatedTo(ChronoUnit.HOURS);
                case "day" -> day;
                case "week" -> day.minusDays(day.getDayOfWeek().getValue() - 1L);
                case "month" -> day.withDayOfMonth(1);
                case "quarter" -> day.withDayOfMonth(1).minusMonths((day.getMonthValue() - 1L) % 3);
                case "year" -> day.withDayOfYear(1);
                default -> throw unknown(word(field), time.type());
              };
          return Datum.of(ChronoUnit.MICROS.between(EPOCH, cut));
        });
  }
}
