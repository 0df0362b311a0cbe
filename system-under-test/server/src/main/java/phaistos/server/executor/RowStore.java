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

  /** Inserts a row whose index entries the caller makes. */
  Tid insertIntoHeap(List<Datum> row) {
    return session.tables().heap().insert(table.locator(), types, row, session.transaction());
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
