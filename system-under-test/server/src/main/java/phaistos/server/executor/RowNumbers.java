package phaistos.server.executor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.types.Datum;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;

/** row_number() over a window, the one window function that this server has. */
final class RowNumbers {
  private final List<Expr> partition;
  private final List<Queries.Sort> order;
  private Datum current = Datum.NULL;

  private RowNumbers(List<Expr> partition, List<Queries.Sort> order) {
    this.partition = partition;
    this.order = order;
  }

  static RowNumbers compile(Expression.Window window, Compiler compiler) {
    if (!window.call().name().equals("row_number") || !window.call().arguments().isEmpty()) {
      throw PgError.unsupported("window function " + window.call().name());
    }
    return new RowNumbers(
        window.partition().stream().map(by -> compiler.compile(by).known(SqlType.TEXT)).toList(),
        window.order().stream()
            .map(key -> new Queries.Sort(compiler.compile(key.by()).known(SqlType.TEXT), key))
            .toList());
  }

  Datum current() {
    return current;
  }

  private record Row(List<Datum> values, List<Datum> keys) {}

  /** The same rows, each with its number at hand while it is visited. */
  Rows.Scan over(Rows.Scan rows) {
    return (frame, visitor) -> {
      List<Row> all = new ArrayList<>();
      rows.run(frame, row -> all.add(new Row(row, Queries.keys(order, frame.withRow(row)))));
      all.sort((a, b) -> Queries.compare(order, a.keys, b.keys));
      visit(all, frame, visitor);
    };
  }

  private void visit(List<Row> rows, Frame frame, Predicate<List<Datum>> visitor) {
    Map<List<Datum>, Long> counts = new HashMap<>();
    for (Row row : rows) {
      List<Datum> key = new ArrayList<>();
      for (Expr by : partition) {
        key.add(Order.key(by.of(frame.withRow(row.values)), by.type()));
      }
      current = Datum.of(counts.merge(key, 1L, Long::sum));
      if (!visitor.test(row.values)) {
        return;
      }
    }
  }
}
