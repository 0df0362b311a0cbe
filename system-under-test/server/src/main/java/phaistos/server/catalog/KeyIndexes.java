package phaistos.server.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Heap;
import phaistos.server.heap.HeapRow;
import phaistos.server.heap.Tid;
import phaistos.server.types.Datum;
import phaistos.server.types.TypeText;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.Snapshot;
import phaistos.server.xact.Transaction;

/**
 * Primary key indexes, in memory only. Each is built from its table at its first use after a start.
 * It maps a key to the roots of the version chains with it. An entry goes as soon as a search finds
 * that nobody can see a version behind it, at the latest before VACUUM makes its line pointer
 * unused. Thread-safe.
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

  /** The rows with this key that the snapshot sees. */
  public List<HeapRow> find(Table table, Key key, Snapshot snapshot, Transaction own) {
    KeyIndex index = index(table);
    List<HeapRow> rows = new ArrayList<>(1);
    for (Tid root : roots(index, table, key)) {
      Heap.Fetched fetched = heap.fetch(table.locator(), table.types(), root, snapshot, own);
      fetched.row().filter(row -> keyOf(table, row.values()).equals(key)).ifPresent(rows::add);
      if (fetched.allDead()) {
        removeIfDead(index, table, key, root);
      }
    }
    return rows;
  }

  private List<Tid> roots(KeyIndex index, Table table, Key key) {
    index.lock.lock();
    try {
      build(index, table);
      return List.copyOf(index.tids.getOrDefault(key, List.of()));
    } finally {
      index.lock.unlock();
    }
  }

  /** Asks again: meanwhile another row may have taken the line pointer. */
  private void removeIfDead(KeyIndex index, Table table, Key key, Tid root) {
    index.lock.lock();
    try {
      List<Tid> there = index.tids.get(key);
      if (there != null && heap.isDead(table.locator(), root)) {
        there.remove(root);
        if (there.isEmpty()) {
          index.tids.remove(key);
        }
      }
    } finally {
      index.lock.unlock();
    }
  }

  /**
   * Removes the entries for these line pointers, which are dead and about to become unused
   * (btbulkdelete); returns their number.
   */
  public int removeDead(Table table, Set<Tid> dead) {
    KeyIndex index = index(table);
    int removed = 0;
    index.lock.lock();
    try {
      for (var entries = index.tids.values().iterator(); entries.hasNext(); ) {
        List<Tid> there = entries.next();
        int before = there.size();
        there.removeIf(dead::contains);
        removed += before - there.size();
        if (there.isEmpty()) {
          entries.remove();
        }
      }
    } finally {
      index.lock.unlock();
    }
    return removed;
  }

  /**
   * Adds a new version that is the root of its chain. Waits for transactions that may still delete
   * another version with the same key.
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
        wait = obstacle(index, table, key, tid, own);
        if (!wait.isValid()) {
          List<Tid> there = index.tids.computeIfAbsent(key, k -> new ArrayList<>(1));
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

  /** The transaction to wait for, or an invalid id. */
  private Xid obstacle(KeyIndex index, Table table, Key key, Tid tid, Transaction own) {
    List<Tid> there = index.tids.getOrDefault(key, List.of());
    for (var roots = there.iterator(); roots.hasNext(); ) {
      switch (heap.conflictsBehind(table.locator(), roots.next(), tid, own)) {
        case Heap.Conflict.Dead _ -> roots.remove();
        case Heap.Conflict.None _ -> {
          // it is no longer the row of this key
        }
        case Heap.Conflict.Exists _ -> throw duplicate(table, key);
        case Heap.Conflict.Waits(Xid xid) -> {
          return xid;
        }
      }
    }
    return Xid.INVALID;
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
      heap.scanRoots(
          table.locator(),
          table.types(),
          (root, row) -> {
            List<Tid> there =
                index.tids.computeIfAbsent(keyOf(table, row.values()), key -> new ArrayList<>(1));
            if (!there.contains(root)) {
              there.add(root);
            }
          });
      index.built = true;
    }
  }
}
