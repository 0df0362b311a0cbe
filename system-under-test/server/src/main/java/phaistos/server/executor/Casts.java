package phaistos.server.executor;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.Numbers;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;

/** Conversions between types: which there are (pg_cast) and what they do. */
final class Casts {
  private static final long DAY_MICROS = 86_400_000_000L;
  private static final MathContext DOUBLE_DIGITS = new MathContext(15, RoundingMode.HALF_EVEN);
  private static final MathContext FLOAT_DIGITS = new MathContext(6, RoundingMode.HALF_EVEN);

  private Casts() {}

  /** How much is needed for a conversion. */
  private enum Need {
    NOTHING,
    ASSIGNMENT,
    CAST,
    IMPOSSIBLE
  }

  private static Need need(SqlType from, SqlType to) {
    if (from == to || from == SqlType.UNKNOWN) {
      return Need.NOTHING;
    }
    if (from.isNumber() && to.isNumber()) {
      return rank(from) < rank(to) ? Need.NOTHING : Need.ASSIGNMENT;
    }
    if (from.isText() && to.isText()) {
      boolean toChar = to == SqlType.CHAR || from == SqlType.NAME && to != SqlType.TEXT;
      return toChar ? Need.ASSIGNMENT : Need.NOTHING;
    }
    if (isOid(to) && (from.isInteger() || isOid(from))) {
      return Need.NOTHING;
    }
    if (isOid(from) && (to == SqlType.INT4 || to == SqlType.INT8)) {
      return Need.ASSIGNMENT;
    }
    if (from.isTime() && to.isTime()) {
      return timeRank(from) < timeRank(to) ? Need.NOTHING : Need.ASSIGNMENT;
    }
    if (from == SqlType.INT2VECTOR && to == SqlType.INT2_ARRAY
        || from == SqlType.OIDVECTOR && to == SqlType.OID_ARRAY) {
      return Need.NOTHING;
    }
    if (to.isText()) {
      return from == SqlType.VOID ? Need.IMPOSSIBLE : Need.ASSIGNMENT;
    }
    boolean bool =
        from == SqlType.BOOL && to == SqlType.INT4 || from == SqlType.INT4 && to == SqlType.BOOL;
    boolean xid = from == SqlType.XID8 && to == SqlType.XID;
    boolean arrays = from.isArray() && to.isArray();
    return from.isText() && to != SqlType.VOID || bool || xid || arrays
        ? Need.CAST
        : Need.IMPOSSIBLE;
  }

  private static int rank(SqlType type) {
    return switch (type) {
      case INT2 -> 0;
      case INT4 -> 1;
      case INT8 -> 2;
      case NUMERIC -> 3;
      case FLOAT4 -> 4;
      default -> 5;
    };
  }

  private static int timeRank(SqlType type) {
    return type == SqlType.DATE ? 0 : type == SqlType.TIMESTAMP ? 1 : 2;
  }

  static boolean isOid(SqlType type) {
    return type == SqlType.OID || Names.isName(type);
  }

  static boolean isImplicit(SqlType from, SqlType to) {
    return need(from, to) == Need.NOTHING;
  }

  static boolean isAssignable(SqlType from, SqlType to) {
    return need(from, to).compareTo(Need.ASSIGNMENT) <= 0;
  }

  /**
   * An explicit cast.
   *
   * @param limit of the target, as {@link Table.Column} has it
   * @throws PgError 42846 if there is none between the types
   */
  static Expr explicit(Expr expr, SqlType to, int limit) {
    Expr inner = expr.known(to);
    SqlType from = inner.type();
    if (need(from, to) == Need.IMPOSSIBLE) {
      throw PgError.error("42846", "cannot cast type %s to %s".formatted(from.label(), to.label()));
    }
    return new Expr(to, limit, frame -> limited(cast(inner.of(frame), from, to), to, limit, true));
  }

