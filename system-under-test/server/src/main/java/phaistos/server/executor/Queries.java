package phaistos.server.executor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.TableStatement;
import net.sf.jsqlparser.statement.select.Values;
import phaistos.server.errors.PgError;
import phaistos.server.heap.HeapRow;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;

/** SELECT, VALUES and TABLE. */
final class Queries {
  private Queries() {}

  static Plan plan(Select select, Parameters parameters, SessionContext session) {
    return switch (select) {
      case PlainSelect plain -> plain(plain, parameters, session);
      case Values values -> values(values, parameters, List.of());
      case TableStatement table -> table(table, parameters, session);
      default -> throw PgError.unsupported(select.getClass().getSimpleName());
    };
  }

  private static Plan table(
      TableStatement statement, Parameters parameters, SessionContext session) {
    Source source = Source.of(statement.getTable(), parameters, session);
    return new Plan(
        parameters,
        source.relation().columns(),
        frame -> {
          List<List<Datum>> rows = new ArrayList<>();
          source
              .scan()
              .run(
                  frame,
                  row -> {
                    rows.add(row.values());
                    return true;
                  });
          return outcome(source.relation().columns(), rows);
        });
  }

  /** Rows of expressions; {@code wanted} are the types of the target columns. */
  static Plan values(Values values, Parameters parameters, List<SqlType> wanted) {
    Compiler compiler = new Compiler(Relation.NONE, parameters);
    List<List<Expr>> rows = new ArrayList<>();
    for (List<Expression> row : rows(values)) {
      List<Expr> compiled = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        Optional<SqlType> type = i < wanted.size() ? Optional.of(wanted.get(i)) : Optional.empty();
        compiled.add(compiler.compile(row.get(i), type));
      }
      rows.add(compiled);
    }
    List<Outcome.Column> columns = new ArrayList<>();
    for (Expr expr : rows.getFirst()) {
      columns.add(new Outcome.Column("column" + (columns.size() + 1), expr.type()));
    }
    return new Plan(
        parameters,
        columns,
        frame ->
            outcome(
                columns,
                rows.stream().map(row -> row.stream().map(e -> e.of(frame)).toList()).toList()));
  }

  static List<List<Expression>> rows(Values values) {
    List<List<Expression>> rows = new ArrayList<>();
    ExpressionList<?> given = values.getExpressions();
    boolean many =
        !(given instanceof ParenthesedExpressionList)
            && given.stream().allMatch(e -> e instanceof ParenthesedExpressionList<?>);
    if (many) {
      for (Expression row : given) {
        rows.add(new ArrayList<>((ParenthesedExpressionList<?>) row));
      }
    } else {
      rows.add(new ArrayList<>(given));
    }
    int width = rows.getFirst().size();
    if (rows.stream().anyMatch(row -> row.size() != width)) {
      throw PgError.error("42601", "VALUES lists must all be the same length");
    }
    return rows;
  }

  private static Outcome outcome(List<Outcome.Column> columns, List<List<Datum>> rows) {
    return new Outcome(columns, rows, "SELECT " + rows.size());
  }

  private record Order(Expr expr, boolean descending, boolean nullsFirst) {}

  private record Output(List<Datum> values, List<Datum> keys) {}

  private static Plan plain(PlainSelect select, Parameters parameters, SessionContext session) {
    requireSimple(select);
    Source from =
        select.getFromItem() == null
            ? Source.nothing()
            : Source.of(select.getFromItem(), parameters, session);
    Optional<Expression> where = Optional.ofNullable(select.getWhere());
    Source source = from.narrowed(where, parameters);
    Compiler compiler = new Compiler(source.relation(), parameters);
    Optional<Expr> condition = where.map(compiler::bool);
    Projection projection = Projection.compile(select.getSelectItems(), compiler);
    List<Order> orders = orders(select, projection, compiler);
    Optional<Expr> limit =
        Optional.ofNullable(select.getLimit())
            .map(l -> compiler.compile(l.getRowCount(), Optional.of(SqlType.INT8)));
    Optional<Expr> offset =
        Optional.ofNullable(select.getOffset())
            .map(o -> compiler.compile(o.getOffset(), Optional.of(SqlType.INT8)));
    boolean locks = select.getForMode() != null;
    if (locks && source.table().isPresent()) {
      Changes.requireWritable(session, "SELECT FOR UPDATE");
    }
    return new Plan(
        parameters,
        projection.columns(),
        frame -> {
          List<List<Datum>> input = new ArrayList<>();
          source
              .scan()
              .run(
                  frame,
                  row -> {
                    if (accepts(condition, frame, row)) {
                      (locks && source.table().isPresent()
                              ? Changes.lock(source.table().get(), row, condition, frame)
                              : Optional.of(row))
                          .ifPresent(locked -> input.add(locked.values()));
                    }
                    return true;
                  });
          if (projection.isAggregate()) {
            return outcome(projection.columns(), List.of(projection.aggregate(input, frame)));
          }
          List<List<Datum>> rows = ordered(input, projection, orders, frame);
          if (select.getDistinct() != null) {
            rows = new ArrayList<>(new LinkedHashSet<>(rows));
          }
          int first = count(offset, frame, 0, rows.size());
          int last = first + count(limit, frame, rows.size() - first, rows.size() - first);
          return outcome(projection.columns(), rows.subList(first, last));
        });
  }

  static boolean accepts(Optional<Expr> condition, Frame frame, HeapRow row) {
    return condition.isEmpty()
        || condition.get().of(frame.withRow(row.values())).equals(Datum.TRUE);
  }

  private static int count(Optional<Expr> expr, Frame frame, int none, int most) {
    if (expr.isEmpty() || !(expr.get().of(frame) instanceof Datum.Int(long number))) {
      return Math.min(none, most);
    }
    if (number < 0) {
      throw PgError.error("2201W", "LIMIT must not be negative");
    }
    return (int) Math.min(number, most);
  }

  private static List<List<Datum>> ordered(
      List<List<Datum>> input, Projection projection, List<Order> orders, Frame frame) {
    List<Output> outputs = new ArrayList<>(input.size());
    for (List<Datum> row : input) {
      Frame here = frame.withRow(row);
      outputs.add(
          new Output(projection.row(here), orders.stream().map(o -> o.expr.of(here)).toList()));
    }
    if (!orders.isEmpty()) {
      outputs.sort(comparator(orders));
    }
    List<List<Datum>> rows = new ArrayList<>(outputs.size());
    outputs.forEach(output -> rows.add(output.values));
    return rows;
  }

  private static Comparator<Output> comparator(List<Order> orders) {
    return (left, right) -> {
      for (int i = 0; i < orders.size(); i++) {
        Order order = orders.get(i);
        Datum a = left.keys.get(i);
        Datum b = right.keys.get(i);
        int sign;
        if (a.isNull() || b.isNull()) {
          sign = a.isNull() == b.isNull() ? 0 : a.isNull() == order.nullsFirst ? -1 : 1;
        } else {
          int natural = phaistos.server.executor.Values.compare(a, b, order.expr.type());
          sign = order.descending ? -natural : natural;
        }
        if (sign != 0) {
          return sign;
        }
      }
      return 0;
    };
  }

  private static List<Order> orders(PlainSelect select, Projection projection, Compiler compiler) {
    List<Order> orders = new ArrayList<>();
    if (select.getOrderByElements() == null || projection.isAggregate()) {
      return orders;
    }
    for (OrderByElement element : select.getOrderByElements()) {
      boolean descending = !element.isAsc();
      boolean nullsFirst =
          element.getNullOrdering() == null
              ? descending
              : element.getNullOrdering() == OrderByElement.NullOrdering.NULLS_FIRST;
      Expression by = element.getExpression();
      Expr expr =
          output(by, projection).map(projection.items()::get).orElseGet(() -> compiler.compile(by));
      orders.add(new Order(expr, descending, nullsFirst));
    }
    return orders;
  }

  /** A number or a name that means an output column. */
  private static Optional<Integer> output(Expression by, Projection projection) {
    if (by instanceof LongValue number) {
      long at = number.getValue();
      if (at < 1 || at > projection.columns().size()) {
        throw PgError.error("42P10", "ORDER BY position %d is not in select list".formatted(at));
      }
      return Optional.of((int) at - 1);
    }
    if (by instanceof Column column && column.getTable() == null) {
      OptionalInt at =
          new Relation("", projection.columns())
              .find(Optional.empty(), Relation.identifier(column.getColumnName()));
      return at.isEmpty() ? Optional.empty() : Optional.of(at.getAsInt());
    }
    return Optional.empty();
  }

  private static void requireSimple(PlainSelect select) {
    if (select.getJoins() != null && !select.getJoins().isEmpty()) {
      throw PgError.unsupported("JOIN");
    }
    if (select.getGroupBy() != null || select.getHaving() != null) {
      throw PgError.unsupported("GROUP BY");
    }
    if (select.getWithItemsList() != null && !select.getWithItemsList().isEmpty()) {
      throw PgError.unsupported("WITH");
    }
    if (select.getIntoTables() != null && !select.getIntoTables().isEmpty()) {
      throw PgError.unsupported("SELECT INTO");
    }
  }
}
