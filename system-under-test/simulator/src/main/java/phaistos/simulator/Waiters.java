package phaistos.simulator;

import java.util.ArrayList;
import java.util.List;

/**
 * Tasks that wait for something to change. A waiter looks again after each wake-up: being woken
 * means that it may have changed. Used on the carrier only.
 */
final class Waiters {
  private final Scheduler scheduler;
  private final List<SimulatedTask> waiting = new ArrayList<>(1);

  Waiters(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** Waits until woken or until the deadline on the simulation's clock, Long.MAX_VALUE for none. */
  void await(long deadlineNanos) {
    SimulatedTask task = scheduler.current();
    waiting.add(task);
    scheduler.park(task, deadlineNanos);
    waiting.remove(task);
  }

  void wakeAll() {
    if (waiting.isEmpty()) {
      return;
    }
    for (SimulatedTask task : waiting) {
      scheduler.wake(task);
    }
    waiting.clear();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }
}
