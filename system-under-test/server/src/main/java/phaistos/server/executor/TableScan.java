package phaistos.server.executor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import phaistos.server.catalog.KeyIndexes;
import phaistos.server.catalog.Table;
import phaistos.server.heap.HeapRow;
import phaistos.server.sql.Expression;
import phaistos.server.types.Datum;
import phaistos.server.types.Order;
import phaistos.server.types.SqlType;
import phaistos.server.xact.Snapshot;
import phaistos.server.xact.Transaction;

/** The rows of a table, as a whole or by key. */
record TableScan(Table table, Relation relation, Scan scan) {
  /** Passes rows to a visitor until it returns false. */
  @FunctionalInterface
  interface Scan {
    void run(Frame frame, Predicate<HeapRow> visitor);
  }

  /** All rows of a table. */
  static TableScan of(Table table, Optional<String> alias) {
    List<SqlType> types = table.types();
    return new TableScan(
        table,
        Relation.of(table, alias),
        (frame, visitor) -> {
          Transaction own = frame.session().transaction();
          frame
              .session()
              .tables()
              .heap()
              .scan(table.locator(), types, own.statementSnapshot(), own, visitor);
        });
  }

  Rows.Scan rows() {
    return (frame, visitor) -> scan.run(frame, row -> visitor.test(SystemColumns.of(row)));
  }

  /** The same rows, looked up in an index if the conditions fix all of its columns. */
  TableScan narrowed(List<Expression> conditions, Compiler.Environment environment) {
    if (conditions.isEmpty() || table.indexes().isEmpty()) {
      return this;
    }
    Expr[] fixed = new Expr[table.columns().size()];
    for (Expression condition : conditions) {
      if (condition instanceof Expression.Binary(String operator, Expression a, Expression b)
          && operator.equals("=")) {
        collect(a, b, fixed, environment);
        collect(b, a, fixed, environment);
      }
    }
    return table.indexes().stream()
        .filter(index -> index.columns().stream().allMatch(at -> fixed[at] != null))
        .max(Comparator.comparing(Table.Index::unique))
        .map(
            index ->
                new TableScan(
                    table, relation, (frame, visitor) -> byKey(index, fixed, frame, visitor)))
        .orElse(this);
  }

  private void collect(
      Expression left, Expression right, Expr[] fixed, Compiler.Environment environment) {
    if (!(left instanceof Expression.ColumnRef column) || !isConstant(right)) {
      return;
    }
    OptionalInt at = relation.find(column.qualifier(), column.name());
    if (at.isEmpty()) {
      return;
    }
    SqlType type = table.columns().get(at.getAsInt()).type();
    Expr value = new Compiler(Relation.NONE, environment).compile(right).known(type);
    boolean integers = value.type().isInteger() && type.isInteger();
    boolean texts = isPlainText(value.type()) && isPlainText(type);
    if (value.type() == type || integers || texts) {
      fixed[at.getAsInt()] = value;
    }
  }

  private static boolean isPlainText(SqlType type) {
    return type == SqlType.TEXT || type == SqlType.VARCHAR || type == SqlType.NAME;
  }

  private static boolean isConstant(Expression expression) {
    return switch (expression) {
      case Expression.Number _, Expression.Text _, Expression.Parameter _ -> true;
      case Expression.Cast cast -> isConstant(cast.inner());
      default -> false;
    };
  }

  private void byKey(Table.Index index, Expr[] fixed, Frame frame, Predicate<HeapRow> visitor) {
    List<Datum> values = new ArrayList<>();
    for (int at : index.columns()) {
      Datum value = fixed[at].of(frame);
      if (value.isNull()) {
        return;
      }
      // an integer beyond the column's range equals none of its values: it is looked up as it is
      values.add(Order.key(value, table.columns().get(at).type()));
    }
    KeyIndexes.Key key = new KeyIndexes.Key(values);
    Transaction own = frame.session().transaction();
    Snapshot snapshot = own.statementSnapshot();
    Tables tables = frame.session().tables();
    if (!frame.session().server().state().isRunning()) {
      // Replay does not update the key indexes.
      tables
          .heap()
          .scan(
              table.locator(),
              table.types(),
              snapshot,
              own,
              row ->
                  !KeyIndexes.keyOf(table, index, row.values()).equals(key) || visitor.test(row));
      return;
    }
    for (HeapRow row : tables.indexes().find(table, index, key, snapshot, own)) {
      if (!visitor.test(row)) {
        return;
      }
    }
  }
}
