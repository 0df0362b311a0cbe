package phaistos.server.executor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;

/** One SELECT: FROM, WHERE, GROUP BY, HAVING, the select list, DISTINCT and ORDER BY. */
final class SelectPlan {
  private final Query.Select select;
  private final Compiler input;
  private final Rows.Scan source;
  private final boolean grouped;

  private SelectPlan(Query.Select select, Compiler.Environment environment) {
    this.select = select;
    Source from = FromItems.compile(select.from(), select.where(), environment);
    this.input = new Compiler(from.relation(), environment);
    if (select.where().filter(Calls::hasAggregate).isPresent()) {
      throw PgError.error("42803", "aggregate functions are not allowed in WHERE");
    }
    Optional<Expr> where = select.where().map(condition -> input.bool(condition, "WHERE"));
    this.source = where.isEmpty() ? from.scan() : filtered(from.scan(), where.get());
    this.grouped =
        !select.groupBy().isEmpty()
            || select.having().isPresent()
            || select.items().stream().anyMatch(item -> Calls.hasAggregate(item.expression()));
  }

  static Rows compile(
      Query.Select select, List<Expression.SortKey> order, Compiler.Environment environment) {
    return new SelectPlan(select, environment).rows(order);
  }

  static Rows.Scan filtered(Rows.Scan scan, Expr condition) {
    return (frame, visitor) ->
        scan.run(
            frame,
            row -> !condition.of(frame.withRow(row)).equals(Datum.TRUE) || visitor.test(row));
  }

  private Rows rows(List<Expression.SortKey> order) {
    Compiler compiler =
        grouped || order.stream().anyMatch(key -> Calls.hasAggregate(key.by()))
            ? new Grouping(input, groupKeys())
            : input;
    List<SetFunctions.Current> sets = new ArrayList<>();
    compiler.expandInto(Optional.of(sets));
    Projection projection = Projection.compile(select.items(), compiler);
    List<Queries.Sort> sorts = sorts(order, projection, compiler);
    compiler.expandInto(Optional.empty());
    Optional<Expr> having = select.having().map(condition -> compiler.bool(condition, "HAVING"));
    Rows.Scan groups = compiler instanceof Grouping grouping ? grouping.over(source) : source;
    Rows.Scan kept = having.map(condition -> filtered(groups, condition)).orElse(groups);
    for (RowNumbers numbers : compiler.windows()) {
      if (compiler.windows().size() > 1) {
        throw PgError.unsupported("more than one window function");
      }
      kept = numbers.over(kept);
    }
    return new Rows(
        projection.columns(), new Output(kept, sets, projection, sorts, select.distinct())::run);
  }

  /** GROUP BY's expressions; a number or an output column's name means that column. */
  private List<Expression> groupKeys() {
    List<Expression> keys = new ArrayList<>();
    for (Expression key : select.groupBy()) {
      Expression resolved = key;
      if (key instanceof Expression.Number(String digits)) {
        int at = position(digits, select.items().size(), "GROUP BY");
        resolved = select.items().get(at).expression();
      } else if (key instanceof Expression.ColumnRef(Optional<String> qualifier, String name)
          && qualifier.isEmpty()
          && input.relation().find(qualifier, name).isEmpty()) {
        for (Query.Item item : select.items()) {
          if (item.alias().filter(name::equals).isPresent()) {
            resolved = item.expression();
          }
        }
      }
      if (Calls.hasAggregate(resolved)) {
        throw PgError.error("42803", "aggregate functions are not allowed in GROUP BY");
      }
      keys.add(resolved);
    }
    return keys;
  }

  private static int position(String digits, int columns, String clause) {
    int at = digits.length() > 9 || digits.contains(".") ? 0 : Integer.parseInt(digits);
    if (at < 1 || at > columns) {
      throw PgError.error(
          "42P10", "%s position %s is not in select list".formatted(clause, digits));
    }
    return at - 1;
  }

