package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.statement.select.AllColumns;
import net.sf.jsqlparser.statement.select.AllTableColumns;
import net.sf.jsqlparser.statement.select.SelectItem;
import phaistos.server.errors.PgError;
import phaistos.server.executor.Outcome.Column;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** The items of a SELECT or of RETURNING: either expressions over a row, or aggregates. */
record Projection(List<Column> columns, List<Expr> items, List<Aggregate> aggregates) {
  static Projection compile(List<SelectItem<?>> selected, Compiler compiler) {
    List<Column> columns = new ArrayList<>();
    List<Expr> items = new ArrayList<>();
    List<Aggregate> aggregates = new ArrayList<>();
    for (SelectItem<?> item : selected) {
      Optional<String> alias =
          Optional.ofNullable(item.getAlias()).map(a -> Relation.identifier(a.getName()));
      if (item.getExpression() instanceof AllTableColumns
          || item.getExpression() instanceof AllColumns) {
        addAll(compiler.relation(), columns, items);
      } else if (Aggregate.isOne(item.getExpression())) {
        Function function = (Function) item.getExpression();
        Aggregate aggregate = Aggregate.compile(function, compiler);
        aggregates.add(aggregate);
        columns.add(new Column(alias.orElse(Functions.nameOf(function)), aggregate.type()));
      } else {
        Expr expr = compiler.compile(item.getExpression());
        items.add(expr);
        SqlType type = expr.type() == SqlType.UNKNOWN ? SqlType.TEXT : expr.type();
        columns.add(new Column(alias.orElse(Compiler.nameOf(item.getExpression())), type));
      }
    }
    if (!aggregates.isEmpty() && !items.isEmpty()) {
      throw PgError.unsupported("aggregates beside other columns");
    }
    return new Projection(columns, items, aggregates);
  }

  private static void addAll(Relation relation, List<Column> columns, List<Expr> items) {
    for (int i = 0; i < relation.columns().size(); i++) {
      int at = i;
      Column column = relation.columns().get(i);
      columns.add(column);
      items.add(new Expr(column.type(), frame -> frame.row().get(at)));
    }
  }

  boolean isAggregate() {
    return !aggregates.isEmpty();
  }

  List<Datum> row(Frame frame) {
    List<Datum> row = new ArrayList<>(items.size());
    for (Expr item : items) {
      row.add(item.of(frame));
    }
    return row;
  }

  List<Datum> aggregate(List<List<Datum>> rows, Frame frame) {
    List<Datum> row = new ArrayList<>();
    aggregates.forEach(aggregate -> row.add(aggregate.over(rows, frame)));
    return row;
  }
}
