package phaistos.server.executor;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.Numbers;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;

/** Functions of values alone: conditional expressions and numbers; text is in its own class. */
final class ScalarFunctions {
  private final String name;
  private final List<Expr> given;

  ScalarFunctions(String name, List<Expr> given) {
    this.name = name;
    this.given = given;
  }

  /** Nothing if it is none of these. */
  Optional<Expr> compile() {
    return switch (name) {
      case "coalesce" -> Optional.of(coalesce());
      case "nullif" -> Optional.of(nullif());
      case "greatest", "least" -> Optional.of(extreme(name.equals("greatest") ? 1 : -1));
      case "pg_typeof" ->
          Optional.of(Expr.constant(SqlType.REGTYPE, Datum.of(argument(0).type().oid())));
      case "abs" -> Optional.of(Operators.unary("@", number(1)));
      case "mod" -> Optional.of(mod());
      case "power", "pow" -> Optional.of(Operators.binary("^", argument(0), argument(1)));
      case "round", "trunc" -> Optional.of(rounded());
      case "ceil", "ceiling" -> Optional.of(whole(RoundingMode.CEILING, Math::ceil));
      case "floor" -> Optional.of(whole(RoundingMode.FLOOR, Math::floor));
      case "sign" -> Optional.of(sign());
      case "sqrt" -> Optional.of(floating(this::sqrt));
      case "exp" -> Optional.of(floating(x -> finite(Math.exp(x), x)));
      case "ln" -> Optional.of(floating(this::ln));
      case "random" -> Optional.empty();
      default -> new TextFunctions(name, given).compile();
    };
  }

  private Expr argument(int at) {
    if (at >= given.size()) {
      throw Functions.missing(name, given);
    }
    return given.get(at);
  }

  private Expr number(int count) {
    if (given.size() != count) {
      throw Functions.missing(name, given);
    }
    Expr argument = given.getFirst().known(SqlType.FLOAT8);
    if (!argument.type().isNumber()) {
      throw Functions.missing(name, given);
    }
    return argument;
  }

  static Expr strict(SqlType type, Expr argument, UnaryOperator<Datum> apply) {
    return new Expr(
        type,
        frame -> {
          Datum value = argument.of(frame);
          return value.isNull() ? value : apply.apply(value);
        });
  }

  private Expr coalesce() {
    argument(0);
    SqlType type = Casts.common(given, "COALESCE");
    List<Expr> typed = given.stream().map(expr -> expr.as(type)).toList();
    return new Expr(
        type,
        frame -> {
          for (Expr argument : typed) {
            Datum value = argument.of(frame);
            if (!value.isNull()) {
              return value;
            }
          }
          return Datum.NULL;
        });
  }

  private Expr nullif() {
    Expr right = argument(1);
    Expr left =
        argument(0).isUnknown()
            ? argument(0).known(right.isUnknown() ? SqlType.TEXT : right.type())
            : argument(0);
    Expr equal = Operators.compare("=", left, right);
    SqlType type = compared(left.type(), right.known(left.type()).type());
    int limit = type == left.type() ? left.limit() : 0;
    Expr value = left.as(type);
    return new Expr(
        type, limit, frame -> equal.of(frame).equals(Datum.TRUE) ? Datum.NULL : value.of(frame));
  }

  /** The type that the left operand of = has: some types have operators between them. */
  private static SqlType compared(SqlType left, SqlType right) {
    boolean across =
        left.isInteger() && right.isInteger()
            || left.isFloat() && right.isFloat()
            || left.isTime() && right.isTime();
    return left == SqlType.VARCHAR
        ? SqlType.TEXT
        : across ? left : Operators.comparable(left, right).orElse(left);
  }

  private Expr extreme(int direction) {
    argument(0);
    SqlType type = Casts.common(given, name.toUpperCase(java.util.Locale.ROOT));
    List<Expr> typed = given.stream().map(expr -> expr.as(type)).toList();
    return new Expr(
        type,
        frame -> {
          Datum best = Datum.NULL;
          for (Expr argument : typed) {
            Datum value = argument.of(frame);
            boolean better =
                best.isNull()
                    || !value.isNull() && direction * Order.compare(value, best, type) > 0;
            best = better ? value : best;
          }
          return best;
        });
  }

