package phaistos.server.executor;

import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.Numbers;
import phaistos.server.types.SqlType;

/** Adding and subtracting dates, times and intervals. */
final class TimeOperators {
  private static final long DAY_MICROS = 86_400_000_000L;
  private static final LocalDateTime EPOCH = LocalDateTime.of(2000, 1, 1, 0, 0);

  private TimeOperators() {}

  /** Nothing if neither operand has to do with time. */
  static Optional<Expr> compute(char operator, Expr givenLeft, Expr givenRight) {
    if (!hasTime(givenLeft) && !hasTime(givenRight)) {
      return Optional.empty();
    }
    if (operator == '%') {
      throw Operators.missing("%", givenLeft.type(), givenRight.type());
    }
    if (operator == '+' && (isDate(givenLeft, givenRight) || isDate(givenRight, givenLeft))) {
      throw PgError.withHint(
          "42725",
          "operator is not unique: %s + %s"
              .formatted(givenLeft.type().label(), givenRight.type().label()),
          "Could not choose a best candidate operator. You might need to add explicit type"
              + " casts.");
    }
    Expr left = known(operator, givenLeft, givenRight.type(), false);
    Expr right = known(operator, givenRight, left.type(), true);
    SqlType a = left.type();
    SqlType b = right.type();
    boolean number = a == SqlType.INT4 || a == SqlType.INT2;
    if (operator == '+' && (number && b == SqlType.DATE || a == SqlType.INTERVAL && b.isTime())) {
      return compute(operator, right, left);
    }
    boolean sum = operator == '+' || operator == '-';
    int sign = operator == '-' ? -1 : 1;
    if (sum && a == SqlType.DATE && (b == SqlType.INT4 || b == SqlType.INT2)) {
      return Optional.of(
          Operators.strict(a, left, right, (x, y) -> Datum.of(number(x) + sign * number(y))));
    }
    if (sum && a.isTime() && b == SqlType.INTERVAL) {
      SqlType type = a == SqlType.DATE ? SqlType.TIMESTAMP : a;
      return Optional.of(
          Operators.strict(
              type,
              left.as(type),
              right,
              (x, y) -> Datum.of(moved(number(x), (Datum.Interval) y, sign))));
    }
    if (operator == '-' && a.isTime() && b.isTime()) {
      return Optional.of(difference(left, right));
    }
    if (sum && a == SqlType.INTERVAL && b == SqlType.INTERVAL) {
      return Optional.of(
          Operators.strict(
              a, left, right, (x, y) -> added((Datum.Interval) x, (Datum.Interval) y, sign)));
    }
    if (a == SqlType.INTERVAL && b.isNumber() || b == SqlType.INTERVAL && a.isNumber()) {
      return Optional.of(scaled(operator, left, right));
    }
    throw Operators.missing("" + operator, givenLeft.type(), givenRight.type());
  }

  private static boolean isDate(Expr expr, Expr other) {
    return expr.type() == SqlType.DATE && other.isUnknown();
  }

  private static boolean hasTime(Expr expr) {
    return expr.type().isTime() || expr.type() == SqlType.INTERVAL;
  }

  /** A literal beside a time is another time if it is subtracted, else an interval. */
  private static Expr known(char operator, Expr expr, SqlType other, boolean isRight) {
    if (!expr.isUnknown()) {
      return expr;
    }
    if (operator == '*' || operator == '/') {
      return other == SqlType.INTERVAL && (operator == '*' || isRight)
          ? expr.known(SqlType.FLOAT8)
          : expr;
    }
    return expr.known(operator == '-' && other.isTime() ? other : SqlType.INTERVAL);
  }

  private static Expr difference(Expr left, Expr right) {
    if (left.type() == SqlType.DATE && right.type() == SqlType.DATE) {
      return Operators.strict(SqlType.INT4, left, right, (x, y) -> Datum.of(number(x) - number(y)));
    }
    SqlType type = Operators.comparable(left.type(), right.type()).orElse(SqlType.TIMESTAMPTZ);
    return Operators.strict(
        SqlType.INTERVAL,
        left.as(type),
        right.as(type),
        (x, y) -> {
          long micros = number(x) - number(y);
          return new Datum.Interval(0, (int) (micros / DAY_MICROS), micros % DAY_MICROS);
        });
  }

  private static Datum added(Datum.Interval x, Datum.Interval y, int sign) {
    return new Datum.Interval(
        x.months() + sign * y.months(), x.days() + sign * y.days(), x.micros() + sign * y.micros());
  }

  static Datum sum(Datum x, Datum y) {
    return added((Datum.Interval) x, (Datum.Interval) y, 1);
  }

  private static long moved(long micros, Datum.Interval by, int sign) {
    LocalDateTime time =
        EPOCH
            .plus(micros, ChronoUnit.MICROS)
            .plusMonths((long) sign * by.months())
            .plusDays((long) sign * by.days())
            .plus(sign * by.micros(), ChronoUnit.MICROS);
    return ChronoUnit.MICROS.between(EPOCH, time);
  }

  /** An interval times or divided by a number; parts of a day go into the smaller field. */
  private static Expr scaled(char operator, Expr left, Expr right) {
    boolean first = left.type() == SqlType.INTERVAL;
    if (operator != '*' && !(operator == '/' && first)) {
      throw Operators.missing("" + operator, left.type(), right.type());
    }
    return Operators.strict(
        SqlType.INTERVAL,
        left,
        right,
        (x, y) -> {
          Datum.Interval interval = (Datum.Interval) (first ? x : y);
          double number = Numbers.toDouble(first ? y : x);
          if (operator == '/' && number == 0) {
            throw PgError.error("22012", "division by zero");
          }
          double factor = operator == '/' ? 1 / number : number;
          if (Double.isNaN(factor) || Double.isInfinite(factor)) {
            throw PgError.error("22008", "interval out of range");
          }
          double months = interval.months() * factor;
          double days = interval.days() * factor + (months - (int) months) * 30;
          double micros = interval.micros() * factor + (days - (int) days) * DAY_MICROS;
          if (Math.abs(months) > Integer.MAX_VALUE
              || Math.abs(days) > Integer.MAX_VALUE
              || Math.abs(micros) >= 0x1p63) {
            throw PgError.error("22008", "interval out of range");
          }
          return new Datum.Interval((int) months, (int) days, Math.round(micros));
        });
  }

  private static long number(Datum value) {
    return ((Datum.Int) value).value();
  }
}
