package phaistos.server.steps;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds every task at a step until it is released, then runs the act. After the release no task
 * waits. Thread-safe.
 *
 * @param <A> what the step is about
 * @param <R> what the step answers
 */
public final class Hold<A, R> implements Action<A, R> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int held;
  private boolean released;

  @Override
  public R at(A about, Act<R, Exception> act) throws Exception {
    lock.lock();
    try {
      held++;
      changed.signalAll();
      while (!released) {
        changed.awaitUninterruptibly();
      }
      held--;
    } finally {
      lock.unlock();
    }
    return act.run();
  }

  /** Waits until a task is held. */
  public void awaitHeld() {
    lock.lock();
    try {
      while (held == 0 && !released) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  public void release() {
    lock.lock();
    try {
      released = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