  private Expr mod() {
    Expr left = argument(0);
    Expr right = argument(1);
    if (left.isUnknown() && right.isUnknown()) {
      throw Functions.notUnique(name, given);
    }
    for (Expr expr : given) {
      boolean fits = expr.isUnknown() || expr.type().isInteger() || expr.type() == SqlType.NUMERIC;
      if (!fits || given.size() != 2) {
        throw Functions.missing(name, given);
      }
    }
    return Operators.binary("%", left, right);
  }

  private Expr rounded() {
    if (name.equals("trunc") && given.size() == 1 && given.getFirst().isUnknown()) {
      throw Functions.notUnique(name, given);
    }
    RoundingMode mode = name.equals("round") ? RoundingMode.HALF_UP : RoundingMode.DOWN;
    if (given.size() == 1) {
      return whole(
          mode, name.equals("round") ? Math::rint : x -> x < 0 ? Math.ceil(x) : Math.floor(x));
    }
    Expr value = argument(0).known(SqlType.NUMERIC);
    Expr digits = argument(1).known(SqlType.INT4);
    boolean fits =
        given.size() == 2
            && (value.type() == SqlType.NUMERIC || value.type().isInteger())
            && (digits.type() == SqlType.INT4 || digits.type() == SqlType.INT2);
    if (!fits) {
      throw Functions.missing(name, given);
    }
    return Operators.strict(
        SqlType.NUMERIC,
        value.as(SqlType.NUMERIC),
        digits,
        (x, n) -> {
          int scale = Math.clamp(((Datum.Int) n).value(), -2000, 2000);
          BigDecimal rounded = Numbers.toDecimal(x).setScale(scale, mode);
          return new Datum.Numeric(rounded);
        });
  }

  /** An integer becomes a double, as PostgreSQL's functions take it. */
  private Expr whole(RoundingMode mode, DoubleUnaryOperator floating) {
    Expr argument = number(1);
    if (argument.type() == SqlType.NUMERIC) {
      return strict(
          SqlType.NUMERIC,
          argument,
          value -> new Datum.Numeric(Numbers.toDecimal(value).setScale(0, mode)));
    }
    return strict(
        SqlType.FLOAT8,
        argument,
        value -> new Datum.Float(floating.applyAsDouble(Numbers.toDouble(value))));
  }

  private Expr sign() {
    Expr argument = number(1);
    boolean decimal = argument.type() == SqlType.NUMERIC;
    SqlType type = decimal ? SqlType.NUMERIC : SqlType.FLOAT8;
    return strict(
        type,
        argument,
        value ->
            decimal
                ? new Datum.Numeric(BigDecimal.valueOf(Numbers.toDecimal(value).signum()))
                : new Datum.Float(Math.signum(Numbers.toDouble(value)) + 0.0));
  }

  private Expr floating(Function<Double, Double> apply) {
    Expr argument = number(1);
    if (argument.type() == SqlType.NUMERIC) {
      throw PgError.unsupported("%s of type numeric".formatted(name));
    }
    return strict(
        SqlType.FLOAT8, argument, value -> new Datum.Float(apply.apply(Numbers.toDouble(value))));
  }

  private Double sqrt(Double x) {
    if (x < 0) {
      throw PgError.error("2201F", "cannot take square root of a negative number");
    }
    return Math.sqrt(x);
  }

  private Double ln(Double x) {
    if (x == 0) {
      throw PgError.error("2201E", "cannot take logarithm of zero");
    }
    if (x < 0) {
      throw PgError.error("2201E", "cannot take logarithm of a negative number");
    }
    return Math.log(x);
  }

  private static Double finite(double result, double argument) {
    if (Double.isInfinite(result) && !Double.isInfinite(argument)) {
      throw Arithmetic.overflow();
    }
    if (result == 0 && !Double.isInfinite(argument)) {
      throw Arithmetic.underflow();
    }
    return result;
  }

  /** The arguments' values, or nothing if one of them is NULL. */
  static Optional<List<Datum>> values(List<Expr> exprs, Frame frame) {
    List<Datum> values = new ArrayList<>(exprs.size());
    for (Expr expr : exprs) {
      Datum value = expr.of(frame);
      if (value.isNull()) {
        return Optional.empty();
      }
      values.add(value);
    }
    return Optional.of(values);
  }
}
