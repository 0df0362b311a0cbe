package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.Function;
import net.sf.jsqlparser.expression.JdbcParameter;
import net.sf.jsqlparser.expression.LongValue;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.relational.EqualsTo;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.TableFunction;
import phaistos.formats.heap.TupleHeader;
import phaistos.server.catalog.KeyIndexes;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.HeapRow;
import phaistos.server.heap.Tid;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.xact.Snapshot;
import phaistos.server.xact.Transaction;

/**
 * Where rows come from: a table, by key or as a whole; a view; numbers of generate_series; or one
 * row without columns.
 *
 * @param table the table, if it is one
 */
record Source(Relation relation, Optional<Table> table, Scan scan) {
  /** Passes rows to a visitor until it returns false. */
  @FunctionalInterface
  interface Scan {
    void run(Frame frame, Predicate<HeapRow> visitor);
  }

  private static final Tid NOWHERE = new Tid(0, 0);

  static HeapRow virtual(List<Datum> values) {
    return new HeapRow(NOWHERE, NO_HEADER, values);
  }

  private static final TupleHeader NO_HEADER =
      new TupleHeader(phaistos.formats.Xid.INVALID, phaistos.formats.Xid.INVALID, 0, 0, 0, 0, 0, 0);

  /** One row without columns: SELECT without FROM. */
  static Source nothing() {
    return new Source(
        Relation.NONE, Optional.empty(), (_, visitor) -> visitor.test(virtual(List.of())));
  }

  static Source of(FromItem from, Parameters parameters, SessionContext session) {
    Optional<String> alias =
        Optional.ofNullable(from.getAlias()).map(a -> Relation.identifier(a.getName()));
    if (from instanceof net.sf.jsqlparser.schema.Table table) {
      return named(Relation.identifier(table.getName()), alias, session);
    }
    if (from instanceof TableFunction function) {
      return series(function, alias, parameters);
    }
    throw PgError.unsupported("FROM " + from);
  }

  private static Source named(String name, Optional<String> alias, SessionContext session) {
    Optional<Views.View> view = Views.named(name);
    if (view.isPresent()) {
      Relation relation = new Relation(alias.orElse(name), view.get().columns());
      return new Source(
          relation,
          Optional.empty(),
          (frame, visitor) -> {
            for (List<Datum> row : view.get().rows().of(frame.session())) {
              if (!visitor.test(virtual(row))) {
                return;
              }
            }
          });
    }
    return whole(session.tables().catalog().named(name, session.transaction()), alias);
  }

  /** All rows of a table. */
  static Source whole(Table table, Optional<String> alias) {
    return new Source(
        Relation.of(table, alias),
        Optional.of(table),
        (frame, visitor) -> {
          Transaction own = frame.session().transaction();
          frame
              .session()
              .tables()
              .heap()
              .scan(table.locator(), table.types(), own.statementSnapshot(), own, visitor);
        });
  }

  /** The same rows, looked up by key if the condition fixes the whole primary key. */
  Source narrowed(Optional<Expression> where, Parameters parameters) {
    if (where.isEmpty() || table.isEmpty() || table.get().keys().isEmpty()) {
      return this;
    }
    Table ofTable = table.get();
    Expr[] keys = new Expr[ofTable.keys().size()];
    collect(where.get(), ofTable, keys, parameters);
    for (Expr key : keys) {
      if (key == null) {
        return this;
      }
    }
    return new Source(relation, table, (frame, visitor) -> byKey(ofTable, keys, frame, visitor));
  }

  private static void byKey(Table table, Expr[] keys, Frame frame, Predicate<HeapRow> visitor) {
    List<Datum> values = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      Datum value = keys[i].of(frame);
      if (value.isNull()) {
        return;
      }
      values.add(
          Values.cast(value, keys[i].type(), table.columns().get(table.keys().get(i)).type()));
    }
    Transaction own = frame.session().transaction();
    Snapshot snapshot = own.statementSnapshot();
    Tables tables = frame.session().tables();
    if (frame.session().server().state().isInRecovery()) {
      // Replay does not update the key indexes.
      tables
          .heap()
          .scan(
              table.locator(),
              table.types(),
              snapshot,
              own,
              row ->
                  !KeyIndexes.keyOf(table, row.values()).values().equals(values)
                      || visitor.test(row));
      return;
    }
    for (HeapRow row : tables.indexes().find(table, new KeyIndexes.Key(values), snapshot, own)) {
      if (!visitor.test(row)) {
        return;
      }
    }
  }

  private void collect(Expression where, Table ofTable, Expr[] keys, Parameters parameters) {
    switch (where) {
      case AndExpression and -> {
        collect(and.getLeftExpression(), ofTable, keys, parameters);
        collect(and.getRightExpression(), ofTable, keys, parameters);
      }
      case ParenthesedExpressionList<?> list when list.size() == 1 ->
          collect(list.getFirst(), ofTable, keys, parameters);
      case EqualsTo equals -> {
        if (equals.getLeftExpression() instanceof Column column
            && isConstant(equals.getRightExpression())) {
          OptionalInt at = ofTable.indexOf(Relation.identifier(column.getColumnName()));
          int key = at.isEmpty() ? -1 : ofTable.keys().indexOf(at.getAsInt());
          if (key >= 0) {
            SqlType type = ofTable.columns().get(at.getAsInt()).type();
            Expr value =
                new Compiler(Relation.NONE, parameters)
                    .compile(equals.getRightExpression(), Optional.of(type));
            if (value.type() == type
                || value.type().isInteger() && type.isInteger()
                || value.type().isText() && type.isText()) {
              keys[key] = value;
            }
          }
        }
      }
      default -> {
        // no help
      }
    }
  }

  private static boolean isConstant(Expression expression) {
    return expression instanceof LongValue
        || expression instanceof StringValue
        || expression instanceof JdbcParameter;
  }

  private static Source series(TableFunction item, Optional<String> alias, Parameters parameters) {
    Function function = item.getFunction();
    if (!Functions.nameOf(function).equals("generate_series")
        || function.getParameters() == null
        || function.getParameters().size() < 2) {
      throw PgError.unsupported("table function " + function);
    }
    Compiler compiler = new Compiler(Relation.NONE, parameters);
    List<Expr> bounds = new ArrayList<>();
    for (Expression bound : function.getParameters()) {
      bounds.add(compiler.compile(bound, Optional.of(SqlType.INT4)));
    }
    SqlType type = Values.wider(bounds.get(0).type(), bounds.get(1).type());
    String name = alias.orElse("generate_series");
    Relation relation = new Relation(name, List.of(new Outcome.Column(name, type)));
    return new Source(
        relation,
        Optional.empty(),
        (frame, visitor) -> {
          long from = number(bounds.get(0), frame);
          long to = number(bounds.get(1), frame);
          long step = bounds.size() > 2 ? number(bounds.get(2), frame) : 1;
          if (step == 0) {
            throw PgError.error("22023", "step size cannot equal zero");
          }
          for (long i = from; step > 0 ? i <= to : i >= to; i += step) {
            if (!visitor.test(virtual(List.of(Datum.of(i))))) {
              return;
            }
          }
        });
  }

  private static long number(Expr expr, Frame frame) {
    return ((Datum.Int) Values.cast(expr.of(frame), expr.type(), SqlType.INT8)).value();
  }
}
