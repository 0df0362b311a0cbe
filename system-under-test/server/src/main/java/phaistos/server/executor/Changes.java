package phaistos.server.executor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.heap.HeapRow;
import phaistos.server.heap.Tid;
import phaistos.server.sql.Command;
import phaistos.server.sql.Expression;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;
import phaistos.server.xact.TableLockMode;

/** UPDATE, DELETE and row locks; also what INSERT shares with them. */
final class Changes {
  private Changes() {}

  /**
   * @throws PgError 25006 in recovery and in read-only transactions
   */
  static void requireWritable(SessionContext session, String command) {
    requireWritableNow(session, command);
    session.needs(
        () -> {
          requireWritableNow(session, command);
          return true;
        });
  }

  private static void requireWritableNow(SessionContext session, String command) {
    if (!session.server().state().isRunning() || session.transaction().isReadOnly()) {
      throw PgError.error(
          "25006", "cannot execute %s in a read-only transaction".formatted(command));
    }
  }

  static Table table(Command.Name name, String command, SessionContext session) {
    requireWritable(session, command);
    if (TableNames.view(name.schema(), name.name(), session).isPresent()) {
      throw PgError.error(
          "42501", "permission denied: \"%s\" is a system catalog".formatted(name.name()));
    }
    return TableNames.table(name, TableLockMode.ROW_EXCLUSIVE, session);
  }

  /** RETURNING; empty if there is none. */
  static Optional<Projection> returning(List<Query.Item> items, Compiler compiler) {
    return items.isEmpty() ? Optional.empty() : Optional.of(Projection.compile(items, compiler));
  }

  static List<Outcome.Column> columns(Optional<Projection> returning) {
    return returning
        .map(items -> new Rows(items.columns(), (_, _) -> {}).typed().columns())
        .orElse(List.of());
  }

  static int indexOf(String name, Table table) {
    OptionalInt at = table.indexOf(name);
    if (at.isEmpty()) {
      throw PgError.error(
          "42703", "column \"%s\" of relation \"%s\" does not exist".formatted(name, table.name()));
    }
    return at.getAsInt();
  }

  static Plan update(Command.Update update, Parameters parameters, SessionContext session) {
    Table table = table(update.table(), "UPDATE", session);
    Compiler.Environment environment = new Compiler.Environment(parameters, session);
    TableScan scan =
        TableScan.of(table, update.alias()).narrowed(Calls.conjuncts(update.where()), environment);
    Compiler compiler = new Compiler(scan.relation(), environment);
    Expr[] changes = assignments(update.set(), table, compiler);
    RowChecks checks = RowChecks.of(table, session);
    RowStore store = new RowStore(table, session);
    Victims victims =
        new Victims(table, scan, update.where().map(where -> compiler.bool(where, "WHERE")));
    return plan(
        "UPDATE",
        parameters,
        returning(update.returning(), compiler),
        victims,
        (row, frame) -> {
          List<Datum> changed = changed(row, changes, frame);
          checks.check(changed, frame);
          Heap.Outcome outcome = store.update(row, changed);
          return new Attempt(
              outcome,
              outcome instanceof Heap.Outcome.Done done
                  ? made(table, changed, done.tid(), session)
                  : changed);
        });
  }

  /** The new values of SET, by column; null where there is none. */
  static Expr[] assignments(List<Command.Assignment> set, Table table, Compiler compiler) {
    Expr[] changes = new Expr[table.columns().size()];
    for (Command.Assignment assignment : set) {
      int at = indexOf(assignment.column(), table);
      if (changes[at] != null) {
        throw PgError.error(
            "42601", "multiple assignments to same column \"%s\"".formatted(assignment.column()));
      }
      Table.Column column = table.columns().get(at);
      changes[at] =
          assignment.value() instanceof Expression.Default
              ? Defaults.of(table, compiler.environment().session()).get(at)
              : Casts.assign(compiler.compile(assignment.value()), column);
    }
    return changes;
  }

  /** The values of a version that a statement has made at this place. */
  static List<Datum> made(Table table, List<Datum> values, Tid tid, SessionContext session) {
    Heap heap = session.tables().heap();
    return SystemColumns.of(values, () -> heap.fetchAny(table.locator(), table.types(), tid));
  }

  /** The rows of a table that a statement changes. */
  private record Victims(Table table, TableScan scan, Optional<Expr> condition) {}

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
          for (HeapRow row : matching(victims.scan(), victims.condition(), frame)) {
            Optional<HeapRow> current = Optional.of(row);
            while (current.isPresent()) {
              Attempt attempt = change.of(current.get(), frame);
              if (attempt.outcome() instanceof Heap.Outcome.Done) {
                returning.ifPresent(items -> output.add(items.row(frame.withRow(attempt.row()))));
                count++;
                break;
              }
              current =
                  RowLocks.next(
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

  static List<Datum> changed(HeapRow row, Expr[] changes, Frame frame) {
    Frame here = frame.withRow(SystemColumns.of(row));
    List<Datum> changed = new ArrayList<>(row.values());
    for (int i = 0; i < changes.length; i++) {
      if (changes[i] != null) {
        changed.set(i, changes[i].of(here));
      }
    }
    return changed;
  }

  static Plan delete(Command.Delete delete, Parameters parameters, SessionContext session) {
    Table table = table(delete.table(), "DELETE", session);
    Compiler.Environment environment = new Compiler.Environment(parameters, session);
    TableScan scan =
        TableScan.of(table, delete.alias()).narrowed(Calls.conjuncts(delete.where()), environment);
    Compiler compiler = new Compiler(scan.relation(), environment);
    return plan(
        "DELETE",
        parameters,
        returning(delete.returning(), compiler),
        new Victims(table, scan, delete.where().map(where -> compiler.bool(where, "WHERE"))),
        (row, _) ->
            new Attempt(
                session.tables().heap().delete(table.locator(), row.tid(), session.transaction()),
                SystemColumns.of(row)));
  }

  static List<HeapRow> matching(TableScan scan, Optional<Expr> condition, Frame frame) {
    List<HeapRow> rows = new ArrayList<>();
    scan.scan()
        .run(
            frame,
            row -> {
              if (accepts(condition, frame, row)) {
                rows.add(row);
              }
              return true;
            });
    return rows;
  }

  static boolean accepts(Optional<Expr> condition, Frame frame, HeapRow row) {
    return condition.isEmpty()
        || condition.get().of(frame.withRow(SystemColumns.of(row))).equals(Datum.TRUE);
  }
}
