package phaistos.server.catalog;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.server.heap.Heap;
import phaistos.server.types.Datum;

/**
 * Next values of serial columns, in memory only. After a start the next value is one more than the
 * greatest in the table, dead rows included as far as VACUUM has left them. Thread-safe.
 */
public final class Sequences {
  private final Heap heap;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, Map<Integer, Long>> next = new TreeMap<>();

  public Sequences(Heap heap) {
    this.heap = heap;
  }

  /** Drops all values: recovery may have changed the tables. */
  public void clear() {
    lock.lock();
    try {
      next.clear();
    } finally {
      lock.unlock();
    }
  }

  /** The next number for a column of a table. */
  public long next(Table table, int column) {
    lock.lock();
    try {
      Map<Integer, Long> ofTable = next.computeIfAbsent(table.oid(), oid -> new TreeMap<>());
      long value = ofTable.computeIfAbsent(column, c -> greatest(table, c) + 1);
      ofTable.put(column, value + 1);
      return value;
    } finally {
      lock.unlock();
    }
  }

  private long greatest(Table table, int column) {
    long[] greatest = new long[1];
    heap.scanAll(
        table.locator(),
        table.types(),
        row -> {
          if (row.values().get(column) instanceof Datum.Int number) {
            greatest[0] = Math.max(greatest[0], number.value());
          }
        });
    return greatest[0];
  }
}
