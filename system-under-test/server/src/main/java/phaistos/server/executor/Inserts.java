package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Command;
import phaistos.server.sql.Expression;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;

/** INSERT. */
final class Inserts {
  private Inserts() {}

  static Plan insert(Command.Insert insert, Parameters parameters, SessionContext session) {
    Table table = Changes.table(insert.table(), "INSERT", session);
    Compiler.Environment environment = new Compiler.Environment(parameters, session);
    Compiler compiler = new Compiler(Relation.of(table, insert.alias()), environment);
    Target target = target(insert, table, environment);
    Optional<Projection> returning = Changes.returning(insert.returning(), compiler);
    List<Outcome.Column> columns = Changes.columns(returning);
    Optional<OnConflict> conflict =
        insert.onConflict().map(on -> OnConflict.of(on, table, insert.alias(), environment));
    RowChecks checks = RowChecks.of(table, session);
    RowStore store = new RowStore(table, session);
    return new Plan(
        parameters,
        columns,
        frame -> {
          List<List<Datum>> output = new ArrayList<>();
          long[] count = new long[1];
          if (conflict.isPresent()) {
            conflict.get().begin();
          }
          target.rows(
              frame,
              row -> {
                checks.check(row, frame);
                Optional<List<Datum>> stored =
                    conflict.isPresent()
                        ? conflict.get().insert(row, frame)
                        : Optional.of(Changes.made(table, row, store.insert(row), session));
                stored.ifPresent(
                    made -> {
                      returning.ifPresent(items -> output.add(items.row(frame.withRow(made))));
                      count[0]++;
                    });
              });
          session.transaction().nextCommand();
          return new Outcome(columns, output, "INSERT 0 " + count[0]);
        });
  }

  private interface RowSink {
    void row(List<Datum> row);
  }

  /** Makes the rows to insert. */
  private interface Target {
    void rows(Frame frame, RowSink sink);
  }

  private static Target target(
      Command.Insert insert, Table table, Compiler.Environment environment) {
    List<Expr> defaults = Defaults.of(table, environment.session());
    List<Integer> targets = targets(insert.columns(), table);
    if (insert.rows().isEmpty()) {
      return (frame, sink) -> sink.row(evaluated(defaults, frame));
    }
    if (insert.rows().get() instanceof Query.Values(List<List<Expression>> rows)) {
      boolean first = insert.columns().isEmpty();
      int width = rows.getFirst().size();
      List<Integer> given = first && width < targets.size() ? targets.subList(0, width) : targets;
      return values(rows, given, table, defaults, new Compiler(Relation.NONE, environment));
    }
    Rows rows = Queries.rows(insert.rows().get(), environment);
    int width = rows.columns().size();
    boolean first = insert.columns().isEmpty();
    List<Integer> given = first && width < targets.size() ? targets.subList(0, width) : targets;
    requireWidth(width, given.size());
    List<Expr> made = new ArrayList<>(defaults);
    for (int i = 0; i < width; i++) {
      int at = i;
      Expr value = new Expr(rows.columns().get(i).type(), frame -> frame.row().get(at));
      made.set(given.get(i), Casts.assign(value, table.columns().get(given.get(i))));
    }
    return (frame, sink) -> {
      // all rows are read first: the statement must not see those that it inserts
      for (List<Datum> row : rows.all(frame)) {
        sink.row(evaluated(made, frame.withRow(row)));
        frame.session().transaction().proc().checkInterrupts();
      }
    };
  }

  private static List<Datum> evaluated(List<Expr> exprs, Frame frame) {
    List<Datum> row = new ArrayList<>(exprs.size());
    for (Expr expr : exprs) {
      row.add(expr.of(frame));
    }
    return row;
  }

  private static Target values(
      List<List<Expression>> rows,
      List<Integer> targets,
      Table table,
      List<Expr> defaults,
      Compiler compiler) {
    List<List<Expr>> compiled = new ArrayList<>();
    for (List<Expression> row : rows) {
      requireWidth(row.size(), targets.size());
      List<Expr> exprs = new ArrayList<>(defaults);
      for (int i = 0; i < row.size(); i++) {
        if (!(row.get(i) instanceof Expression.Default)) {
          Table.Column column = table.columns().get(targets.get(i));
          exprs.set(targets.get(i), Casts.assign(compiler.compile(row.get(i)), column));
        }
      }
      compiled.add(exprs);
    }
    return (frame, sink) -> {
      for (List<Expr> row : compiled) {
        sink.row(evaluated(row, frame));
      }
    };
  }

  private static void requireWidth(int given, int targets) {
    if (given > targets) {
      throw PgError.error("42601", "INSERT has more expressions than target columns");
    }
    if (given < targets) {
      throw PgError.error("42601", "INSERT has more target columns than expressions");
    }
  }

  /** The columns by name; all if there are no names. */
  static List<Integer> targets(List<String> columns, Table table) {
    List<Integer> targets = new ArrayList<>();
    if (columns.isEmpty()) {
      for (int i = 0; i < table.columns().size(); i++) {
        targets.add(i);
      }
      return targets;
    }
    for (String column : columns) {
      int at = Changes.indexOf(column, table);
      if (targets.contains(at)) {
        throw PgError.error("42701", "column \"%s\" specified more than once".formatted(column));
      }
      targets.add(at);
    }
    return targets;
  }
}
