package phaistos.server.executor;

import java.math.BigDecimal;
import java.math.RoundingMode;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;

/** Comparing, converting and computing with values. */
final class Values {
  private Values() {}

  /** Below 0, 0 or above 0; neither is NULL. */
  static int compare(Datum left, Datum right, SqlType type) {
    if (left instanceof Datum.Int(long a) && right instanceof Datum.Int(long b)) {
      boolean unsigned = type == SqlType.PG_LSN || type == SqlType.XID8;
      return unsigned ? Long.compareUnsigned(a, b) : Long.compare(a, b);
    }
    if (left instanceof Datum.Text(String a) && right instanceof Datum.Text(String b)) {
      return a.compareTo(b);
    }
    if (left instanceof Datum.Bool(boolean a) && right instanceof Datum.Bool(boolean b)) {
      return Boolean.compare(a, b);
    }
    if (left instanceof Datum.Float || right instanceof Datum.Float) {
      return Double.compare(toDouble(left), toDouble(right));
    }
    return toDecimal(left).compareTo(toDecimal(right));
  }

  static double toDouble(Datum value) {
    return switch (value) {
      case Datum.Int(long number) -> number;
      case Datum.Float(double number) -> number;
      case Datum.Numeric(BigDecimal number) -> number.doubleValue();
      case Datum.Text _, Datum.Bool _, Datum.Null _ -> throw mismatch(value);
    };
  }

  static BigDecimal toDecimal(Datum value) {
    return switch (value) {
      case Datum.Int(long number) -> BigDecimal.valueOf(number);
      case Datum.Float(double number) -> BigDecimal.valueOf(number);
      case Datum.Numeric(BigDecimal number) -> number;
      case Datum.Text _, Datum.Bool _, Datum.Null _ -> throw mismatch(value);
    };
  }

  private static PgError mismatch(Datum value) {
    return PgError.error("42883", "operator does not exist for this value: " + value);
  }

  /** An explicit or allowed conversion; NULL stays NULL. */
  static Datum cast(Datum value, SqlType from, SqlType to) {
    if (value.isNull() || from == to) {
      return value;
    }
    if (to.isText()) {
      return Datum.of(TypeText.format(value, from));
    }
    if (value instanceof Datum.Text(String text)) {
      return TypeText.parse(text, to);
    }
    return switch (to) {
      case FLOAT8 -> new Datum.Float(toDouble(value));
      case NUMERIC -> new Datum.Numeric(toDecimal(value));
      case INT2, INT4, INT8 -> TypeText.checkRange(toLong(value, to), to);
      case BOOL -> Datum.of(toLong(value, to) != 0);
      case PG_LSN, XID8, XID, OID, TIMESTAMP, TIMESTAMPTZ -> Datum.of(toLong(value, to));
      case TEXT, NAME, UNKNOWN, BPCHAR, VARCHAR, VOID -> value;
    };
  }

  private static long toLong(Datum value, SqlType to) {
    return switch (value) {
      case Datum.Int(long number) -> number;
      case Datum.Bool(boolean bool) -> bool ? 1 : 0;
      case Datum.Float(double number) -> Math.round(number);
      case Datum.Numeric(BigDecimal number) -> {
        try {
          yield number.setScale(0, RoundingMode.HALF_UP).longValueExact();
        } catch (ArithmeticException e) {
          throw PgError.error("22003", to.label() + " out of range");
        }
      }
      case Datum.Text _, Datum.Null _ -> throw mismatch(value);
    };
  }

  /** What may be stored into a column without a cast. */
  static Datum assign(Datum value, SqlType from, Table.Column column) {
    if (value.isNull()) {
      return value;
    }
    SqlType to = column.type();
    boolean allowed =
        from == to
            || from == SqlType.UNKNOWN
            || to.isText()
            || from.isNumber() && to.isNumber()
            || from.isInteger() && (to == SqlType.OID || to == SqlType.XID8 || to == SqlType.XID)
            || isTime(from) && isTime(to);
    if (!allowed) {
      throw PgError.error(
          "42804",
          "column \"%s\" is of type %s but expression is of type %s"
              .formatted(column.name(), to.label(), from.label()));
    }
    Datum stored = cast(value, from, to);
    if (stored instanceof Datum.Text(String text)
        && column.limit() > 0
        && text.codePointCount(0, text.length()) > column.limit()) {
      throw PgError.error(
          "22001", "value too long for type %s(%d)".formatted(to.label(), column.limit()));
    }
    return stored;
  }

  private static boolean isTime(SqlType type) {
    return type == SqlType.TIMESTAMP || type == SqlType.TIMESTAMPTZ;
  }

  /** The type in which two numbers are computed. */
  static SqlType wider(SqlType left, SqlType right) {
    if (left == SqlType.FLOAT8 || right == SqlType.FLOAT8) {
      return SqlType.FLOAT8;
    }
    if (left == SqlType.NUMERIC || right == SqlType.NUMERIC) {
      return SqlType.NUMERIC;
    }
    if (left == SqlType.INT8 || right == SqlType.INT8) {
      return SqlType.INT8;
    }
    return left == SqlType.INT4 || right == SqlType.INT4 ? SqlType.INT4 : SqlType.INT2;
  }

  /** One of + - * / %, in a number type; neither value is NULL. */
  static Datum compute(char operator, Datum left, Datum right, SqlType type) {
    if (type == SqlType.FLOAT8) {
      return new Datum.Float(compute(operator, toDouble(left), toDouble(right)));
    }
    if (type == SqlType.NUMERIC) {
      return new Datum.Numeric(compute(operator, toDecimal(left), toDecimal(right)));
    }
    long a = toLong(left, type);
    long b = toLong(right, type);
    if ((operator == '/' || operator == '%') && b == 0) {
      throw divisionByZero();
    }
    try {
      long result =
          switch (operator) {
            case '+' -> Math.addExact(a, b);
            case '-' -> Math.subtractExact(a, b);
            case '*' -> Math.multiplyExact(a, b);
            case '/' -> a / b;
            default -> a % b;
          };
      return TypeText.checkRange(result, type);
    } catch (ArithmeticException e) {
      throw PgError.error("22003", type.label() + " out of range");
    }
  }

  private static double compute(char operator, double a, double b) {
    if (operator == '/' && b == 0) {
      throw divisionByZero();
    }
    return switch (operator) {
      case '+' -> a + b;
      case '-' -> a - b;
      case '*' -> a * b;
      case '/' -> a / b;
      default -> a % b;
    };
  }

  private static BigDecimal compute(char operator, BigDecimal a, BigDecimal b) {
    if ((operator == '/' || operator == '%') && b.signum() == 0) {
      throw divisionByZero();
    }
    return switch (operator) {
      case '+' -> a.add(b);
      case '-' -> a.subtract(b);
      case '*' -> a.multiply(b);
      case '/' -> a.divide(b, 20, RoundingMode.HALF_UP);
      default -> a.remainder(b);
    };
  }

  private static PgError divisionByZero() {
    return PgError.error("22012", "division by zero");
  }
}
