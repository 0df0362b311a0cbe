package phaistos.server.backends;

import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import phaistos.environment.Clock;
import phaistos.environment.Latch;
import phaistos.environment.Tasks;

/**
 * Calls that are due at a time (timeout.c). One task makes them, so they must not block. A call may
 * still come while it is cancelled; it checks whether it is wanted. Thread-safe.
 */
public final class Timeouts {
  private record Due(long atNanos, long number) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  /** A call that is due later. */
  public final class Timer {
    private final Due due;

    private Timer(Due due) {
      this.due = due;
    }

    public void cancel() {
      lock.lock();
      try {
        calls.remove(due);
      } finally {
        lock.unlock();
      }
    }
  }

  private final Clock clock;
  private final Latch latch;
  private final ReentrantLock lock = new ReentrantLock();
  private final TreeMap<Due, Runnable> calls = new TreeMap<>();
  private long numbers;
  private volatile boolean stopping;

  public Timeouts(Tasks tasks, Clock clock) {
    this.clock = clock;
    this.latch = tasks.newLatch();
  }

  public Timer after(long nanos, Runnable call) {
    boolean first;
    Due due;
    lock.lock();
    try {
      due = new Due(clock.monotonicNanos() + nanos, numbers++);
      calls.put(due, call);
      first = calls.firstKey() == due;
    } finally {
      lock.unlock();
    }
    if (first) {
      latch.set();
    }
    return new Timer(due);
  }

  /** The task: until {@link #stop}. */
  public void run() {
    while (!stopping) {
      latch.reset();
      if (stopping) {
        return;
      }
      long wait = callDue();
      if (wait == Long.MAX_VALUE) {
        latch.await();
      } else {
        latch.await(wait);
      }
    }
  }

  public void stop() {
    stopping = true;
    latch.set();
  }

  /** Makes the calls that are due; answers the nanoseconds to the next one. */
  private long callDue() {
    while (true) {
      Runnable call;
      lock.lock();
      try {
        if (calls.isEmpty()) {
          return Long.MAX_VALUE;
        }
        long left = calls.firstKey().atNanos - clock.monotonicNanos();
        if (left > 0) {
          return left;
        }
        call = calls.pollFirstEntry().getValue();
      } finally {
        lock.unlock();
      }
      call.run();
    }
  }
}