  /** A number or a name that means an output column. */
  static Optional<Integer> output(
      Expression by, List<Outcome.Column> columns, List<Expression> items) {
    if (by instanceof Expression.Number(String digits)) {
      return Optional.of(position(digits, columns.size(), "ORDER BY"));
    }
    if (by instanceof Expression.ColumnRef(Optional<String> qualifier, String name)
        && qualifier.isEmpty()) {
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        if (columns.get(i).name().equals(name)) {
          places.add(i);
        }
      }
      return places.isEmpty() ? Optional.empty() : Optional.of(only(places, name, items));
    }
    return Optional.empty();
  }

  /** The place of a name; two columns may have it if they are the same expression. */
  private static int only(List<Integer> places, String name, List<Expression> items) {
    boolean same =
        items.size() > places.getLast() && places.stream().map(items::get).distinct().count() == 1;
    if (places.size() > 1 && !same) {
      throw PgError.error("42702", "ORDER BY \"%s\" is ambiguous".formatted(name));
    }
    return places.getFirst();
  }

  private List<Queries.Sort> sorts(
      List<Expression.SortKey> order, Projection projection, Compiler compiler) {
    List<Queries.Sort> sorts = new ArrayList<>();
    for (Expression.SortKey key : order) {
      Optional<Integer> at =
          output(
              key.by(),
              projection.columns(),
              select.items().stream().map(Query.Item::expression).toList());
      if (at.isEmpty() && select.distinct() && !isSelected(key.by())) {
        throw PgError.error(
            "42P10", "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
      }
      Expr expr = at.map(projection.items()::get).orElseGet(() -> compiler.compile(key.by()));
      sorts.add(new Queries.Sort(expr.known(SqlType.TEXT), key));
    }
    return sorts;
  }

  private boolean isSelected(Expression by) {
    return select.items().stream().anyMatch(item -> item.expression().equals(by));
  }

  /** What comes behind the rows of FROM and GROUP BY. */
  private record Output(
      Rows.Scan rows,
      List<SetFunctions.Current> sets,
      Projection projection,
      List<Queries.Sort> sorts,
      boolean distinct) {
    private record Made(List<Datum> row, List<Datum> keys) {}

    void run(Frame frame, Predicate<List<Datum>> visitor) {
      if (sorts.isEmpty() && !distinct) {
        rows.run(frame, row -> expand(frame.withRow(row), visitor));
        return;
      }
      List<Made> all = new ArrayList<>();
      rows.run(
          frame,
          row -> {
            Frame here = frame.withRow(row);
            return expand(here, made -> all.add(new Made(made, Queries.keys(sorts, here))));
          });
      if (!sorts.isEmpty()) {
        all.sort((a, b) -> Queries.compare(sorts, a.keys, b.keys));
      }
      List<SqlType> types = projection.columns().stream().map(Outcome.Column::type).toList();
      Set<List<Datum>> seen = new HashSet<>();
      for (Made made : all) {
        boolean first = !distinct || seen.add(Order.keys(made.row, types));
        if (first && !visitor.test(made.row)) {
          return;
        }
      }
    }

    /** The output rows of one row: one, or as many as the longest set of the select list. */
    private boolean expand(Frame frame, Predicate<List<Datum>> visitor) {
      if (sets.isEmpty()) {
        return visitor.test(projection.row(frame));
      }
      List<Iterator<Datum>> values = new ArrayList<>();
      sets.forEach(set -> values.add(set.function().of(frame)));
      while (values.stream().anyMatch(Iterator::hasNext)) {
        for (int i = 0; i < sets.size(); i++) {
          Iterator<Datum> value = values.get(i);
          sets.get(i).holder()[0] = value.hasNext() ? value.next() : Datum.NULL;
        }
        frame.session().transaction().proc().checkInterrupts();
        if (!visitor.test(projection.row(frame))) {
          return false;
        }
      }
      return true;
    }
  }
}
