package phaistos.server.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;
import phaistos.server.heap.Conflict;
import phaistos.server.heap.Fetched;
import phaistos.server.heap.Heap;
import phaistos.server.heap.HeapRow;
import phaistos.server.heap.Tid;
import phaistos.server.types.Datum;
import phaistos.server.types.Order;
import phaistos.server.types.TypeText;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.Snapshot;
import phaistos.server.xact.Transaction;

/**
 * Indexes, in memory only. Each is built from its table at its first use after a start. It maps a
 * key to the roots of the version chains with it. An entry goes as soon as a search finds that
 * nobody can see a version behind it, at the latest before VACUUM makes its line pointer unused.
 * Thread-safe.
 */
public final class KeyIndexes {
  private static final Tid NOWHERE = new Tid(0, 0);

  private final Heap heap;
  private final ProcArray procArray;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Place, KeyIndex> byPlace = new TreeMap<>();

  /** An index of a table's file: a truncated table has another file. */
  private record Place(int file, int index) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byFile = Integer.compare(file, other.file);
      return byFile != 0 ? byFile : Integer.compare(index, other.index);
    }
  }

  /** The values of a key's columns, in the form in which equal ones are equal objects. */
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

  public static Key keyOf(Table table, Table.Index index, List<Datum> row) {
    List<Datum> values = new ArrayList<>(index.columns().size());
    for (int at : index.columns()) {
      values.add(Order.key(row.get(at), table.columns().get(at).type()));
    }
    return new Key(values);
  }

  /** Drops all indexes: recovery may have changed the tables. */
  public void clear() {
    lock.lock();
    try {
      byPlace.clear();
    } finally {
      lock.unlock();
    }
  }

  /** The rows with this key that the snapshot sees. */
  public List<HeapRow> find(
      Table table, Table.Index of, Key key, Snapshot snapshot, Transaction own) {
    KeyIndex index = index(table, of);
    List<HeapRow> rows = new ArrayList<>(1);
    for (Tid root : roots(index, table, of, key)) {
      Fetched fetched = heap.fetch(table.locator(), table.types(), root, snapshot, own);
      fetched.row().filter(row -> keyOf(table, of, row.values()).equals(key)).ifPresent(rows::add);
      if (fetched.allDead()) {
        removeIfDead(index, table, key, root);
      }
    }
    return rows;
  }

  private List<Tid> roots(KeyIndex index, Table table, Table.Index of, Key key) {
    index.lock.lock();
    try {
      build(index, table, of);
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
    int removed = 0;
    for (Table.Index of : table.indexes()) {
      KeyIndex index = index(table, of);
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
    for (Table.Index of : table.indexes()) {
      Key key = keyOf(table, of, row);
      // nothing is equal to NULL: such a key is never looked up and never taken
      if (key.values.stream().noneMatch(Datum::isNull)) {
        insert(table, of, key, row, tid, own);
      }
    }
  }

  private void insert(
      Table table, Table.Index of, Key key, List<Datum> row, Tid tid, Transaction own) {
    KeyIndex index = index(table, of);
    while (true) {
      Xid wait = Xid.INVALID;
      index.lock.lock();
      try {
        build(index, table, of);
        if (of.unique()) {
          Conflict conflict = obstacle(index, table, key, tid, own);
          if (conflict instanceof Conflict.Exists) {
            throw duplicate(table, of, row);
          }
          wait = conflict instanceof Conflict.Waits(Xid xid) ? xid : Xid.INVALID;
        }
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

  /** Inserts a row into the heap. */
  @FunctionalInterface
  public interface Inserter {
    Tid insert();
  }

  /**
   * Inserts a row and its entries unless one of the unique indexes {@code arbiters} has a row with
   * the same key (ExecOnConflict). Nobody can add such a row between the test and the insertion.
   *
   * @return the index with such a row; nothing if the row was inserted
   */
  public Optional<Table.Index> insertUnless(
      Table table,
      List<Table.Index> arbiters,
      List<Datum> row,
      Inserter inserter,
      Transaction own) {
    while (true) {
      Map<KeyIndex, Key> locked = new LinkedHashMap<>();
      Xid wait = Xid.INVALID;
      Optional<Tid> inserted = Optional.empty();
      try {
        for (Table.Index of : arbiters) {
          Key key = keyOf(table, of, row);
          if (key.values.stream().anyMatch(Datum::isNull)) {
            continue;
          }
          KeyIndex index = index(table, of);
          index.lock.lock();
          locked.put(index, key);
          build(index, table, of);
          switch (obstacle(index, table, key, NOWHERE, own)) {
            case Conflict.Exists _ -> {
              return Optional.of(of);
            }
            case Conflict.Waits(Xid xid) -> wait = xid;
            case Conflict.None _, Conflict.Dead _ -> {
              // free
            }
          }
          if (wait.isValid()) {
            break;
          }
        }
        if (!wait.isValid()) {
          Tid tid = inserter.insert();
          locked.forEach(
              (index, key) -> index.tids.computeIfAbsent(key, k -> new ArrayList<>(1)).add(tid));
          inserted = Optional.of(tid);
        }
      } finally {
        locked.keySet().forEach(index -> index.lock.unlock());
      }
      if (inserted.isPresent()) {
        // the other indexes, which may have to wait
        insert(table, row, inserted.get(), own);
        return Optional.empty();
      }
      procArray.awaitEnd(wait, own.proc());
    }
  }

  /** The conflict that ends the search: one that exists, one to wait for, or none. */
  private Conflict obstacle(KeyIndex index, Table table, Key key, Tid tid, Transaction own) {
    List<Tid> there = index.tids.getOrDefault(key, List.of());
    for (var roots = there.iterator(); roots.hasNext(); ) {
      Conflict conflict = heap.conflictsBehind(table.locator(), roots.next(), tid, own);
      switch (conflict) {
        case Conflict.Dead _ -> roots.remove();
        case Conflict.None _ -> {
          // it is no longer the row of this key
        }
        case Conflict.Exists _, Conflict.Waits _ -> {
          return conflict;
        }
      }
    }
    return new Conflict.None();
  }

  /**
   * Builds an index of a table that has rows.
   *
   * @throws PgError 23505 if it is unique and two of them have the same key
   */
  public void create(Table table, Table.Index of, Transaction own) {
    KeyIndex index = index(table, of);
    Snapshot latest = own.latestSnapshot();
    Set<Key> seen = new HashSet<>();
    heap.scan(
        table.locator(),
        table.types(),
        latest,
        own,
        row -> {
          Key key = keyOf(table, of, row.values());
          boolean counts = of.unique() && key.values.stream().noneMatch(Datum::isNull);
          if (counts && !seen.add(key)) {
            throw notUnique(table, of, row.values());
          }
          return true;
        });
    index.lock.lock();
    try {
      build(index, table, of);
    } finally {
      index.lock.unlock();
    }
  }

  private static PgError notUnique(Table table, Table.Index of, List<Datum> row) {
    return PgError.error(
            "23505",
            "could not create unique index \"%s\"".formatted(of.name()),
            "Key %s is duplicated.".formatted(shown(table, of, row)))
        .about(new PgError.Subject(table.name(), "", of.name()));
  }

  private static PgError duplicate(Table table, Table.Index of, List<Datum> row) {
    return PgError.error(
            "23505",
            "duplicate key value violates unique constraint \"%s\"".formatted(of.name()),
            "Key %s already exists.".formatted(shown(table, of, row)))
        .about(new PgError.Subject(table.name(), "", of.name()));
  }

  /** (a, b)=(1, 2). */
  private static String shown(Table table, Table.Index of, List<Datum> row) {
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int at : of.columns()) {
      Table.Column column = table.columns().get(at);
      names.add(column.name());
      values.add(TypeText.format(row.get(at), column.type()));
    }
    return "(%s)=(%s)".formatted(String.join(", ", names), String.join(", ", values));
  }

  private KeyIndex index(Table table, Table.Index of) {
    lock.lock();
    try {
      return byPlace.computeIfAbsent(
          new Place(table.locator().relation(), of.oid()), place -> new KeyIndex());
    } finally {
      lock.unlock();
    }
  }

  private void build(KeyIndex index, Table table, Table.Index of) {
    if (!index.built) {
      heap.scanRoots(
          table.locator(),
          table.types(),
          (root, row) -> {
            List<Tid> there =
                index.tids.computeIfAbsent(
                    keyOf(table, of, row.values()), key -> new ArrayList<>(1));
            if (!there.contains(root)) {
              there.add(root);
            }
          });
      index.built = true;
    }
  }
}
