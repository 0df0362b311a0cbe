package phaistos.server.executor;

import java.util.Optional;
import java.util.function.Supplier;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.sql.Command;
import phaistos.server.xact.TableLockMode;
import phaistos.server.xact.Transaction;

/** Finds tables and views by their names. */
final class TableNames {
  private TableNames() {}

  /** A view, or a catalog that is made up when it is read. */
  static Optional<Rows> view(Optional<String> schema, String name, SessionContext session) {
    if (schema.isPresent() && schema.get().equals("public")) {
      return Optional.empty();
    }
    return Views.named(name)
        .map(
            view ->
                new Rows(
                    view.columns(),
                    (frame, visitor) -> {
                      for (var row : view.rows().of(frame.session())) {
                        if (!visitor.test(row)) {
                          return;
                        }
                      }
                    }));
  }

  /**
   * Finds a table and locks it until the transaction ends (RangeVarGetRelidExtended). What a wait
   * for the lock has brought is looked at again: the table may be another one then.
   *
   * @throws PgError 42P01 if there is none, and as {@link Transaction#lockTable} does
   */
  static Table table(
      Optional<String> schema, String name, TableLockMode mode, SessionContext session) {
    Supplier<Optional<Table>> find = () -> Optional.of(find(schema, name, session));
    Table table = locked(find, mode, session).orElseThrow();
    session.needs(() -> locked(find, mode, session).orElseThrow() == table);
    return table;
  }

  static Table table(Command.Name name, TableLockMode mode, SessionContext session) {
    return table(name.schema(), name.name(), mode, session);
  }

  /** The same where it is no error that there is no table. */
  static Optional<Table> locked(
      Supplier<Optional<Table>> find, TableLockMode mode, SessionContext session) {
    Transaction own = session.transaction();
    Optional<Table> found = find.get();
    while (found.isPresent() && !found.get().isTemporary()) {
      int oid = found.get().oid();
      if (!own.lockTable(oid, mode)) {
        return found;
      }
      Optional<Table> now = find.get();
      if (now.isPresent() && now.get().oid() == oid) {
        return now;
      }
      own.unlockTable(oid, mode);
      found = now;
    }
    return found;
  }

  /** Finds it without a lock. */
  static Table find(Optional<String> schema, String name, SessionContext session) {
    String in = schema.orElse("public");
    if (in.equals("pg_catalog") || in.equals("information_schema")) {
      throw PgError.unsupported("catalog \"%s.%s\"".formatted(in, name));
    }
    if (schema.isPresent() && (in.equals("public") || in.equals("pg_temp"))) {
      return session
          .tables()
          .catalog()
          .find(name, in.equals("pg_temp"), session.transaction())
          .orElseThrow(
              () ->
                  PgError.error("42P01", "relation \"%s.%s\" does not exist".formatted(in, name)));
    }
    if (!in.equals("public")) {
      throw PgError.error("42P01", "relation \"%s.%s\" does not exist".formatted(in, name));
    }
    return session.tables().catalog().named(name, session.transaction());
  }
}
