package phaistos.server.executor;

import java.util.Optional;
import java.util.function.Function;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;

/**
 * An expression, compiled. A quoted literal or a parameter without a type is UNKNOWN until its
 * context gives it one.
 *
 * @param limit of the type, as {@link phaistos.server.catalog.Table.Column} has it
 * @param typed what makes an UNKNOWN expression one of another type
 */
record Expr(SqlType type, int limit, Eval eval, Optional<Function<SqlType, Expr>> typed) {
  @FunctionalInterface
  interface Eval {
    Datum of(Frame frame);
  }

  Expr(SqlType type, Eval eval) {
    this(type, 0, eval, Optional.empty());
  }

  Expr(SqlType type, int limit, Eval eval) {
    this(type, limit, eval, Optional.empty());
  }

  static Expr constant(SqlType type, Datum value) {
    return new Expr(type, _ -> value);
  }

  /** A quoted literal. */
  static Expr literal(String text) {
    return new Expr(
        SqlType.UNKNOWN,
        0,
        _ -> Datum.of(text),
        Optional.of(type -> constant(type, TypeText.parse(text, type))));
  }

  static Expr nothing() {
    return new Expr(
        SqlType.UNKNOWN, 0, _ -> Datum.NULL, Optional.of(type -> constant(type, Datum.NULL)));
  }

  Datum of(Frame frame) {
    return eval.of(frame);
  }

  boolean isUnknown() {
    return type == SqlType.UNKNOWN;
  }

  /** The same of type {@code to}, if this is UNKNOWN; otherwise this. */
  Expr known(SqlType to) {
    return isUnknown() && typed.isPresent() ? typed.get().apply(to) : this;
  }

  /** The same converted to a type that it can be converted to without a cast. */
  Expr as(SqlType to) {
    Expr known = known(to);
    SqlType from = known.type;
    return from == to ? known : new Expr(to, frame -> Casts.cast(known.of(frame), from, to));
  }
}
