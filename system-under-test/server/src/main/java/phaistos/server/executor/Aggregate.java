package phaistos.server.executor;

import java.util.List;
import java.util.Optional;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.statement.select.AllColumns;
import phaistos.server.errors.PgError;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** count, sum, min, max and avg over all rows of a relation. */
final class Aggregate {
  private final String name;
  private final Optional<Expr> argument;
  private final SqlType type;

  private Aggregate(String name, Optional<Expr> argument, SqlType type) {
    this.name = name;
    this.argument = argument;
    this.type = type;
  }

  static boolean isOne(Expression expression) {
    return expression instanceof Function function
        && List.of("count", "sum", "min", "max", "avg").contains(Functions.nameOf(function));
  }

  static Aggregate compile(Function function, Compiler compiler) {
    String name = Functions.nameOf(function);
    if (function.isDistinct()) {
      throw PgError.unsupported(name + "(DISTINCT ...)");
    }
    boolean all =
        function.getParameters() == null
            || function.getParameters().isEmpty()
            || function.getParameters().getFirst() instanceof AllColumns;
    if (all) {
      if (!name.equals("count")) {
        throw PgError.error("42883", "function %s() does not exist".formatted(name));
      }
      return new Aggregate(name, Optional.empty(), SqlType.INT8);
    }
    Expr argument = compiler.compile(function.getParameters().getFirst());
    SqlType type =
        switch (name) {
          case "count" -> SqlType.INT8;
          case "sum" ->
              switch (argument.type()) {
                case INT2, INT4 -> SqlType.INT8;
                case FLOAT8 -> SqlType.FLOAT8;
                default -> SqlType.NUMERIC;
              };
          case "avg" -> argument.type() == SqlType.FLOAT8 ? SqlType.FLOAT8 : SqlType.NUMERIC;
          default -> argument.type();
        };
    return new Aggregate(name, Optional.of(argument), type);
  }

  SqlType type() {
    return type;
  }

  Datum over(List<List<Datum>> rows, Frame frame) {
    long count = 0;
    Datum result = Datum.NULL;
    for (List<Datum> row : rows) {
      Datum value = argument.map(a -> a.of(frame.withRow(row))).orElse(Datum.TRUE);
      if (value.isNull()) {
        continue;
      }
      count++;
      result = result.isNull() ? first(value) : combine(result, value);
    }
    return switch (name) {
      case "count" -> Datum.of(count);
      case "avg" -> count == 0 ? result : Values.compute('/', result, Datum.of(count), type);
      default -> result;
    };
  }

  private Datum first(Datum value) {
    return name.equals("sum") || name.equals("avg")
        ? Values.cast(value, argument.orElseThrow().type(), type)
        : value;
  }

  private Datum combine(Datum result, Datum value) {
    return switch (name) {
      case "sum", "avg" -> Values.compute('+', result, value, type);
      case "min" -> Values.compare(value, result, type) < 0 ? value : result;
      case "max" -> Values.compare(value, result, type) > 0 ? value : result;
      default -> result;
    };
  }
}