  /** A conversion that is known to exist; NULL stays NULL. */
  static Datum cast(Datum value, SqlType from, SqlType to) {
    if (value.isNull() || from == to) {
      return value;
    }
    if (to.isText()) {
      return text(value, from, to);
    }
    if (value instanceof Datum.Text(String text)) {
      return TypeText.parse(text, to);
    }
    if (value instanceof Datum.Array(List<Datum> values)) {
      return elements(values, from, to);
    }
    return switch (to.form()) {
      case FLOAT ->
          // as PostgreSQL does, so that a number beyond real is named
          value instanceof Datum.Numeric(BigDecimal number) && to == SqlType.FLOAT4
              ? TypeText.parse(number.toPlainString(), to)
              : Arithmetic.real(Numbers.toDouble(value), to);
      case NUMERIC -> new Datum.Numeric(decimal(value, from));
      case INTEGER -> TypeText.checkRange(whole(value, to), to);
      case BOOL -> Datum.of(((Datum.Int) value).value() != 0);
      case UNSIGNED -> unsigned(((Datum.Int) value).value(), to);
      case DATE -> Datum.of(Math.floorDiv(((Datum.Int) value).value(), DAY_MICROS));
      case TIME ->
          from == SqlType.DATE ? Datum.of(((Datum.Int) value).value() * DAY_MICROS) : value;
      case TEXT, INTERVAL, LSN, TID, ARRAY -> value;
    };
  }

  private static Datum text(Datum value, SqlType from, SqlType to) {
    String text;
    if (from == SqlType.BOOL && to != SqlType.NAME && to != SqlType.CHAR) {
      text = value.equals(Datum.TRUE) ? "true" : "false";
    } else {
      text = TypeText.format(value, from);
      if (from == SqlType.BPCHAR && to != SqlType.BPCHAR) {
        text = Order.withoutBlanks(text);
      }
    }
    return to == SqlType.NAME || to == SqlType.CHAR ? TypeText.parse(text, to) : Datum.of(text);
  }

  private static Datum elements(List<Datum> values, SqlType from, SqlType to) {
    SqlType source = from.element().orElse(SqlType.TEXT);
    SqlType target = to.element().orElse(SqlType.TEXT);
    List<Datum> made = new ArrayList<>();
    values.forEach(value -> made.add(cast(value, source, target)));
    return new Datum.Array(made);
  }

  private static Datum unsigned(long value, SqlType to) {
    if (to.length() == 8 || value >= Integer.MIN_VALUE && value <= 0xFFFF_FFFFL) {
      return Datum.of(to.length() == 8 ? value : value & 0xFFFF_FFFFL);
    }
    throw PgError.error("22003", "OID out of range");
  }

