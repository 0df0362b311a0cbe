package phaistos.server.executor;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.IntPredicate;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.Numbers;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;

/** Operators: which types they take (pg_operator) and what they give. */
final class Operators {
  private static final Set<String> COMPARISONS = Set.of("=", "<>", "<", "<=", ">", ">=");

  private Operators() {}

  static PgError missing(String operator, SqlType left, SqlType right) {
    return PgError.withHint(
        "42883",
        "operator does not exist: %s %s %s".formatted(left.label(), operator, right.label()),
        "No operator matches the given name and argument types. You might need to add explicit"
            + " type casts.");
  }

  /** The result of an operator of two values; NULL if one of them is. */
  static Expr strict(SqlType type, Expr left, Expr right, BinaryOperator<Datum> apply) {
    return new Expr(
        type,
        frame -> {
          Datum a = left.of(frame);
          Datum b = right.of(frame);
          return a.isNull() || b.isNull() ? Datum.NULL : apply.apply(a, b);
        });
  }

  private static PgError notUnique(String operator, Expr left, Expr right) {
    return PgError.withHint(
        "42725",
        "operator is not unique: %s %s %s"
            .formatted(left.type().label(), operator, right.type().label()),
        "Could not choose a best candidate operator. You might need to add explicit type casts.");
  }

  static Expr unary(String operator, Expr given) {
    if (given.isUnknown() && !operator.equals("@")) {
      throw PgError.withHint(
          "42725",
          "operator is not unique: %s unknown".formatted(operator),
          "Could not choose a best candidate operator. You might need to add explicit type"
              + " casts.");
    }
    Expr operand = given.isUnknown() ? given.known(SqlType.FLOAT8) : given;
    SqlType type = operand.type();
    boolean fits =
        switch (operator) {
          case "-" -> type.isNumber() || type == SqlType.INTERVAL;
          case "+", "@" -> type.isNumber();
          case "~" -> type.isInteger();
          default -> throw PgError.unsupported("operator " + operator);
        };
    if (!fits) {
      throw PgError.withHint(
          "42883",
          "operator does not exist: %s %s".formatted(operator, type.label()),
          "No operator matches the given name and argument type. You might need to add an explicit"
              + " type cast.");
    }
    return new Expr(
        type,
        frame -> {
          Datum value = operand.of(frame);
          if (value.isNull()) {
            return value;
          }
          return switch (operator) {
            case "-" -> Arithmetic.negate(value, type);
            case "@" -> Arithmetic.absolute(value, type);
            case "~" -> Datum.of(~((Datum.Int) value).value());
            default -> value;
          };
        });
  }

  static Expr binary(String operator, Expr left, Expr right) {
    if (COMPARISONS.contains(operator)) {
      return compare(operator, left, right);
    }
    return switch (operator) {
      case "+", "-", "*", "/", "%" -> arithmetic(operator.charAt(0), left, right);
      case "^" -> power(left, right);
      case "||" -> concat(left, right);
      case "~", "~*", "!~", "!~*", "~~", "!~~", "~~*", "!~~*" ->
          Patterns.match(operator, left, right);
      case "&", "|", "#", "<<", ">>" -> bits(operator, left, right);
      case "@>", "<@", "&&" -> Arrays.contains(operator, left, right);
      default -> throw PgError.unsupported("operator " + operator);
    };
  }

  // ---- comparisons ----

  /** The type as which values of these types are compared. */
  static Optional<SqlType> comparable(SqlType left, SqlType right) {
    if (left == right) {
      return left == SqlType.VOID ? Optional.empty() : Optional.of(left);
    }
    if (left.isNumber() && right.isNumber()) {
      return Optional.of(Arithmetic.wider(left, right));
    }
    if (left.isText() && right.isText()) {
      boolean blank =
          left == SqlType.BPCHAR && right == SqlType.VARCHAR
              || left == SqlType.VARCHAR && right == SqlType.BPCHAR;
      return Optional.of(blank ? SqlType.BPCHAR : SqlType.TEXT);
    }
    if (left.isTime() && right.isTime()) {
      boolean zone = left == SqlType.TIMESTAMPTZ || right == SqlType.TIMESTAMPTZ;
      return Optional.of(zone ? SqlType.TIMESTAMPTZ : SqlType.TIMESTAMP);
    }
    boolean leftOid = Casts.isOid(left) || left.isInteger();
    boolean rightOid = Casts.isOid(right) || right.isInteger();
    if (leftOid && rightOid) {
      return Optional.of(SqlType.OID);
    }
    if (Casts.isImplicit(left, right)) {
      return Optional.of(right);
    }
    return Casts.isImplicit(right, left) ? Optional.of(left) : Optional.empty();
  }

