package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.statement.ReturningClause;
import net.sf.jsqlparser.statement.delete.Delete;
import net.sf.jsqlparser.statement.update.Update;
import net.sf.jsqlparser.statement.update.UpdateSet;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.heap.HeapRow;
import phaistos.server.heap.Tid;
import phaistos.server.types.Datum;
import phaistos.server.types.TypeText;
import phaistos.server.xact.Transaction;

/** UPDATE, DELETE and row locks; also what INSERT shares with them. */
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

  static Table table(net.sf.jsqlparser.schema.Table named, String command, SessionContext session) {
    requireWritable(session, command);
    return session
        .tables()
        .catalog()
        .named(Relation.identifier(named.getName()), session.transaction());
  }

  static Optional<Projection> returning(
      ReturningClause clause, Table table, Parameters parameters) {
    return Optional.ofNullable(clause)
        .map(
            items ->
                Projection.compile(
                    new ArrayList<>(items),
                    new Compiler(Relation.of(table, Optional.empty()), parameters)));
  }

  static List<Outcome.Column> columns(Optional<Projection> returning) {
    return returning.map(Projection::columns).orElse(List.of());
  }

  static int indexOf(Column column, Table table) {
    String name = Relation.identifier(column.getColumnName());
    OptionalInt at = table.indexOf(name);
    if (at.isEmpty()) {
      throw PgError.error(
          "42703", "column \"%s\" of relation \"%s\" does not exist".formatted(name, table.name()));
    }
    return at.getAsInt();
  }

  static void requireNotNull(List<Datum> row, Table table) {
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

  /** A failing row as PostgreSQL shows it: each value cut to 64 characters. */
  private static String shown(List<Datum> row, Table table) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Datum value = row.get(i);
      String text = value.isNull() ? "null" : TypeText.format(value, table.columns().get(i).type());
      values.add(text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text);
    }
    return String.join(", ", values);
  }

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
    Victims victims = new Victims(table, source, where.map(compiler::bool));
    return plan(
        "UPDATE",
        parameters,
        returning(update.getReturningClause(), table, parameters),
        victims,
        (row, frame) -> {
          List<Datum> changed = changed(table, row, changes, frame);
          Transaction own = session.transaction();
          Tables tables = session.tables();
          Heap.Outcome outcome =
              tables.heap().update(table.locator(), table.forUpdate(), row.tid(), changed, own);
          if (outcome instanceof Heap.Outcome.Done(Tid tid, boolean hot) && !hot) {
            tables.indexes().insert(table, changed, tid, own);
          }
          return new Attempt(outcome, changed);
        });
  }

  /** The rows of a table that a statement changes. */
  private record Victims(Table table, Source source, Optional<Expr> condition) {}

  /**
   * The result of changing one row.
   *
   * @param row as RETURNING sees it
   */
  private record Attempt(Heap.Outcome outcome, List<Datum> row) {}

  private interface Change {
    Attempt of(HeapRow row, Frame frame);
  }

  /**
   * Changes each row. If another transaction is changing it, waits for that one and takes the
   * newest version.
   */
  private static Plan plan(
      String tag,
      Parameters parameters,
      Optional<Projection> returning,
      Victims victims,
      Change change) {
    return new Plan(
        parameters,
        columns(returning),
        frame -> {
          List<List<Datum>> output = new ArrayList<>();
          long count = 0;
          for (HeapRow row : matching(victims.source(), victims.condition(), frame)) {
            Optional<HeapRow> current = Optional.of(row);
            while (current.isPresent()) {
              Attempt attempt = change.of(current.get(), frame);
              if (attempt.outcome() instanceof Heap.Outcome.Done) {
                returning.ifPresent(items -> output.add(items.row(frame.withRow(attempt.row()))));
                count++;
                break;
              }
              current =
                  next(
                      attempt.outcome(),
                      victims.table(),
                      current.get(),
                      victims.condition(),
                      frame);
            }
          }
          frame.session().transaction().nextCommand();
          return new Outcome(columns(returning), output, tag + " " + count);
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
    return plan(
        "DELETE",
        parameters,
        returning(delete.getReturningClause(), table, parameters),
        new Victims(table, source, condition),
        (row, _) ->
            new Attempt(
                session.tables().heap().delete(table.locator(), row.tid(), session.transaction()),
                row.values()));
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

  /** Locks a row for FOR UPDATE; returns its newest version if that still matches the condition. */
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

  /** The version to try next after a conflict with another transaction (EvalPlanQual). */
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
