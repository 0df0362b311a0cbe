package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Tid;
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
          Consumer<List<Datum>> made =
              row -> returning.ifPresent(items -> output.add(items.row(frame.withRow(row))));
          if (conflict.isPresent()) {
            conflict.get().begin();
          }
          RowSink sink =
              conflict.isPresent()
                  ? new Unless(conflict.get(), checks, frame, made)
                  : new Storing(store, checks, frame, returning.isPresent(), made);
          target.rows(frame, sink);
          long count = sink.end();
          session.transaction().nextCommand();
          return new Outcome(columns, output, "INSERT 0 " + count);
        });
  }

  /** Where the rows go. */
  private abstract static class RowSink {
    protected long count;

    /** So many rows come now. */
    void begin(int rows) {}

    abstract void row(List<Datum> row);

    /** The number of rows that were stored. */
    long end() {
      return count;
    }
  }

  /** ON CONFLICT. */
  private static final class Unless extends RowSink {
    private final OnConflict conflict;
    private final RowChecks checks;
    private final Frame frame;
    private final Consumer<List<Datum>> made;

    Unless(OnConflict conflict, RowChecks checks, Frame frame, Consumer<List<Datum>> made) {
      this.conflict = conflict;
      this.checks = checks;
      this.frame = frame;
      this.made = made;
    }

    @Override
    void row(List<Datum> row) {
      checks.check(row, frame);
      conflict
          .insert(row, frame)
          .ifPresent(
              stored -> {
                made.accept(stored);
                count++;
              });
    }
  }

  /**
   * Stores rows. Many of one statement are gathered and logged with one record for each page, as
   * PostgreSQL does for COPY. Fewer are logged one by one, as it does for INSERT.
   */
  private static final class Storing extends RowSink {
    private final RowStore store;
    private final RowChecks checks;
    private final Frame frame;
    private final boolean isReturning;
    private final Consumer<List<Datum>> made;
    private boolean isGathering;
    private final List<List<Datum>> gathered = new ArrayList<>();

    Storing(
        RowStore store,
        RowChecks checks,
        Frame frame,
        boolean isReturning,
        Consumer<List<Datum>> made) {
      this.store = store;
      this.checks = checks;
      this.frame = frame;
      this.isReturning = isReturning;
      this.made = made;
    }

    @Override
    void begin(int rows) {
      isGathering = rows >= RowStore.MANY;
    }

    @Override
    void row(List<Datum> row) {
      checks.check(row, frame);
      if (!isGathering) {
        stored(row, store.insert(row));
        return;
      }
      gathered.add(row);
      if (gathered.size() == RowStore.MANY) {
        storeGathered();
      }
    }

    private void stored(List<Datum> row, Tid tid) {
      count++;
      if (isReturning) {
        made.accept(store.made(row, tid));
      }
    }

    private void storeGathered() {
      List<Tid> places = store.insertAll(gathered);
      for (int i = 0; i < places.size(); i++) {
        stored(gathered.get(i), places.get(i));
      }
      gathered.clear();
    }

    @Override
    long end() {
      storeGathered();
      return count;
    }
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
      List<List<Datum>> all = rows.all(frame);
      sink.begin(all.size());
      for (List<Datum> row : all) {
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
