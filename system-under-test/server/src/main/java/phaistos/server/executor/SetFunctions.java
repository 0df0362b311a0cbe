package phaistos.server.executor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.types.Datum;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;

/** Functions that return a set: generate_series, unnest and what the catalogs' readers use. */
record SetFunctions(String name, SqlType type, Function<Frame, Iterator<Datum>> values) {
  /** A call in a select list, with the value that the current output row has of it. */
  record Current(SetFunctions function, Datum[] holder) {}

  Iterator<Datum> of(Frame frame) {
    return values.apply(frame);
  }

  static boolean isOne(Expression.Call call) {
    return switch (call.name()) {
      case "generate_series", "unnest", "_pg_expandarray", "generate_subscripts" -> true;
      default -> false;
    };
  }

  /** Nothing if the function returns no set. */
  static Optional<SetFunctions> compile(Expression.Call call, Compiler compiler) {
    return switch (call.name()) {
      case "generate_series" -> Optional.of(series(call, compiler));
      case "unnest" -> Optional.of(unnest(call, compiler));
      case "_pg_expandarray" -> Optional.of(expanded(call, compiler));
      case "generate_subscripts" -> throw PgError.unsupported("function generate_subscripts");
      default -> Optional.empty();
    };
  }

  private static List<Expr> arguments(Expression.Call call, Compiler compiler) {
    List<Expr> arguments = new ArrayList<>();
    call.arguments().forEach(argument -> arguments.add(compiler.compile(argument)));
    return arguments;
  }

  private static SetFunctions series(Expression.Call call, Compiler compiler) {
    List<Expr> given = arguments(call, compiler);
    if (given.size() < 2 || given.size() > 3) {
      throw Functions.missing("generate_series", given);
    }
    SqlType first = given.get(0).isUnknown() ? given.get(1).type() : given.get(0).type();
    if (first.isTime()) {
      return times(given);
    }
    SqlType type = SqlType.INT4;
    for (Expr bound : given) {
      if (!bound.isUnknown() && !bound.type().isInteger() && bound.type() != SqlType.NUMERIC) {
        throw Functions.missing("generate_series", given);
      }
      type = bound.isUnknown() ? type : Arithmetic.wider(type, bound.type());
    }
    SqlType common = type;
    List<Expr> bounds = given.stream().map(bound -> bound.as(common)).toList();
    return new SetFunctions(
        "generate_series",
        common,
        frame -> {
          List<Datum> values = bounds.stream().map(bound -> bound.of(frame)).toList();
          if (values.stream().anyMatch(Datum::isNull)) {
            return Collections.emptyIterator();
          }
          return new Series(
              values.get(0),
              values.get(1),
              values.size() > 2 ? values.get(2) : Datum.of(1),
              common);
        });
  }

  /** From a first to a last number, both included. */
  private static final class Series implements Iterator<Datum> {
    private final Datum last;
    private final Datum step;
    private final SqlType type;
    private final int direction;
    private Optional<Datum> next;

    Series(Datum first, Datum last, Datum step, SqlType type) {
      this.last = last;
      this.step = step;
      this.type = type;
      this.direction = Order.compare(step, Datum.of(0), type);
      this.next = Optional.of(first);
      if (direction == 0) {
        throw PgError.error("22023", "step size cannot equal zero");
      }
    }

    @Override
    public boolean hasNext() {
      return next.isPresent()
          && Integer.signum(Order.compare(next.get(), last, type)) != Integer.signum(direction);
    }

    @Override
    public Datum next() {
      Datum value = next.orElseThrow();
      // the last number of a type has none after it
      boolean end =
          value instanceof Datum.Int(long a)
              && step instanceof Datum.Int(long b)
              && (type == SqlType.INT8 ? overflows(a, b) : a + b != (int) (a + b));
      next = end ? Optional.empty() : Optional.of(Arithmetic.compute('+', value, step, type));
      return value;
    }

    private static boolean overflows(long a, long b) {
      long sum = a + b;
      return ((a ^ sum) & (b ^ sum)) < 0;
    }
  }

  private static SetFunctions times(List<Expr> given) {
    if (given.size() != 3) {
      throw Functions.missing("generate_series", given);
    }
    SqlType type =
        given.get(0).type() == SqlType.TIMESTAMP ? SqlType.TIMESTAMP : SqlType.TIMESTAMPTZ;
    Datum[] current = new Datum[1];
    Expr first = given.get(0).as(type);
    Expr last = given.get(1).as(type);
    Expr step = given.get(2).as(SqlType.INTERVAL);
    Expr moved = Operators.binary("+", new Expr(type, _ -> current[0]), step);
    return new SetFunctions(
        "generate_series",
        type,
        frame -> {
          List<Datum> values = new ArrayList<>();
          current[0] = first.of(frame);
          Datum end = last.of(frame);
          if (current[0].isNull() || end.isNull() || step.of(frame).isNull()) {
            return values.iterator();
          }
          int direction = Order.compare(moved.of(frame), current[0], type);
          if (direction == 0) {
            throw PgError.error("22023", "step size cannot equal zero");
          }
          while (Integer.signum(Order.compare(current[0], end, type)) != direction) {
            values.add(current[0]);
            current[0] = moved.of(frame);
          }
          return values.iterator();
        });
  }

  private static SetFunctions unnest(Expression.Call call, Compiler compiler) {
    List<Expr> arguments = arguments(call, compiler);
    SqlType element =
        arguments.size() == 1
            ? arguments.getFirst().type().element().orElse(SqlType.VOID)
            : SqlType.VOID;
    if (element == SqlType.VOID) {
      throw Functions.missing("unnest", arguments);
    }
    return new SetFunctions("unnest", element, frame -> list(arguments, frame).iterator());
  }

  private static List<Datum> list(List<Expr> arguments, Frame frame) {
    return arguments.getFirst().of(frame) instanceof Datum.Array(List<Datum> values)
        ? values
        : List.of();
  }

  /** information_schema._pg_expandarray: rows of an element and its place from 1. */
  private static SetFunctions expanded(Expression.Call call, Compiler compiler) {
    List<Expr> arguments = arguments(call, compiler);
    return new SetFunctions(
        "_pg_expandarray",
        SqlType.RECORD,
        frame -> {
          List<Datum> rows = new ArrayList<>();
          for (Datum value : list(arguments, frame)) {
            rows.add(new Datum.Array(List.of(value, Datum.of(rows.size() + 1))));
          }
          return rows.iterator();
        });
  }
}
