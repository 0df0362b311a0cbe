package phaistos.server.types;

import java.math.BigDecimal;
import phaistos.server.errors.PgError;

/** Numbers of every type as double or decimal. */
public final class Numbers {
  private Numbers() {}

  public static double toDouble(Datum value) {
    return switch (value) {
      case Datum.Int(long number) -> number;
      case Datum.Float(double number) -> number;
      case Datum.Numeric(BigDecimal number) -> {
        double result = number.doubleValue();
        if (Double.isInfinite(result) || result == 0 && number.signum() != 0) {
          throw PgError.error(
              "22003",
              "\"%s\" is out of range for type double precision".formatted(number.toPlainString()));
        }
        yield result;
      }
      case Datum.Text _, Datum.Bool _, Datum.Interval _, Datum.Array _, Datum.Null _ ->
          throw mismatch(value);
    };
  }

  public static BigDecimal toDecimal(Datum value) {
    return switch (value) {
      case Datum.Int(long number) -> BigDecimal.valueOf(number);
      case Datum.Float(double number) -> BigDecimal.valueOf(number);
      case Datum.Numeric(BigDecimal number) -> number;
      case Datum.Text _, Datum.Bool _, Datum.Interval _, Datum.Array _, Datum.Null _ ->
          throw mismatch(value);
    };
  }

  private static PgError mismatch(Datum value) {
    return PgError.error("42883", "operator does not exist for this value: " + value);
  }
}
