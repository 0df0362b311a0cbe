package phaistos.server.backends;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import phaistos.environment.Clock;

/**
 * How often sessions and background processes have waited for what, and how long. Events have
 * PostgreSQL's types and names, with a slash between: {@code IPC/SyncRep}. Thread-safe.
 */
public final class WaitEvents {
  /** No wait. */
  public static final Wait NONE = new Wait("", 0);

  /**
   * A wait that is under way.
   *
   * @param event empty if there is none
   */
  public record Wait(String event, long beganNanos) {}

  /** What was counted of an event, or of any other thing that takes time. */
  public record Count(String event, long count, long nanos) {}

  private static final class Sum {
    final LongAdder count = new LongAdder();
    final LongAdder nanos = new LongAdder();
  }

  private final Clock clock;
  private final Map<String, Sum> sums = new ConcurrentSkipListMap<>();

  public WaitEvents(Clock clock) {
    this.clock = clock;
  }

  /** The clock's time. */
  public long monotonicNanos() {
    return clock.monotonicNanos();
  }

  public Wait begin(String event) {
    return new Wait(event, clock.monotonicNanos());
  }

  public void end(Wait wait) {
    if (wait != NONE) {
      add(wait.event, clock.monotonicNanos() - wait.beganNanos);
    }
  }

  private void add(String event, long nanos) {
    Sum sum = sums.computeIfAbsent(event, _ -> new Sum());
    sum.count.increment();
    sum.nanos.add(nanos);
  }

  /** By rising name. A wait that has not ended is not counted. */
  public List<Count> counts() {
    TreeMap<String, Count> counts = new TreeMap<>();
    sums.forEach(
        (event, sum) -> counts.put(event, new Count(event, sum.count.sum(), sum.nanos.sum())));
    return List.copyOf(counts.values());
  }
}