  /** Two operands of the types in which they are compared, or nothing if they cannot be. */
  static Expr compare(String operator, Expr givenLeft, Expr givenRight) {
    Expr left = given(givenLeft, givenRight);
    Expr right = given(givenRight, left);
    IntPredicate accepts = accepts(operator);
    if (left.type() == SqlType.RECORD && right.type() == SqlType.RECORD) {
      return Arrays.compareRows(operator, left, right);
    }
    boolean xid = left.type() == SqlType.XID && right.type() == SqlType.INT4;
    SqlType type =
        xid
            ? SqlType.XID
            : comparable(left.type(), right.type())
                .orElseThrow(() -> missing(operator, left.type(), right.type()));
    boolean equality = operator.equals("=") || operator.equals("<>");
    if (!equality && (type == SqlType.XID || type == SqlType.CID)) {
      throw missing(operator, left.type(), right.type());
    }
    Expr a = left.as(type);
    Expr b = right.as(type);
    return strict(SqlType.BOOL, a, b, (x, y) -> Datum.of(accepts.test(Order.compare(x, y, type))));
  }

  /** The operand; without a type it has the other's. */
  private static Expr given(Expr operand, Expr other) {
    if (!operand.isUnknown()) {
      return operand;
    }
    SqlType type = other.type();
    boolean text = type == SqlType.UNKNOWN || type == SqlType.VARCHAR;
    return operand.known(text ? SqlType.TEXT : type);
  }

  private static IntPredicate accepts(String operator) {
    return switch (operator) {
      case "=" -> sign -> sign == 0;
      case "<>" -> sign -> sign != 0;
      case "<" -> sign -> sign < 0;
      case "<=" -> sign -> sign <= 0;
      case ">" -> sign -> sign > 0;
      default -> sign -> sign >= 0;
    };
  }

  // ---- computing ----

  private static Expr arithmetic(char operator, Expr givenLeft, Expr givenRight) {
    if (givenLeft.isUnknown() && givenRight.isUnknown()) {
      throw notUnique("" + operator, givenLeft, givenRight);
    }
    if (operator == '-' && givenLeft.isUnknown() && givenRight.type().isText()) {
      // PostgreSQL takes the unknown operand for jsonb
      throw PgError.unsupported("operator - of type jsonb");
    }
    Optional<Expr> time = TimeOperators.compute(operator, givenLeft, givenRight);
    if (time.isPresent()) {
      return time.get();
    }
    boolean swapped = givenLeft.type() == SqlType.NUMERIC || givenLeft.type().isInteger();
    if (operator == '+'
        && givenRight.type() == SqlType.PG_LSN
        && (swapped || givenLeft.isUnknown())) {
      return lsn(operator, givenRight, givenLeft.known(SqlType.NUMERIC));
    }
    SqlType known = givenLeft.isUnknown() ? givenRight.type() : givenLeft.type();
    boolean fits =
        known.isNumber() && !(operator == '%' && known.isFloat())
            || known == SqlType.PG_LSN && (operator == '+' || operator == '-');
    if (!fits) {
      throw missing("" + operator, givenLeft.type(), givenRight.type());
    }
    if (known == SqlType.PG_LSN && operator == '+') {
      return lsn(operator, givenLeft, givenRight.known(SqlType.NUMERIC));
    }
    Expr left = given(givenLeft, givenRight);
    Expr right = given(givenRight, left);
    if (left.type() == SqlType.PG_LSN) {
      return lsn(operator, left, right);
    }
    if (!isComputed(left, right)) {
      throw missing("" + operator, givenLeft.type(), givenRight.type());
    }
    SqlType type = Arithmetic.wider(left.type(), right.type());
    if (operator == '%' && type.isFloat()) {
      throw missing("%", left.type(), right.type());
    }
    return strict(
        type, left.as(type), right.as(type), (a, b) -> Arithmetic.compute(operator, a, b, type));
  }

  private static boolean isComputed(Expr left, Expr right) {
    return left.type().isNumber() && right.type().isNumber();
  }

