package phaistos.server.executor;

import java.math.BigDecimal;
import java.math.RoundingMode;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.Numbers;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;

/** Computing with numbers, with PostgreSQL's ranges and scales. */
final class Arithmetic {
  /** A quotient has at least this many significant digits (NUMERIC_MIN_SIG_DIGITS). */
  private static final int SIGNIFICANT_MIN = 16;

  private static final int SCALE_MAX = 1000;
  private static final int GROUP_DIGITS = 4;
  private static final int PRODUCT_SCALE_MAX = 16_383;

  private Arithmetic() {}

  /** The type in which two numbers are computed. */
  static SqlType wider(SqlType left, SqlType right) {
    if (left == right) {
      return left;
    }
    if (left.isFloat() || right.isFloat()) {
      return SqlType.FLOAT8;
    }
    if (left == SqlType.NUMERIC || right == SqlType.NUMERIC) {
      return SqlType.NUMERIC;
    }
    return left == SqlType.INT8 || right == SqlType.INT8 ? SqlType.INT8 : SqlType.INT4;
  }

  /** One of + - * / %, in a number type; neither value is NULL. */
  static Datum compute(char operator, Datum left, Datum right, SqlType type) {
    if (type.isFloat()) {
      return floats(operator, Numbers.toDouble(left), Numbers.toDouble(right), type);
    }
    if (type == SqlType.NUMERIC) {
      return decimals(operator, Numbers.toDecimal(left), Numbers.toDecimal(right));
    }
    long a = ((Datum.Int) left).value();
    long b = ((Datum.Int) right).value();
    if ((operator == '/' || operator == '%') && b == 0) {
      throw divisionByZero();
    }
    try {
      long result =
          switch (operator) {
            case '+' -> Math.addExact(a, b);
            case '-' -> Math.subtractExact(a, b);
            case '*' -> Math.multiplyExact(a, b);
            case '/' -> Math.divideExact(a, b);
            default -> b == -1 ? 0 : a % b;
          };
      return TypeText.checkRange(result, type);
    } catch (ArithmeticException e) {
      throw PgError.error("22003", type.label() + " out of range");
    }
  }

  private static Datum floats(char operator, double a, double b, SqlType type) {
    if (operator == '/' && b == 0 && !Double.isNaN(a)) {
      throw divisionByZero();
    }
    double result =
        switch (operator) {
          case '+' -> a + b;
          case '-' -> a - b;
          case '*' -> a * b;
          case '/' -> a / b;
          default -> throw new IllegalArgumentException("operator " + operator);
        };
    double rounded = type == SqlType.FLOAT4 ? (float) result : result;
    if (Double.isInfinite(rounded) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw overflow();
    }
    boolean product = operator == '*' && a != 0 && b != 0;
    boolean quotient = operator == '/' && a != 0 && !Double.isInfinite(b);
    if (rounded == 0 && (product || quotient)) {
      throw underflow();
    }
    return new Datum.Float(rounded);
  }

  /** A number as a floating point type; too large a number for real is an error. */
  static Datum real(double value, SqlType type) {
    if (type != SqlType.FLOAT4) {
      return new Datum.Float(value);
    }
    float narrow = (float) value;
    if (Float.isInfinite(narrow) && !Double.isInfinite(value)) {
      throw overflow();
    }
    if (narrow == 0 && value != 0) {
      throw underflow();
    }
    return new Datum.Float(narrow);
  }

  static PgError overflow() {
    return PgError.error("22003", "value out of range: overflow");
  }

  static PgError underflow() {
    return PgError.error("22003", "value out of range: underflow");
  }

  private static Datum decimals(char operator, BigDecimal a, BigDecimal b) {
    if ((operator == '/' || operator == '%') && b.signum() == 0) {
      throw divisionByZero();
    }
    return TypeText.numeric(
        switch (operator) {
          case '+' -> a.add(b);
          case '-' -> a.subtract(b);
          case '*' -> product(a, b);
          case '/' -> a.divide(b, quotientScale(a, b), RoundingMode.HALF_UP);
          default -> a.remainder(b).setScale(Math.max(a.scale(), b.scale()));
        });
  }

  private static BigDecimal product(BigDecimal a, BigDecimal b) {
    BigDecimal product = a.multiply(b);
    return product.scale() > PRODUCT_SCALE_MAX
        ? product.setScale(PRODUCT_SCALE_MAX, RoundingMode.HALF_UP)
        : product;
  }

  /** The scale of a quotient (numeric.c, select_div_scale); numbers are digits of base 10,000. */
  static int quotientScale(BigDecimal a, BigDecimal b) {
    int weight = weight(a) - weight(b);
    if (firstGroup(a) <= firstGroup(b)) {
      weight--;
    }
    int scale = SIGNIFICANT_MIN - weight * GROUP_DIGITS;
    scale = Math.max(Math.max(scale, 0), Math.max(a.scale(), b.scale()));
    return Math.min(scale, SCALE_MAX);
  }

  /** The power of 10,000 of the first digit. */
  private static int weight(BigDecimal value) {
    return value.signum() == 0
        ? 0
        : Math.floorDiv(value.precision() - value.scale() - 1, GROUP_DIGITS);
  }

  private static int firstGroup(BigDecimal value) {
    return value.signum() == 0
        ? 0
        : value
            .abs()
            .scaleByPowerOfTen(-GROUP_DIGITS * weight(value))
            .setScale(0, RoundingMode.DOWN)
            .intValueExact();
  }

  private static PgError divisionByZero() {
    return PgError.error("22012", "division by zero");
  }

  /** a to the power of b. */
  static Datum power(double a, double b) {
    if (a == 0 && b < 0) {
      throw PgError.error("2201F", "zero raised to a negative power is undefined");
    }
    if (a < 0 && b != Math.rint(b)) {
      throw PgError.error(
          "2201F", "a negative number raised to a non-integer power yields a complex result");
    }
    double result = Math.pow(a, b);
    if (Double.isInfinite(result) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw overflow();
    }
    if (result == 0 && a != 0 && !Double.isInfinite(a) && !Double.isInfinite(b)) {
      throw underflow();
    }
    return new Datum.Float(result);
  }

  static Datum absolute(Datum value, SqlType type) {
    if (value instanceof Datum.Float(double number)) {
      return new Datum.Float(Math.abs(number));
    }
    return Order.compare(value, Datum.of(0), type) < 0 ? negate(value, type) : value;
  }

  /** The number with the other sign. */
  static Datum negate(Datum value, SqlType type) {
    return switch (value) {
      case Datum.Float(double number) -> new Datum.Float(-number);
      case Datum.Numeric(BigDecimal number) -> new Datum.Numeric(number.negate());
      case Datum.Interval i ->
          new Datum.Interval(-i.months(), -i.days(), Math.negateExact(i.micros()));
      default -> compute('-', Datum.of(0), value, type);
    };
  }
}