  private static BigDecimal decimal(Datum value, SqlType from) {
    if (!(value instanceof Datum.Float(double number))) {
      return Numbers.toDecimal(value);
    }
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      throw PgError.unsupported("numeric " + number);
    }
    BigDecimal rounded =
        new BigDecimal(number).round(from == SqlType.FLOAT4 ? FLOAT_DIGITS : DOUBLE_DIGITS);
    return number == 0 ? BigDecimal.ZERO : rounded.stripTrailingZeros();
  }

  private static long whole(Datum value, SqlType to) {
    return switch (value) {
      case Datum.Int(long number) -> number;
      case Datum.Bool(boolean bool) -> bool ? 1 : 0;
      case Datum.Float(double number) -> {
        double rounded = Math.rint(number);
        if (!(rounded >= -0x1p63 && rounded < 0x1p63)) {
          throw outOfRange(to);
        }
        yield (long) rounded;
      }
      case Datum.Numeric(BigDecimal number) -> {
        try {
          yield number.setScale(0, RoundingMode.HALF_UP).longValueExact();
        } catch (ArithmeticException e) {
          throw outOfRange(to);
        }
      }
      case Datum.Text _, Datum.Null _, Datum.Interval _, Datum.Array _ ->
          throw new IllegalArgumentException(value + " as " + to);
    };
  }

  private static PgError outOfRange(SqlType type) {
    return PgError.error("22003", type.label() + " out of range");
  }

  /**
   * A value cut, padded or rounded to its type's limit.
   *
   * @param explicit a cast cuts what is too long; an assignment cuts only blanks
   */
  static Datum limited(Datum value, SqlType type, int limit, boolean explicit) {
    if (limit == 0) {
      return value;
    }
    return switch (value) {
      case Datum.Text(String text) when type.isText() -> length(text, type, limit, explicit);
      case Datum.Numeric(BigDecimal number) -> digits(number, limit >> 16, (short) limit);
      default -> value;
    };
  }

  private static Datum length(String text, SqlType type, int limit, boolean explicit) {
    int length = text.codePointCount(0, text.length());
    String kept = text;
    if (length > limit) {
      int end = text.offsetByCodePoints(0, limit);
      if (!explicit && !Order.withoutBlanks(text.substring(end)).isEmpty()) {
        throw PgError.error(
            "22001", "value too long for type %s(%d)".formatted(type.label(), limit));
      }
      kept = text.substring(0, end);
    }
    return Datum.of(
        type == SqlType.BPCHAR && length < limit ? kept + " ".repeat(limit - length) : kept);
  }

  private static Datum digits(BigDecimal number, int precision, int scale) {
    BigDecimal rounded = number.setScale(scale, RoundingMode.HALF_UP);
    if (rounded.signum() != 0 && rounded.precision() - rounded.scale() > precision - scale) {
      int whole = precision - scale;
      throw PgError.error(
          "22003",
          "numeric field overflow",
          "A field with precision %d, scale %d must round to an absolute value less than %s."
              .formatted(precision, scale, whole == 0 ? "1" : "10^" + whole));
    }
    return new Datum.Numeric(rounded);
  }

  /**
   * What is stored into a column.
   *
   * @throws PgError 42804 if a cast would be needed
   */
  static Expr assign(Expr expr, Table.Column column) {
    SqlType to = column.type();
    Expr known = expr.known(to);
    SqlType from = known.type();
    if (!isAssignable(from, to)) {
      throw PgError.withHint(
          "42804",
          "column \"%s\" is of type %s but expression is of type %s"
              .formatted(column.name(), to.label(), from.label()),
          "You will need to rewrite or cast the expression.");
    }
    return new Expr(
        to,
        column.limit(),
        frame -> limited(cast(known.of(frame), from, to), to, column.limit(), false));
  }

  /**
   * The type that all of these can have (select_common_type).
   *
   * @param where for the message: "CASE", "UNION", "VALUES"
   */
  static SqlType common(List<Expr> exprs, String where) {
    SqlType chosen = SqlType.UNKNOWN;
    for (Expr expr : exprs) {
      SqlType next = expr.type();
      if (next == SqlType.UNKNOWN || next == chosen) {
        continue;
      }
      if (chosen == SqlType.UNKNOWN) {
        chosen = next;
      } else if (next.category() != chosen.category()) {
        throw PgError.error(
            "42804",
            "%s types %s and %s cannot be matched"
                .formatted(where.replace("/WHEN", ""), chosen.label(), next.label()));
      } else if (!isPreferred(chosen) && isImplicit(chosen, next) && !isImplicit(next, chosen)) {
        chosen = next;
      }
    }
    for (Expr expr : exprs) {
      if (!isImplicit(expr.type(), chosen)) {
        throw PgError.error(
            "42846",
            "%s could not convert type %s to %s"
                .formatted(where, expr.type().label(), chosen.label()));
      }
    }
    return chosen == SqlType.UNKNOWN ? SqlType.TEXT : chosen;
  }

  private static boolean isPreferred(SqlType type) {
    return switch (type) {
      case BOOL, TEXT, FLOAT8, OID, TIMESTAMPTZ, INTERVAL, INET -> true;
      default -> false;
    };
  }
}
