package phaistos.server.executor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.server.catalog.KeyIndexes;
import phaistos.server.catalog.Table;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.heap.HeapRow;
import phaistos.server.sql.Command;
import phaistos.server.sql.Query;
import phaistos.server.types.Datum;
import phaistos.server.xact.Transaction;

/** INSERT ... ON CONFLICT: what is done instead if a row with the same key is there. */
final class OnConflict {
  private static final Query.Lock LOCK = new Query.Lock(Query.Strength.UPDATE, Query.Wait.BLOCK);

  private final Table table;
  private final List<Table.Index> arbiters;
  private final Expr[] changes;
  private final Optional<Expr> where;
  private final boolean updates;
  private final RowChecks checks;
  private final RowStore store;
  private final Set<KeyIndexes.Key> touched = new HashSet<>();

  private OnConflict(
      Table table,
      List<Table.Index> arbiters,
      Expr[] changes,
      Optional<Expr> where,
      boolean updates,
      RowChecks checks,
      RowStore store) {
    this.store = store;
    this.table = table;
    this.arbiters = arbiters;
    this.changes = changes;
    this.where = where;
    this.updates = updates;
    this.checks = checks;
  }

  static OnConflict of(
      Command.OnConflict on,
      Table table,
      Optional<String> alias,
      Compiler.Environment environment) {
    List<Table.Index> arbiters = arbiters(on, table);
    Relation own = Relation.of(table, alias);
    Relation excluded = Relation.of(table, Optional.of("excluded"));
    List<Relation.Field> fields = new ArrayList<>(own.fields());
    excluded
        .fields()
        .forEach(field -> fields.add(new Relation.Field(field.qualifier(), field.column(), true)));
    Compiler compiler = new Compiler(new Relation(fields), environment);
    return new OnConflict(
        table,
        arbiters,
        Changes.assignments(on.set(), table, compiler),
        on.where().map(condition -> compiler.bool(condition, "WHERE")),
        !on.set().isEmpty(),
        RowChecks.of(table, environment.session()),
        new RowStore(table, environment.session()));
  }

  private static List<Table.Index> arbiters(Command.OnConflict on, Table table) {
    List<Table.Index> unique = table.indexes().stream().filter(Table.Index::unique).toList();
    if (on.constraint().isPresent()) {
      String name = on.constraint().get();
      return List.of(
          unique.stream()
              .filter(index -> index.constraint() && index.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      PgError.error(
                          "42704",
                          "constraint \"%s\" for table \"%s\" does not exist"
                              .formatted(name, table.name()))));
    }
    if (on.columns().isEmpty()) {
      return unique;
    }
    Set<Integer> wanted = new HashSet<>();
    for (String column : on.columns()) {
      wanted.add(
          table
              .indexOf(column)
              .orElseThrow(
                  () -> PgError.error("42703", "column \"%s\" does not exist".formatted(column))));
    }
    List<Table.Index> matching =
        unique.stream().filter(index -> new HashSet<>(index.columns()).equals(wanted)).toList();
    if (matching.isEmpty()) {
      throw PgError.error(
          "42P10",
          "there is no unique or exclusion constraint matching the ON CONFLICT specification");
    }
    return matching;
  }

  /** A statement begins: it may change each row once. */
  void begin() {
    touched.clear();
  }

  /** The row that was inserted or updated; nothing if neither. */
  Optional<List<Datum>> insert(List<Datum> row, Frame frame) {
    SessionContext session = frame.session();
    Transaction own = session.transaction();
    Tables tables = session.tables();
    while (true) {
      Optional<Table.Index> conflict =
          tables.indexes().insertUnless(table, arbiters, row, () -> store.insertIntoHeap(row), own);
      if (conflict.isEmpty()) {
        if (updates) {
          arbiters.forEach(index -> touched.add(KeyIndexes.keyOf(table, index, row)));
        }
        return Optional.of(row);
      }
      if (!updates) {
        requireSeen(conflict.get(), row, session);
        return Optional.empty();
      }
      Optional<Optional<List<Datum>>> updated = update(conflict.get(), row, frame);
      if (updated.isPresent()) {
        return updated.get();
      }
      // the row with the key is gone: the new one may fit now
    }
  }

  /** A snapshot that does not see the row must not act on it. */
  private void requireSeen(Table.Index index, List<Datum> row, SessionContext session) {
    Transaction own = session.transaction();
    if (!own.isRepeatableRead()) {
      return;
    }
    KeyIndexes.Key key = KeyIndexes.keyOf(table, index, row);
    boolean mine = touched.contains(key);
    if (!mine
        && session
            .tables()
            .indexes()
            .find(table, index, key, own.statementSnapshot(), own)
            .isEmpty()
        && session.tables().indexes().find(table, index, key, own.latestSnapshot(), own).stream()
            .noneMatch(found -> own.isCurrent(found.header().xmin()))) {
      throw PgError.error("40001", "could not serialize access due to concurrent update");
    }
  }

  /** Nothing if there is no row to update any more; empty inside if WHERE excludes it. */
  private Optional<Optional<List<Datum>>> update(Table.Index index, List<Datum> row, Frame frame) {
    SessionContext session = frame.session();
    Transaction own = session.transaction();
    KeyIndexes.Key key = KeyIndexes.keyOf(table, index, row);
    if (!touched.add(key)) {
      throw PgError.withHint(
          "21000",
          "ON CONFLICT DO UPDATE command cannot affect row a second time",
          "Ensure that no rows proposed for insertion within the same command have duplicate"
              + " constrained values.");
    }
    requireSeen(index, row, session);
    List<HeapRow> there =
        session.tables().indexes().find(table, index, key, own.latestSnapshot(), own);
    for (HeapRow candidate : there) {
      Optional<HeapRow> locked = new RowLocks(table, Optional.empty(), LOCK).lock(candidate, frame);
      if (locked.isEmpty() || !KeyIndexes.keyOf(table, index, locked.get().values()).equals(key)) {
        continue;
      }
      List<Datum> both = new ArrayList<>(locked.get().values());
      both.addAll(row);
      Frame here = frame.withRow(both);
      if (where.isPresent() && !where.get().of(here).equals(Datum.TRUE)) {
        return Optional.of(Optional.empty());
      }
      List<Datum> changed = new ArrayList<>(locked.get().values());
      for (int i = 0; i < changes.length; i++) {
        if (changes[i] != null) {
          changed.set(i, changes[i].of(here));
        }
      }
      checks.check(changed, frame);
      if (store.update(locked.get(), changed) instanceof Heap.Outcome.Done) {
        return Optional.of(Optional.of(changed));
      }
    }
    touched.remove(key);
    return Optional.empty();
  }
}
