package phaistos.server.xact;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;

/**
 * The lock that every transaction and subtransaction holds on its own id, for others to wait on
 * (XactLockTableInsert, lmgr.c). An aborted subtransaction gives it up at once; a released one
 * leaves it to the transaction. Thread-safe.
 */
public final class XactLocks {
  private final LockWaits waits;
  private final Map<Xid, Proc> holders = new HashMap<>();
  private final List<Proc> waiting = new ArrayList<>();

  XactLocks(LockWaits waits) {
    this.waits = waits;
  }

  void insert(Xid xid, Proc holder) {
    waits.lock.lock();
    try {
      holders.put(xid, holder);
      holder.locked.add(xid);
    } finally {
      waits.lock.unlock();
    }
  }

  /** Gives up the locks of an aborted subtransaction and wakes who waits for one. */
  void release(Proc holder, Collection<Xid> xids) {
    waits.lock.lock();
    try {
      for (Xid xid : xids) {
        holders.remove(xid);
        holder.locked.remove(xid);
        wake(xid);
      }
    } finally {
      waits.lock.unlock();
    }
  }

  /** Gives up all locks of a transaction that has ended. */
  void releaseAll(Proc holder) {
    waits.lock.lock();
    try {
      for (Xid xid : holder.locked) {
        holders.remove(xid);
        wake(xid);
      }
      holder.locked.clear();
    } finally {
      waits.lock.unlock();
    }
  }

  private void wake(Xid released) {
    for (Proc waiter : waiting) {
      if (waiter.waitingFor.equals(released)) {
        waiter.latch().set();
      }
    }
  }

  /**
   * Waits until nobody else holds the lock on this id (XactLockTableWait).
   *
   * @throws PgError 40P01 on a deadlock, 57014 if the wait is cancelled, 55P03 after lock_timeout
   */
  void await(Xid xid, Proc waiter) {
    long began = waiter.monotonicNanos();
    while (true) {
      waiter.latch().reset();
      if (!queue(xid, waiter)) {
        return;
      }
      waiter.waitEvent("Lock/transactionid");
      try {
        waiter.checkInterrupts();
        waiter.awaitLock(began);
        waiter.checkInterrupts();
      } finally {
        waiter.waitEvent("");
        leave(waiter);
      }
    }
  }

  /** Whether the waiter must wait. */
  private boolean queue(Xid xid, Proc waiter) {
    waits.lock.lock();
    try {
      Proc holder = holders.get(xid);
      if (holder == null || holder == waiter) {
        return false;
      }
      LockWaits.Wait wait =
          new LockWaits.Wait(
              "ShareLock on transaction " + xid,
              () -> holders.containsKey(xid) ? List.of(holders.get(xid)) : List.of());
      LockWaits.check(waiter, wait);
      waiter.waits = wait;
      waiter.waitingFor = xid;
      waiting.add(waiter);
      return true;
    } finally {
      waits.lock.unlock();
    }
  }

  private void leave(Proc waiter) {
    waits.lock.lock();
    try {
      waiter.waits = null;
      waiter.waitingFor = Xid.INVALID;
      waiting.remove(waiter);
    } finally {
      waits.lock.unlock();
    }
  }

  /**
   * A row of pg_locks.
   *
   * @param granted whether the session holds it, or waits for it
   */
  public record Row(Xid xid, Proc proc, boolean granted) {}

  /** All locks and requests. */
  List<Row> rows() {
    waits.lock.lock();
    try {
      List<Row> rows = new ArrayList<>();
      holders.forEach((xid, proc) -> rows.add(new Row(xid, proc, true)));
      waiting.forEach(proc -> rows.add(new Row(proc.waitingFor, proc, false)));
      rows.sort(Comparator.comparing((Row row) -> row.xid.value()).thenComparing(r -> !r.granted));
      return rows;
    } finally {
      waits.lock.unlock();
    }
  }
}
