package phaistos.server.heap;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.RelationLocator;

/**
 * How many rows were changed in each table since the start (pgstat_relation.c), in memory only.
 * Changes count when they are made, whatever becomes of their transaction. Thread-safe.
 */
public final class TableActivity {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<RelationLocator, Counters> tables = new HashMap<>();

  /** The counters of one table. */
  public static final class Counters {
    private final AtomicLong inserted = new AtomicLong();
    private final AtomicLong updated = new AtomicLong();
    private final AtomicLong hotUpdated = new AtomicLong();
    private final AtomicLong deleted = new AtomicLong();
    private final AtomicLong dead = new AtomicLong();
    private final AtomicLong insertedSinceVacuum = new AtomicLong();

    void insert(int rows) {
      inserted.addAndGet(rows);
      insertedSinceVacuum.addAndGet(rows);
    }

    void update(boolean hot) {
      updated.incrementAndGet();
      dead.incrementAndGet();
      if (hot) {
        hotUpdated.incrementAndGet();
      }
    }

    void delete() {
      deleted.incrementAndGet();
      dead.incrementAndGet();
    }

    void pruned(Pruning.Result result) {
      dead.addAndGet(result.newlyDead() - result.removed());
    }

    /** A VACUUM left this many dead versions. */
    void vacuumed(long left) {
      dead.set(left);
      insertedSinceVacuum.set(0);
    }

    public long inserted() {
      return inserted.get();
    }

    public long updated() {
      return updated.get();
    }

    public long hotUpdated() {
      return hotUpdated.get();
    }

    public long deleted() {
      return deleted.get();
    }

    /** An estimate of the dead versions in the table (n_dead_tup). */
    public long dead() {
      return Math.max(0, dead.get());
    }

    public long insertedSinceVacuum() {
      return insertedSinceVacuum.get();
    }
  }

  public Counters of(RelationLocator table) {
    lock.lock();
    try {
      return tables.computeIfAbsent(table, t -> new Counters());
    } finally {
      lock.unlock();
    }
  }
}
