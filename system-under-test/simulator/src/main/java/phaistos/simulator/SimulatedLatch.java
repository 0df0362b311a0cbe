package phaistos.simulator;

import phaistos.environment.Latch;

/** A flag, and the one task that waits for it. */
final class SimulatedLatch implements Latch {
  private final Scheduler scheduler;
  private final Waiters waiters;
  private boolean set;

  SimulatedLatch(Scheduler scheduler) {
    this.scheduler = scheduler;
    this.waiters = new Waiters(scheduler);
  }

  @Override
  public void set() {
    scheduler.portCall("latch.set", 0, 0);
    set = true;
    waiters.wakeAll();
  }

  @Override
  public void reset() {
    scheduler.portCall("latch.reset", 0, 0);
    set = false;
  }

  @Override
  public void await() {
    scheduler.portCall("latch.await", 0, 0);
    checkAlone();
    while (!set) {
      waiters.await(Long.MAX_VALUE);
    }
  }

  @Override
  public boolean await(long limitNanos) {
    scheduler.portCall("latch.await", limitNanos, 1);
    checkAlone();
    long deadline = scheduler.now() + Math.max(0, limitNanos);
    while (!set && scheduler.now() < deadline) {
      waiters.await(deadline);
    }
    return set;
  }

  private void checkAlone() {
    if (!waiters.isEmpty()) {
      throw new IllegalStateException("two tasks wait on one latch");
    }
  }
}
