package phaistos.server.catalog;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import phaistos.formats.RelationLocator;
import phaistos.formats.Xid;
import phaistos.server.heap.Heap;
import phaistos.server.heap.TableVacuum;
import phaistos.server.heap.Tid;
import phaistos.server.settings.Settings;
import phaistos.server.xact.Proc;
import phaistos.server.xact.ProcArray;
import phaistos.server.xact.Transaction;

/**
 * VACUUM of tables and of the database (vacuum.c): removes dead versions, freezes old ids, and
 * forgets what the commit log need not know any more. Thread-safe; a table is vacuumed by one at a
 * time.
 */
public final class Vacuum {
  private final Catalog catalog;
  private final Heap heap;
  private final KeyIndexes indexes;
  private final ProcArray procArray;
  private final Consumer<String> warn;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition free = lock.newCondition();
  private final Set<Integer> running = new TreeSet<>();

  /**
   * How to vacuum.
   *
   * @param freeze freezes all that every snapshot sees
   * @param indexCleanup removes index entries even for few dead line pointers
   * @param truncate cuts empty pages off the end
   */
  public record Options(boolean freeze, boolean indexCleanup, boolean truncate) {
    public static final Options DEFAULT = new Options(false, false, true);
  }

  /** Called after each page of a table; may wait or throw. */
  public interface Pace {
    void page(boolean changed);
  }

  /**
   * @param warn for messages of level WARNING
   */
  public Vacuum(
      Catalog catalog, Heap heap, KeyIndexes indexes, ProcArray procArray, Consumer<String> warn) {
    this.catalog = catalog;
    this.heap = heap;
    this.indexes = indexes;
    this.procArray = procArray;
    this.warn = warn;
  }

  /**
   * Vacuums a table. The transaction holds no snapshot then, so that it removes all that it may.
   */
  public TableVacuum.Done table(
      Table table, Options options, Settings settings, Transaction own, Pace pace) {
    boolean indexed = !table.indexes().isEmpty();
    TableVacuum.Owner owner = owner(pace, dead -> indexes.removeDead(table, dead));
    return relation(table.oid(), table.locator(), indexed, options, settings, own, owner);
  }

  /** Vacuums the catalog itself. */
  public TableVacuum.Done catalog(Options options, Settings settings, Transaction own, Pace pace) {
    RelationLocator locator = Catalog.LOCATOR;
    TableVacuum.Owner owner = owner(pace, _ -> {});
    return relation(locator.relation(), locator, false, options, settings, own, owner);
  }

  private static TableVacuum.Owner owner(Pace pace, Consumer<Set<Tid>> removeEntries) {
    return new TableVacuum.Owner() {
      @Override
      public void removeEntries(Set<Tid> dead) {
        removeEntries.accept(dead);
      }

      @Override
      public void page(boolean changed) {
        pace.page(changed);
      }
    };
  }

  private TableVacuum.Done relation(
      int oid,
      RelationLocator locator,
      boolean indexed,
      Options options,
      Settings settings,
      Transaction own,
      TableVacuum.Owner owner) {
    begin(oid, own.proc());
    try {
      procArray.held().release(own.proc());
      Xid oldest = procArray.oldestXmin();
      TableVacuum.Task task =
          new TableVacuum.Task(
              locator,
              oldest,
              freezeLimit(oldest, options, settings),
              indexed,
              options.indexCleanup(),
              options.truncate());
      TableVacuum.Done done = heap.vacuum(task, owner);
      RelationStats before = catalog.stats(oid, own);
      Xid frozen =
          before.frozenXid().precedes(done.frozenXid()) ? done.frozenXid() : before.frozenXid();
      RelationStats after = new RelationStats(frozen, done.pages(), done.live());
      if (!after.equals(before)) {
        catalog.stats(oid, after, own);
      }
      return done;
    } finally {
      procArray.held().release(own.proc());
      end(oid);
    }
  }

  /** vacuum_set_xid_limits. */
  private Xid freezeLimit(Xid oldest, Options options, Settings settings) {
    long maxAge = settings.number("autovacuum_freeze_max_age");
    long minAge = Math.min(settings.number("vacuum_freeze_min_age"), maxAge / 2);
    Xid limit = back(oldest, options.freeze() ? 0 : minAge);
    Xid safe = back(procArray.next().xid(), maxAge);
    if (limit.precedes(safe)) {
      warn.accept("oldest xmin is far in the past");
    }
    return limit;
  }

  /** The id that many ids before, modulo 2^32. */
  private static Xid back(Xid from, long ids) {
    Xid xid = new Xid((int) (from.value() - ids));
    return xid.isNormal() ? xid : Xid.FIRST_NORMAL;
  }

  /**
   * Moves the database's oldest id to that of its relations, and truncates the commit log
   * (vac_update_datfrozenxid, vac_truncate_clog).
   */
  public void database(Transaction own) {
    begin(Catalog.DATABASE, own.proc());
    try {
      procArray.held().release(own.proc());
      Xid oldest = catalog.oldestFrozenXid(procArray.oldestXmin(), own);
      RelationStats before = catalog.stats(Catalog.DATABASE, own);
      if (before.frozenXid().precedes(oldest)) {
        catalog.stats(
            Catalog.DATABASE, new RelationStats(oldest, before.pages(), before.tuples()), own);
      }
      procArray.limits().vacuumed(oldest, Catalog.DATABASE);
    } finally {
      procArray.held().release(own.proc());
      end(Catalog.DATABASE);
    }
  }

  private void begin(int oid, Proc proc) {
    lock.lock();
    try {
      while (!running.add(oid)) {
        proc.checkInterrupts();
        free.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void end(int oid) {
    lock.lock();
    try {
      running.remove(oid);
      free.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
