package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.operators.relational.ExpressionList;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.ReturningClause;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.insert.Insert;
import net.sf.jsqlparser.statement.select.Values;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.update.UpdateSet;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.heap.HeapRow;
import phaistos.server.heap.Tid;
import phaistos.server.sql.SqlParser;
import phaistos.server.sql.Statement;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.types.TypeText;
import phaistos.server.xact.Transaction;

/** INSERT, UPDATE, DELETE, and rows that are locked. */
final class Changes {
  private static final int SHOWN_MAX = 64;

  private Changes() {}

  /**
   * @throws PgError 25006 in recovery and in read-only transactions
   */
  static void requireWritable(SessionContext session, String command) {
    if (session.server().state().isInRecovery() || session.transaction().isReadOnly()) {
      throw PgError.error(
          "25006", "cannot execute %s in a read-only transaction".formatted(command));
    }
  }

  private static Table table(
      net.sf.jsqlparser.schema.Table named, String command, SessionContext session) {
    requireWritable(session, command);
    return session
        .tables()
        .catalog()
        .named(Relation.identifier(named.getName()), session.transaction());
  }

  private static Optional<Projection> returning(
      ReturningClause clause, Table table, Parameters parameters) {
    return Optional.ofNullable(clause)
        .map(
            items ->
                Projection.compile(
                    new ArrayList<>(items),
                    new Compiler(Relation.of(table, Optional.empty()), parameters)));
  }

  private static List<Outcome.Column> columns(Optional<Projection> returning) {
    return returning.map(Projection::columns).orElse(List.of());
  }

  // INSERT

  static Plan insert(
      Insert insert, Parameters parameters, SessionContext session, SqlParser parser) {
    if (insert.getConflictAction() != null) {
      throw PgError.unsupported("ON CONFLICT");
    }
    Table table = table(insert.getTable(), "INSERT", session);
    List<Integer> all = targets(insert.getColumns(), table);
    // without a list of columns the last ones may be left out
    List<Integer> targets =
        insert.getColumns() == null
            ? all.subList(0, Math.min(all.size(), width(insert, all.size(), parameters, session)))
            : all;
    List<SqlType> types = targets.stream().map(t -> table.columns().get(t).type()).toList();
    List<Expr> defaults = defaults(table, parser);
    Optional<Projection> returning = returning(insert.getReturningClause(), table, parameters);
    Rows rows = rows(insert, parameters, session, targets, types);
    return new Plan(
        parameters,
        columns(returning),
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
          return new Outcome(columns(returning), output, "INSERT 0 " + count[0]);
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
      targets.add(indexOf(column, table));
    }
    return targets;
  }

  private static int indexOf(Column column, Table table) {
    String name = Relation.identifier(column.getColumnName());
    OptionalInt at = table.indexOf(name);
    if (at.isEmpty()) {
      throw PgError.error(
          "42703", "column \"%s\" of relation \"%s\" does not exist".formatted(name, table.name()));
    }
    return at.getAsInt();
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
    requireNotNull(row, table);
    return row;
  }

  private static void requireNotNull(List<Datum> row, Table table) {
    for (int i = 0; i < row.size(); i++) {
      Table.Column column = table.columns().get(i);
      if (row.get(i).isNull() && column.notNull()) {
        throw PgError.error(
                "23502",
                "null value in column \"%s\" of relation \"%s\" violates not-null constraint"
                    .formatted(column.name(), table.name()),
                "Failing row contains (%s).".formatted(shown(row, table)))
            .about(new PgError.Subject(table.name(), column.name(), ""));
      }
    }
  }

