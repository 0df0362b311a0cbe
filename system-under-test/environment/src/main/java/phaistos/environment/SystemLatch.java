package phaistos.environment;

import java.util.concurrent.locks.LockSupport;

/** A flag, and the thread that waits for it. */
final class SystemLatch implements Latch {
  private volatile boolean set;
  private volatile Thread waiter;

  @Override
  public void set() {
    if (set) {
      return;
    }
    set = true;
    Thread sleeping = waiter;
    if (sleeping != null) {
      LockSupport.unpark(sleeping);
    }
  }

  @Override
  public void reset() {
    set = false;
  }

  @Override
  public void await() {
    waiter = Thread.currentThread();
    while (!set) {
      LockSupport.park(this);
      Interrupts.refuse();
    }
    waiter = null;
  }

  @Override
  public boolean await(long limitNanos) {
    if (set) {
      return true;
    }
    long start = System.nanoTime();
    waiter = Thread.currentThread();
    while (!set) {
      long left = limitNanos - (System.nanoTime() - start);
      if (left <= 0) {
        break;
      }
      LockSupport.parkNanos(this, left);
      Interrupts.refuse();
    }
    waiter = null;
    return set;
  }
}
