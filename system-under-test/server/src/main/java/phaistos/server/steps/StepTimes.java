package phaistos.server.steps;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How often each step is taken and how long it takes, while that is wanted. A step inside another
 * counts in both. Thread-safe.
 */
public final class StepTimes {
  /** What was counted of a step. */
  public record Count(Step<?, ?> step, long count, long nanos) {}

  private static final class Sum {
    final LongAdder count = new LongAdder();
    final LongAdder nanos = new LongAdder();
  }

  private final Steps steps;
  private final LongSupplier clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Sum> sums = new ConcurrentSkipListMap<>();
  private final List<Steps.Attachment> attached = new ArrayList<>();

  /**
   * @param clock monotonic nanoseconds
   */
  public StepTimes(Steps steps, LongSupplier clock) {
    this.steps = steps;
    this.clock = clock;
  }

  /** Counts from zero; does nothing if it counts already. */
  public void start() {
    lock.lock();
    try {
      if (attached.isEmpty()) {
        sums.clear();
        for (Step<?, ?> step : Step.all()) {
          attached.add(attach(step));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private <A, R> Steps.Attachment attach(Step<A, R> step) {
    Sum sum = sums.computeIfAbsent(step.label(), _ -> new Sum());
    Action<A, R> timed =
        (_, act) -> {
          long began = clock.getAsLong();
          try {
            return act.run();
          } finally {
            sum.count.increment();
            sum.nanos.add(clock.getAsLong() - began);
          }
        };
    return steps.attach(step, timed);
  }

  public void stop() {
    lock.lock();
    try {
      attached.forEach(Steps.Attachment::detach);
      attached.clear();
    } finally {
      lock.unlock();
    }
  }

  /** The steps that were taken, by part; of the last time that was wanted. */
  public List<Count> counts() {
    List<Count> counts = new ArrayList<>();
    for (Step<?, ?> step : Step.all()) {
      Sum sum = sums.get(step.label());
      if (sum != null && sum.count.sum() > 0) {
        counts.add(new Count(step, sum.count.sum(), sum.nanos.sum()));
      }
    }
    return counts;
  }
}
