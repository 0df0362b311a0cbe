package phaistos.server.executor;

import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/**
 * An expression, compiled. A quoted literal has the type UNKNOWN until its context gives it
 * another.
 */
record Expr(SqlType type, Eval eval) {
  @FunctionalInterface
  interface Eval {
    Datum of(Frame frame);
  }

  static Expr constant(SqlType type, Datum value) {
    return new Expr(type, _ -> value);
  }

  Datum of(Frame frame) {
    return eval.of(frame);
  }
}
