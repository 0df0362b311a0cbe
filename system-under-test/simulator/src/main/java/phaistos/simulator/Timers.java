package phaistos.simulator;

import java.util.Arrays;

/**
 * Future events, ordered by (time, sequence number). It is a binary heap in which every timer knows
 * its place, so that a cancelled timer is removed at once. Not thread-safe.
 */
final class Timers {
  /** One entry; {@code place} is its index in the heap, or -1 outside of it. */
  static final class Timer {
    private final long timeNanos;
    private final long sequence;
    private final Runnable action;
    private int place = -1;

    private Timer(long timeNanos, long sequence, Runnable action) {
      this.timeNanos = timeNanos;
      this.sequence = sequence;
      this.action = action;
    }

    private boolean before(Timer other) {
      return timeNanos < other.timeNanos
          || (timeNanos == other.timeNanos && sequence < other.sequence);
    }
  }

  private Timer[] heap = new Timer[64];
  private int size;
  private long sequence;

  boolean isEmpty() {
    return size == 0;
  }

  /** Long.MAX_VALUE if there is none. */
  long nextTimeNanos() {
    return size == 0 ? Long.MAX_VALUE : heap[0].timeNanos;
  }

  Timer add(long timeNanos, Runnable action) {
    Timer timer = new Timer(timeNanos, sequence++, action);
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    place(timer, size++);
    up(timer);
    return timer;
  }

  /** Removes a timer unless it has fired or was cancelled before. */
  void cancel(Timer timer) {
    int hole = timer.place;
    if (hole < 0) {
      return;
    }
    timer.place = -1;
    Timer last = heap[--size];
    heap[size] = null;
    if (last != timer) {
      place(last, hole);
      up(last);
      down(last);
    }
  }

  /** Takes the first timer out and runs it. */
  void fireNext() {
    Timer first = heap[0];
    cancel(first);
    first.action.run();
  }

  private void place(Timer timer, int index) {
    heap[index] = timer;
    timer.place = index;
  }

  private void up(Timer timer) {
    int index = timer.place;
    while (index > 0) {
      Timer parent = heap[(index - 1) / 2];
      if (!timer.before(parent)) {
        break;
      }
      int next = parent.place;
      place(parent, index);
      index = next;
    }
    place(timer, index);
  }

  private void down(Timer timer) {
    int index = timer.place;
    while (2 * index + 1 < size) {
      int child = 2 * index + 1;
      if (child + 1 < size && heap[child + 1].before(heap[child])) {
        child++;
      }
      if (!heap[child].before(timer)) {
        break;
      }
      place(heap[child], index);
      index = child;
    }
    place(timer, index);
  }
}
