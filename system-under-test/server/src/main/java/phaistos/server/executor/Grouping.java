package phaistos.server.executor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Expression;
import phaistos.server.types.Datum;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;

/**
 * Compiles over groups of rows. A row is then the values of GROUP BY's expressions, followed by
 * those of the aggregates, which are found while the select list is compiled.
 */
final class Grouping extends Compiler {
  private final Compiler input;
  private final List<Expression> keys;
  private final List<Expr> keyExprs = new ArrayList<>();
  private final List<Expression.Call> calls = new ArrayList<>();
  private final List<Aggregate> aggregates = new ArrayList<>();

  /**
   * @param input compiles over the single rows
   * @param keys GROUP BY's expressions
   */
  Grouping(Compiler input, List<Expression> keys) {
    super(input.relation(), input.environment());
    this.input = input;
    this.keys = withDependent(input.relation(), keys);
    this.keys.forEach(key -> keyExprs.add(input.compile(key).known(SqlType.TEXT)));
  }

  /**
   * GROUP BY a table's primary key groups by all its columns (check_functional_grouping): the
   * others have one value in each group.
   */
  private static List<Expression> withDependent(Relation relation, List<Expression> keys) {
    Set<Integer> columns = new TreeSet<>();
    for (Expression key : keys) {
      if (key instanceof Expression.ColumnRef column) {
        relation.find(column.qualifier(), column.name()).ifPresent(at -> columns.add(at));
      }
    }
    Map<String, Integer> covered = new TreeMap<>();
    columns.stream()
        .map(relation.fields()::get)
        .filter(field -> field.column().origin().keyColumns() > 0)
        .forEach(field -> covered.merge(field.qualifier(), 1, Integer::sum));
    List<Expression> all = new ArrayList<>(keys);
    for (Relation.Field field : relation.fields()) {
      int keyColumns = field.column().origin().keyColumns();
      if (keyColumns > 0 && covered.getOrDefault(field.qualifier(), 0) == keyColumns) {
        relation.fields().stream()
            .filter(other -> other.qualifier().equals(field.qualifier()))
            .map(
                other ->
                    new Expression.ColumnRef(Optional.of(other.qualifier()), other.column().name()))
            .filter(other -> !all.contains(other))
            .forEach(all::add);
      }
    }
    return all;
  }

  @Override
  Expr compile(Expression expression) {
    int key = keyOf(expression);
    if (key >= 0) {
      Expr expr = keyExprs.get(key);
      return new Expr(expr.type(), expr.limit(), frame -> frame.row().get(key));
    }
    return super.compile(expression);
  }

  private int keyOf(Expression expression) {
    int at = keys.indexOf(expression);
    if (at >= 0 || !(expression instanceof Expression.ColumnRef column)) {
      return at;
    }
    // a column is the same with and without its table's name
    for (int i = 0; i < keys.size(); i++) {
      if (keys.get(i) instanceof Expression.ColumnRef key
          && relation().find(key.qualifier(), key.name()).isPresent()
          && relation()
              .find(key.qualifier(), key.name())
              .equals(relation().find(column.qualifier(), column.name()))) {
        return i;
      }
    }
    return -1;
  }

  @Override
  Expr call(Expression.Call call) {
    if (!Aggregate.isOne(call)) {
      return super.call(call);
    }
    int at = calls.indexOf(call);
    if (at < 0) {
      at = calls.size();
      calls.add(call);
      aggregates.add(Aggregate.compile(call, input));
    }
    int slot = keys.size() + at;
    return new Expr(aggregates.get(at).type(), frame -> frame.row().get(slot));
  }

  @Override
  Optional<Expr> find(Expression.ColumnRef column) {
    if (relation().find(column.qualifier(), column.name()).isPresent()) {
      int key = keyOf(column);
      if (key >= 0) {
        Expr expr = keyExprs.get(key);
        return Optional.of(new Expr(expr.type(), expr.limit(), frame -> frame.row().get(key)));
      }
      String shown = column.qualifier().map(q -> q + ".").orElseGet(() -> qualifier(column));
      throw PgError.error(
          "42803",
          "column \"%s%s\" must appear in the GROUP BY clause or be used in an aggregate function"
              .formatted(shown, column.name()));
    }
    return super.find(column);
  }

  @Override
  Expr starSlot(int at) {
    Relation.Field field = relation().fields().get(at);
    return find(new Expression.ColumnRef(
            Optional.of(field.qualifier()).filter(q -> !q.isEmpty()), field.column().name()))
        .orElseThrow();
  }

  private String qualifier(Expression.ColumnRef column) {
    String of =
        relation()
            .fields()
            .get(relation().find(column.qualifier(), column.name()).orElseThrow())
            .qualifier();
    return of.isEmpty() ? of : of + ".";
  }

  private final class Groups {
    private final Map<List<Datum>, Entry> byKey = new LinkedHashMap<>();

    private record Entry(List<Datum> values, List<Aggregate.Group> groups) {}

    void add(Frame frame) {
      List<Datum> values = new ArrayList<>(keyExprs.size());
      List<Datum> same = new ArrayList<>(keyExprs.size());
      for (Expr key : keyExprs) {
        Datum value = key.of(frame);
        values.add(value);
        same.add(Order.key(value, key.type()));
      }
      byKey
          .computeIfAbsent(same, _ -> new Entry(values, groups()))
          .groups
          .forEach(group -> group.add(frame));
    }

    private List<Aggregate.Group> groups() {
      return aggregates.stream().map(Aggregate::group).toList();
    }

    void pass(Predicate<List<Datum>> visitor) {
      if (keys.isEmpty() && byKey.isEmpty()) {
        byKey.put(List.of(), new Entry(List.of(), groups()));
      }
      for (Entry entry : byKey.values()) {
        List<Datum> row = new ArrayList<>(entry.values);
        entry.groups.forEach(group -> row.add(group.result()));
        if (!visitor.test(row)) {
          return;
        }
      }
    }
  }

  /** The groups of these rows; call it once everything is compiled. */
  Rows.Scan over(Rows.Scan rows) {
    return (frame, visitor) -> {
      Groups groups = new Groups();
      rows.run(
          frame,
          row -> {
            groups.add(frame.withRow(row));
            return true;
          });
      groups.pass(visitor);
    };
  }
}