  private static Expr lsn(char operator, Expr left, Expr right) {
    if (right.type() == SqlType.PG_LSN && operator == '-') {
      return strict(
          SqlType.NUMERIC,
          left,
          right,
          (a, b) -> new Datum.Numeric(unsigned(a).subtract(unsigned(b))));
    }
    boolean number = right.type().isInteger() || right.type() == SqlType.NUMERIC;
    if (!number || operator != '+' && operator != '-') {
      throw missing("" + operator, left.type(), right.type());
    }
    return strict(
        SqlType.PG_LSN,
        left,
        right,
        (a, b) -> {
          BigDecimal change = Numbers.toDecimal(b).setScale(0, java.math.RoundingMode.HALF_UP);
          BigDecimal moved =
              operator == '+' ? unsigned(a).add(change) : unsigned(a).subtract(change);
          if (moved.signum() < 0 || moved.toBigInteger().bitLength() > 64) {
            throw PgError.error("22023", "pg_lsn out of range");
          }
          return Datum.of(moved.toBigInteger().longValue());
        });
  }

  /** A log position as a number. */
  static BigDecimal unsigned(Datum lsn) {
    return new BigDecimal(Long.toUnsignedString(((Datum.Int) lsn).value()));
  }

  private static Expr power(Expr givenLeft, Expr givenRight) {
    Expr left = given(givenLeft, givenRight);
    Expr right = given(givenRight, left);
    if (!isComputed(left, right)) {
      throw missing("^", left.type(), right.type());
    }
    if (Arithmetic.wider(left.type(), right.type()) == SqlType.NUMERIC) {
      throw PgError.unsupported("power of type numeric");
    }
    return strict(
        SqlType.FLOAT8,
        left.as(SqlType.FLOAT8),
        right.as(SqlType.FLOAT8),
        (a, b) -> Arithmetic.power(Numbers.toDouble(a), Numbers.toDouble(b)));
  }

  private static Expr concat(Expr left, Expr right) {
    if (left.type().isArray() || right.type().isArray()) {
      return Arrays.concat(left, right);
    }
    boolean text =
        left.type().isText() && right.type() != SqlType.VOID
            || right.type().isText() && left.type() != SqlType.VOID;
    boolean oneIsText =
        !left.isUnknown() && left.type().isText()
            || !right.isUnknown() && right.type().isText()
            || left.isUnknown() && right.isUnknown()
            || left.isUnknown() != right.isUnknown();
    if (!text || !oneIsText) {
      throw missing("||", left.type(), right.type());
    }
    return strict(
        SqlType.TEXT,
        Casts.explicit(left, SqlType.TEXT, 0),
        Casts.explicit(right, SqlType.TEXT, 0),
        (a, b) -> Datum.of(((Datum.Text) a).value() + ((Datum.Text) b).value()));
  }

  private static Expr bits(String operator, Expr givenLeft, Expr givenRight) {
    if (givenLeft.isUnknown() && givenRight.isUnknown()) {
      throw notUnique(operator, givenLeft, givenRight);
    }
    SqlType known = givenLeft.isUnknown() ? givenRight.type() : givenLeft.type();
    boolean shift = operator.equals("<<") || operator.equals(">>");
    boolean wide = shift && givenRight.type() == SqlType.INT8;
    if (!known.isInteger() || wide) {
      throw missing(operator, givenLeft.type(), givenRight.type());
    }
    Expr left = given(givenLeft, givenRight);
    Expr right = shift ? givenRight.known(SqlType.INT4) : given(givenRight, left);
    if (!left.type().isInteger() || !right.type().isInteger()) {
      throw missing(operator, left.type(), right.type());
    }
    SqlType type = shift ? left.type() : Arithmetic.wider(left.type(), right.type());
    return strict(
        type, left.as(type), right, (a, b) -> Datum.of(bits(operator, number(a), number(b), type)));
  }

  private static long bits(String operator, long a, long b, SqlType type) {
    long result =
        switch (operator) {
          case "&" -> a & b;
          case "|" -> a | b;
          case "#" -> a ^ b;
          case "<<" -> type == SqlType.INT8 ? a << b : (int) a << b;
          default -> type == SqlType.INT8 ? a >> b : (int) a >> b;
        };
    return switch (type) {
      case INT2 -> (short) result;
      case INT4 -> (int) result;
      default -> result;
    };
  }

  private static long number(Datum value) {
    return ((Datum.Int) value).value();
  }
}
