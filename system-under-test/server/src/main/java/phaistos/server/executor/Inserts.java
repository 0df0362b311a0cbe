package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.Values;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Tid;
import phaistos.server.sql.SqlParser;
import phaistos.server.sql.Statement;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.xact.Transaction;

/** INSERT. */
final class Inserts {
  private Inserts() {}

  static Plan insert(
      Insert insert, Parameters parameters, SessionContext session, SqlParser parser) {
    if (insert.getConflictAction() != null) {
      throw PgError.unsupported("ON CONFLICT");
    }
    Table table = Changes.table(insert.getTable(), "INSERT", session);
    List<Integer> all = targets(insert.getColumns(), table);
    // without a list of columns the last ones may be left out
    List<Integer> targets =
        insert.getColumns() == null
            ? all.subList(0, Math.min(all.size(), width(insert, all.size(), parameters, session)))
            : all;
    List<SqlType> types = targets.stream().map(t -> table.columns().get(t).type()).toList();
    List<Expr> defaults = defaults(table, parser);
    Optional<Projection> returning =
        Changes.returning(insert.getReturningClause(), table, parameters);
    Rows rows = rows(insert, parameters, session, targets, types);
    return new Plan(
        parameters,
        Changes.columns(returning),
        frame -> {
          List<List<Datum>> output = new ArrayList<>();
          long[] count = new long[1];
          rows.run(
              frame,
              (values, given) -> {
                List<Datum> row = row(table, targets, values, given, defaults, frame);
                Transaction own = session.transaction();
                Tables tables = session.tables();
                Tid tid = tables.heap().insert(table.locator(), table.types(), row, own);
                tables.indexes().insert(table, row, tid, own);
                returning.ifPresent(items -> output.add(items.row(frame.withRow(row))));
                count[0]++;
              });
          session.transaction().nextCommand();
          return new Outcome(Changes.columns(returning), output, "INSERT 0 " + count[0]);
        });
  }

  private static int width(
      Insert insert, int columns, Parameters parameters, SessionContext session) {
    if (insert.getSelect() == null) {
      return columns;
    }
    return insert.getSelect() instanceof Values values
        ? Queries.rows(values).getFirst().size()
        : Queries.plan(insert.getSelect(), parameters, session).columns().size();
  }

  /** Hands out rows; a value that is not given (DEFAULT) is empty. */
  private interface Rows {
    void run(Frame frame, RowSink sink);
  }

  private interface RowSink {
    void row(List<Optional<Datum>> values, List<SqlType> types);
  }

  private static Rows rows(
      Insert insert,
      Parameters parameters,
      SessionContext session,
      List<Integer> targets,
      List<SqlType> types) {
    if (insert.getSelect() == null) {
      return (_, sink) -> sink.row(List.of(), List.of());
    }
    if (insert.getSelect() instanceof Values values) {
      return valueRows(values, parameters, targets, types);
    }
    Plan plan = Queries.plan(insert.getSelect(), parameters, session);
    requireWidth(plan.columns().size(), targets.size());
    List<SqlType> given = plan.columns().stream().map(Outcome.Column::type).toList();
    return (frame, sink) -> {
      for (List<Datum> row : plan.run().of(frame).rows()) {
        sink.row(row.stream().map(Optional::of).toList(), given);
      }
    };
  }

  private static Rows valueRows(
      Values values, Parameters parameters, List<Integer> targets, List<SqlType> types) {
    Compiler compiler = new Compiler(Relation.NONE, parameters);
    List<List<Optional<Expr>>> compiled = new ArrayList<>();
    for (List<Expression> row : Queries.rows(values)) {
      requireWidth(row.size(), targets.size());
      List<Optional<Expr>> exprs = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        exprs.add(
            isDefault(row.get(i))
                ? Optional.empty()
                : Optional.of(compiler.compile(row.get(i), Optional.of(types.get(i)))));
      }
      compiled.add(exprs);
    }
    return (frame, sink) -> {
      for (List<Optional<Expr>> row : compiled) {
        List<Optional<Datum>> data = new ArrayList<>();
        List<SqlType> given = new ArrayList<>();
        for (Optional<Expr> expr : row) {
          data.add(expr.map(e -> e.of(frame)));
          given.add(expr.map(Expr::type).orElse(SqlType.UNKNOWN));
        }
        sink.row(data, given);
      }
    };
  }

  private static boolean isDefault(Expression expression) {
    return expression instanceof Column column
        && column.getTable() == null
        && column.getColumnName().equalsIgnoreCase("default");
  }

  private static void requireWidth(int given, int targets) {
    if (given > targets) {
      throw PgError.error("42601", "INSERT has more expressions than target columns");
    }
    if (given < targets) {
      throw PgError.error("42601", "INSERT has more target columns than expressions");
    }
  }

  private static List<Integer> targets(ExpressionList<Column> columns, Table table) {
    List<Integer> targets = new ArrayList<>();
    if (columns == null) {
      for (int i = 0; i < table.columns().size(); i++) {
        targets.add(i);
      }
      return targets;
    }
    for (Column column : columns) {
      targets.add(Changes.indexOf(column, table));
    }
    return targets;
  }

  private static List<Expr> defaults(Table table, SqlParser parser) {
    List<Expr> defaults = new ArrayList<>();
    Compiler compiler = new Compiler(Relation.NONE, new Parameters(0, List.of()));
    for (int i = 0; i < table.columns().size(); i++) {
      Table.Column column = table.columns().get(i);
      int at = i;
      if (column.serial()) {
        defaults.add(
            new Expr(
                column.type(),
                frame -> Datum.of(frame.session().tables().sequences().next(table, at))));
      } else if (column.defaultSql().isPresent()) {
        Expression parsed = expression(parser, column.defaultSql().get());
        defaults.add(compiler.compile(parsed, Optional.of(column.type())));
      } else {
        defaults.add(Expr.constant(column.type(), Datum.NULL));
      }
    }
    return defaults;
  }

  private static Expression expression(SqlParser parser, String sql) {
    if (parser.parse("select " + sql).getFirst()
            instanceof Statement.Sql(net.sf.jsqlparser.statement.Statement parsed, int _)
        && parsed instanceof net.sf.jsqlparser.statement.select.PlainSelect select) {
      return select.getSelectItems().getFirst().getExpression();
    }
    throw PgError.error("XX000", "default is no expression: " + sql);
  }

  private static List<Datum> row(
      Table table,
      List<Integer> targets,
      List<Optional<Datum>> values,
      List<SqlType> types,
      List<Expr> defaults,
      Frame frame) {
    List<Datum> row = new ArrayList<>();
    for (int i = 0; i < table.columns().size(); i++) {
      int target = targets.indexOf(i);
      Table.Column column = table.columns().get(i);
      Datum value;
      if (target >= 0 && target < values.size() && values.get(target).isPresent()) {
        value =
            phaistos.server.executor.Values.assign(
                values.get(target).get(), types.get(target), column);
      } else {
        Expr expr = defaults.get(i);
        value = phaistos.server.executor.Values.assign(expr.of(frame), expr.type(), column);
      }
      row.add(value);
    }
    Changes.requireNotNull(row, table);
    return row;
  }
}