  /** As PostgreSQL shows a failing row: no value longer than 64 characters. */
  private static String shown(List<Datum> row, Table table) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Datum value = row.get(i);
      String text = value.isNull() ? "null" : TypeText.format(value, table.columns().get(i).type());
      values.add(text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text);
    }
    return String.join(", ", values);
  }

  // UPDATE and DELETE

  static Plan update(Update update, Parameters parameters, SessionContext session) {
    Table table = table(update.getTable(), "UPDATE", session);
    Optional<Expression> where = Optional.ofNullable(update.getWhere());
    Source source = Source.whole(table, Optional.empty()).narrowed(where, parameters);
    Compiler compiler = new Compiler(source.relation(), parameters);
    Expr[] changes = new Expr[table.columns().size()];
    for (UpdateSet set : update.getUpdateSets()) {
      for (int i = 0; i < set.getColumns().size(); i++) {
        int at = indexOf(set.getColumns().get(i), table);
        changes[at] =
            compiler.compile(set.getValues().get(i), Optional.of(table.columns().get(at).type()));
      }
    }
    Optional<Expr> condition = where.map(compiler::bool);
    Optional<Projection> returning = returning(update.getReturningClause(), table, parameters);
    return new Plan(
        parameters,
        columns(returning),
        frame -> {
          List<List<Datum>> output = new ArrayList<>();
          long count = 0;
          for (HeapRow row : matching(source, condition, frame)) {
            Optional<HeapRow> current = Optional.of(row);
            while (current.isPresent()) {
              List<Datum> changed = changed(table, current.get(), changes, frame);
              Transaction own = session.transaction();
              Tables tables = session.tables();
              Heap.Outcome outcome =
                  tables
                      .heap()
                      .update(table.locator(), table.types(), current.get().tid(), changed, own);
              if (outcome instanceof Heap.Outcome.Done(Tid tid)) {
                tables.indexes().insert(table, changed, tid, own);
                returning.ifPresent(items -> output.add(items.row(frame.withRow(changed))));
                count++;
                break;
              }
              current = next(outcome, table, current.get(), condition, frame);
            }
          }
          session.transaction().nextCommand();
          return new Outcome(columns(returning), output, "UPDATE " + count);
        });
  }

  private static List<Datum> changed(Table table, HeapRow row, Expr[] changes, Frame frame) {
    Frame here = frame.withRow(row.values());
    List<Datum> changed = new ArrayList<>(row.values());
    for (int i = 0; i < changes.length; i++) {
      if (changes[i] != null) {
        Table.Column column = table.columns().get(i);
        Datum value =
            phaistos.server.executor.Values.assign(changes[i].of(here), changes[i].type(), column);
        changed.set(i, value);
      }
    }
    requireNotNull(changed, table);
    return changed;
  }

  static Plan delete(Delete delete, Parameters parameters, SessionContext session) {
    Table table = table(delete.getTable(), "DELETE", session);
    Optional<Expression> where = Optional.ofNullable(delete.getWhere());
    Source source = Source.whole(table, Optional.empty()).narrowed(where, parameters);
    Optional<Expr> condition = where.map(new Compiler(source.relation(), parameters)::bool);
    Optional<Projection> returning = returning(delete.getReturningClause(), table, parameters);
    return new Plan(
        parameters,
        columns(returning),
        frame -> {
          List<List<Datum>> output = new ArrayList<>();
          long count = 0;
          for (HeapRow row : matching(source, condition, frame)) {
            Optional<HeapRow> current = Optional.of(row);
            while (current.isPresent()) {
              HeapRow victim = current.get();
              Heap.Outcome outcome =
                  session
                      .tables()
                      .heap()
                      .delete(table.locator(), victim.tid(), session.transaction());
              if (outcome instanceof Heap.Outcome.Done) {
                returning.ifPresent(items -> output.add(items.row(frame.withRow(victim.values()))));
                count++;
                break;
              }
              current = next(outcome, table, victim, condition, frame);
            }
          }
          session.transaction().nextCommand();
          return new Outcome(columns(returning), output, "DELETE " + count);
        });
  }

  private static List<HeapRow> matching(Source source, Optional<Expr> condition, Frame frame) {
    List<HeapRow> rows = new ArrayList<>();
    source
        .scan()
        .run(
            frame,
            row -> {
              if (Queries.accepts(condition, frame, row)) {
                rows.add(row);
              }
              return true;
            });
    return rows;
  }

  /** Locks a row for FOR UPDATE; answers its newest version, if that still matches. */
  static Optional<HeapRow> lock(Table table, HeapRow row, Optional<Expr> condition, Frame frame) {
    Optional<HeapRow> current = Optional.of(row);
    while (current.isPresent()) {
      Heap.Outcome outcome =
          frame
              .session()
              .tables()
              .heap()
              .lock(table.locator(), current.get().tid(), frame.session().transaction());
      if (outcome instanceof Heap.Outcome.Done) {
        return current;
      }
      current = next(outcome, table, current.get(), condition, frame);
    }
    return current;
  }

  /** What to try next after another transaction was in the way (EvalPlanQual). */
  private static Optional<HeapRow> next(
      Heap.Outcome outcome, Table table, HeapRow row, Optional<Expr> condition, Frame frame) {
    SessionContext session = frame.session();
    Tables tables = session.tables();
    return switch (outcome) {
      case Heap.Outcome.Done _, Heap.Outcome.AlreadyBySelf _ -> Optional.empty();
      case Heap.Outcome.MustWait(phaistos.formats.Xid xid) -> {
        tables.procArray().awaitEnd(xid, session.transaction().proc());
        yield Optional.of(row);
      }
      case Heap.Outcome.Updated(Tid newer) -> {
        requireReadCommitted(session, "update");
        HeapRow newest = tables.heap().fetchAny(table.locator(), table.types(), newer);
        yield Queries.accepts(condition, frame, newest) ? Optional.of(newest) : Optional.empty();
      }
      case Heap.Outcome.Deleted _ -> {
        requireReadCommitted(session, "delete");
        yield Optional.empty();
      }
    };
  }

  private static void requireReadCommitted(SessionContext session, String change) {
    if (session.transaction().isRepeatableRead()) {
      throw PgError.error("40001", "could not serialize access due to concurrent " + change);
    }
  }
}
