package phaistos.server.executor;

import java.util.List;
import phaistos.server.catalog.Table;
import phaistos.server.heap.Columns;
import phaistos.server.heap.Heap;
import phaistos.server.heap.HeapRow;
import phaistos.server.heap.Tid;
import phaistos.server.types.Datum;
import phaistos.server.types.SqlType;
import phaistos.server.xact.Transaction;

/** Stores rows of one table, in the heap and in the indexes, for one statement. */
final class RowStore {
  /** From so many rows on they are stored together, which is how many COPY gathers there. */
  static final int MANY = 1000;

  private final Table table;
  private final SessionContext session;
  private final List<SqlType> types;
  private final Columns columns;

  RowStore(Table table, SessionContext session) {
    this.table = table;
    this.session = session;
    this.columns = table.forUpdate();
    this.types = columns.types();
  }

  /** Inserts a row that fulfils the table's constraints. */
  Tid insert(List<Datum> row) {
    Tables tables = session.tables();
    Tid tid = insertIntoHeap(row);
    if (!table.indexes().isEmpty()) {
      tables.indexes().insert(table, row, tid, session.transaction());
    }
    return tid;
  }

  /** Inserts rows that fulfil the table's constraints, as {@link Heap#insertAll} does. */
  List<Tid> insertAll(List<List<Datum>> rows) {
    Tables tables = session.tables();
    if (rows.isEmpty()) {
      return List.of();
    }
    Transaction own = session.transaction();
    List<Tid> places = tables.heap().insertAll(table.locator(), types, rows, own);
    if (!table.indexes().isEmpty()) {
      for (int i = 0; i < rows.size(); i++) {
        tables.indexes().insert(table, rows.get(i), places.get(i), own);
      }
    }
    return places;
  }

  /** Inserts a row whose index entries the caller makes. */
  Tid insertIntoHeap(List<Datum> row) {
    return session.tables().heap().insert(table.locator(), types, row, session.transaction());
  }

  /** The values of a row that was inserted, as RETURNING sees them. */
  List<Datum> made(List<Datum> row, Tid tid) {
    return Changes.made(table, row, tid, session);
  }

  Heap.Outcome update(HeapRow row, List<Datum> changed) {
    Transaction own = session.transaction();
    Tables tables = session.tables();
    Heap.Outcome outcome = tables.heap().update(table.locator(), columns, row.tid(), changed, own);
    if (outcome instanceof Heap.Outcome.Done(Tid tid, boolean hot) && !hot) {
      tables.indexes().insert(table, changed, tid, own);
    }
    return outcome;
  }
}
