package phaistos.server.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.heap.Tid;
import phaistos.server.types.Datum;
import phaistos.server.types.TypeText;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.Transaction;

/**
 * Primary key indexes, in memory only. Each is built from its table at its first use after a start.
 * It maps a key to the places of all row versions with it, dead ones included. Thread-safe.
 */
public final class KeyIndexes {
  private final Heap heap;
  private final ProcArray procArray;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, KeyIndex> byTable = new TreeMap<>();

  /** The values of a key's columns. */
  public record Key(List<Datum> values) {}

  private static final class KeyIndex {
    final ReentrantLock lock = new ReentrantLock();
    final Map<Key, List<Tid>> tids = new HashMap<>();
    boolean built;
  }

  public KeyIndexes(Heap heap, ProcArray procArray) {
    this.heap = heap;
    this.procArray = procArray;
  }

  public static Key keyOf(Table table, List<Datum> row) {
    List<Datum> values = new ArrayList<>(table.keys().size());
    table.keys().forEach(key -> values.add(row.get(key)));
    return new Key(values);
  }

  /** Drops all indexes: recovery may have changed the tables. */
  public void clear() {
    lock.lock();
    try {
      byTable.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Where versions with this key are. */
  public List<Tid> find(Table table, Key key) {
    KeyIndex index = index(table);
    index.lock.lock();
    try {
      build(index, table);
      return List.copyOf(index.tids.getOrDefault(key, List.of()));
    } finally {
      index.lock.unlock();
    }
  }

  /**
   * Adds a new version. Waits for transactions that may still delete another version with the same
   * key.
   *
   * @throws PgError 23505 if there is another one
   */
  public void insert(Table table, List<Datum> row, Tid tid, Transaction own) {
    if (table.keys().isEmpty()) {
      return;
    }
    Key key = keyOf(table, row);
    KeyIndex index = index(table);
    while (true) {
      Xid wait = Xid.INVALID;
      index.lock.lock();
      try {
        build(index, table);
        List<Tid> there = index.tids.computeIfAbsent(key, k -> new ArrayList<>(1));
        for (Tid other : there) {
          if (other.equals(tid)) {
            continue;
          }
          Optional<Xid> conflict = heap.conflicts(table.locator(), other, own);
          if (conflict.isPresent()) {
            wait = conflict.get();
            if (!wait.isValid()) {
              throw duplicate(table, key);
            }
            break;
          }
        }
        if (!wait.isValid()) {
          if (!there.contains(tid)) {
            there.add(tid);
          }
          return;
        }
      } finally {
        index.lock.unlock();
      }
      procArray.awaitEnd(wait, own.proc());
    }
  }

  private static PgError duplicate(Table table, Key key) {
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < table.keys().size(); i++) {
      Table.Column column = table.columns().get(table.keys().get(i));
      names.add(column.name());
      values.add(TypeText.format(key.values().get(i), column.type()));
    }
    return PgError.error(
            "23505",
            "duplicate key value violates unique constraint \"%s\"".formatted(table.keyName()),
            "Key (%s)=(%s) already exists."
                .formatted(String.join(", ", names), String.join(", ", values)))
        .about(new PgError.Subject(table.name(), "", table.keyName()));
  }

  private KeyIndex index(Table table) {
    lock.lock();
    try {
      return byTable.computeIfAbsent(table.oid(), oid -> new KeyIndex());
    } finally {
      lock.unlock();
    }
  }

  private void build(KeyIndex index, Table table) {
    if (!index.built) {
      heap.scanAll(
          table.locator(),
          table.types(),
          row ->
              index
                  .tids
                  .computeIfAbsent(keyOf(table, row.values()), key -> new ArrayList<>(1))
                  .add(row.tid()));
      index.built = true;
    }
  }
}
