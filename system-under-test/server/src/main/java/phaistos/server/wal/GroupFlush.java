package phaistos.server.wal;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Latch;
import phaistos.environment.Tasks;
import phaistos.server.errors.CriticalSections;

/**
 * Which task writes WAL now, and who waits for it (group commit). One task at a time has the right
 * to write. Whoever comes meanwhile waits; the end of the write wakes only those whose WAL is
 * durable by then. The first of the others makes the next flush. If many wait, the WAL writer makes
 * it at once, so that the disk does not idle until one of them runs; if few do, more join in that
 * time. Thread-safe.
 */
final class GroupFlush {
  /** So many wait behind a flush that the WAL writer makes the next one. Found by measurement. */
  private static final int MANY = 8;

  private static final class Waiter {
    final long lsn;
    final boolean delays;
    final Latch latch;
    volatile boolean woken;
    volatile boolean writes;

    Waiter(long lsn, boolean delays, Latch latch) {
      this.lsn = lsn;
      this.delays = delays;
      this.latch = latch;
    }
  }

  private final Tasks tasks;
  private final CriticalSections critical;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Waiter> waiters = new ArrayList<>();
  private boolean writing;
  private boolean handed;
  private Runnable writer;

  GroupFlush(Tasks tasks, CriticalSections critical) {
    this.tasks = tasks;
    this.critical = critical;
  }

  /** Takes the right to write, unless another task has it. */
  boolean begin() {
    lock.lock();
    try {
      critical.check();
      if (writing) {
        return false;
      }
      writing = true;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the right to write, or waits until WAL up to {@code lsn} is durable.
   *
   * @param delays whether this task's flush would begin later, for others to join (commit_delay);
   *     the WAL writer does not make it
   * @return whether this task has the right
   */
  boolean beginOrAwait(long lsn, boolean delays) {
    Waiter waiter;
    lock.lock();
    try {
      critical.check();
      if (!writing) {
        writing = true;
        return true;
      }
      waiter = new Waiter(lsn, delays, tasks.newLatch());
      waiters.add(waiter);
    } finally {
      lock.unlock();
    }
    while (!waiter.woken) {
      waiter.latch.await();
      waiter.latch.reset();
    }
    return waiter.writes;
  }

  /**
   * Gives the right back, or on to the task that writes for those who still wait.
   *
   * @param durable up to where; -1 (unsigned) wakes all
   */
  void end(long durable) {
    List<Waiter> woken = new ArrayList<>();
    Runnable hand = null;
    lock.lock();
    try {
      Iterator<Waiter> all = waiters.iterator();
      while (all.hasNext()) {
        Waiter waiter = all.next();
        if (Long.compareUnsigned(waiter.lsn, durable) <= 0) {
          all.remove();
          woken.add(waiter);
        }
      }
      writing = !waiters.isEmpty();
      if (waiters.size() >= MANY && writer != null && !waiters.getFirst().delays) {
        handed = true;
        hand = writer;
      } else if (writing) {
        Waiter next = waiters.removeFirst();
        next.writes = true;
        woken.add(next);
      }
    } finally {
      lock.unlock();
    }
    if (hand != null) {
      hand.run();
    }
    for (Waiter waiter : woken) {
      waiter.woken = true;
      waiter.latch.set();
    }
  }

  /** The WAL writer is about to sleep, and writes for others if it is woken so. */
  void offer(Runnable wake) {
    lock.lock();
    try {
      writer = wake;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the WAL writer has been given the right to write. If not, its offer ends. */
  boolean take() {
    lock.lock();
    try {
      boolean taken = handed;
      handed = false;
      if (!taken) {
        writer = null;
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }
}
