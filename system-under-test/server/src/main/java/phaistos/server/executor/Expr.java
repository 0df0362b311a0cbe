package phaistos.server.executor;

import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** An expression, compiled. A literal in quotes has the type UNKNOWN until something asks more. */
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
