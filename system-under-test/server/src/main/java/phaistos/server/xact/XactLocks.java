package phaistos.server.xact;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.formats.Xid;
import phaistos.server.errors.PgError;

/**
 * The lock that every transaction and subtransaction holds on its own id, for others to wait on
 * (XactLockTableInsert, lmgr.c). An aborted subtransaction gives it up at once; a released one
 * leaves it to the transaction. Thread-safe: one lock.
 */
final class XactLocks {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Xid, Proc> holders = new HashMap<>();
  private final List<Proc> waiting = new ArrayList<>();

  void insert(Xid xid, Proc holder) {
    lock.lock();
    try {
      holders.put(xid, holder);
      holder.locked.add(xid);
    } finally {
      lock.unlock();
    }
  }

  /** Gives up the locks of an aborted subtransaction and wakes who waits for one. */
  void release(Proc holder, Collection<Xid> xids) {
    lock.lock();
    try {
      for (Xid xid : xids) {
        holders.remove(xid);
        holder.locked.remove(xid);
        wake(xid);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives up all locks of a transaction that has ended. */
  void releaseAll(Proc holder) {
    lock.lock();
    try {
      for (Xid xid : holder.locked) {
        holders.remove(xid);
        wake(xid);
      }
      holder.locked.clear();
    } finally {
      lock.unlock();
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
    lock.lock();
    try {
      Proc holder = holders.get(xid);
      if (holder == null || holder == waiter) {
        return false;
      }
      checkDeadlock(xid, holder, waiter);
      waiter.waitingFor = xid;
      waiting.add(waiter);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void leave(Proc waiter) {
    lock.lock();
    try {
      waiter.waitingFor = Xid.INVALID;
      waiting.remove(waiter);
    } finally {
      lock.unlock();
    }
  }

  private void checkDeadlock(Xid wanted, Proc firstHolder, Proc waiter) {
    Proc holder = firstHolder;
    for (int steps = 0; holder != null && steps <= waiting.size(); steps++) {
      if (holder == waiter) {
        throw PgError.error(
            "40P01",
            "deadlock detected",
            "Process %d waits for ShareLock on transaction %s; blocked by process %d."
                .formatted(waiter.pid(), wanted, firstHolder.pid()));
      }
      holder = holder.waitingFor.isValid() ? holders.get(holder.waitingFor) : null;
    }
  }
}
