package phaistos.cluster.fuse;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** What is wrong with a disk while it works. Thread-safe. */
final class Faults {
  /** What a sync does. */
  enum Sync {
    WORKS,
    /** It says that all is durable, and nothing is. */
    LIES,
    FAILS,
    /** The power goes while it is under way. */
    ENDS_IN_THE_DARK
  }

  private static final long DARKNESS_SEEN_NANOS = 5_000_000L;

  private volatile Sync sync = Sync.WORKS;
  private volatile boolean isDark;
  private volatile long slowNanos;
  private volatile long capacityBytes = Long.MAX_VALUE;
  private final AtomicLong usedBytes = new AtomicLong();
  private final AtomicLong syncsFailed = new AtomicLong();
  private final AtomicLong syncsThatLied = new AtomicLong();
  private final AtomicLong writesRefused = new AtomicLong();
  private final AtomicLong slowedNanos = new AtomicLong();
  private final AtomicLong flippedBitsRead = new AtomicLong();

  /** The power goes, or comes back: whatever is slow ends, and no sync does anything. */
  void setDark(boolean dark) {
    isDark = dark;
  }

  void setSync(Sync kind) {
    sync = kind;
  }

  /** Waits as long as a sync takes, and says what becomes of it. */
  Sync sync() {
    slow();
    if (isDark) {
      return Sync.ENDS_IN_THE_DARK;
    }
    if (sync == Sync.FAILS) {
      syncsFailed.incrementAndGet();
    }
    return sync;
  }

  /** A sync lied, and had something to make durable or not. */
  void lied(boolean hadSomething) {
    if (hadSomething) {
      syncsThatLied.incrementAndGet();
    }
  }

  long syncsThatLied() {
    return syncsThatLied.get();
  }

  void slowDown(long nanos) {
    slowNanos = nanos;
  }

  void slow() {
    long nanos = slowNanos;
    if (nanos > 0) {
      long end = System.nanoTime() + nanos;
      for (long left = nanos; left > 0 && !isDark; left = end - System.nanoTime()) {
        LockSupport.parkNanos(Math.min(left, DARKNESS_SEEN_NANOS));
      }
      slowedNanos.addAndGet(nanos);
    }
  }

  /** Room for so many bytes more; a negative number takes the bound away. */
  void limitSpace(long bytes) {
    capacityBytes = bytes < 0 ? Long.MAX_VALUE : usedBytes.get() + bytes;
  }

  /** Takes room for a file that grows, or gives it back. */
  void grow(long bytes) {
    if (bytes > 0 && usedBytes.get() + bytes > capacityBytes) {
      writesRefused.incrementAndGet();
      throw Errno.NO_SPACE.error();
    }
    usedBytes.addAndGet(bytes);
  }

  void used(long bytes) {
    usedBytes.set(bytes);
  }

  long usedBytes() {
    return usedBytes.get();
  }

  long freeBytes() {
    return capacityBytes == Long.MAX_VALUE
        ? 1L << 40
        : Math.max(0, capacityBytes - usedBytes.get());
  }

  long syncsFailed() {
    return syncsFailed.get();
  }

  long writesRefused() {
    return writesRefused.get();
  }

  void flippedBitsRead(int count) {
    if (count > 0) {
      flippedBitsRead.addAndGet(count);
    }
  }

  long flippedBitsRead() {
    return flippedBitsRead.get();
  }

  long slowedNanos() {
    return slowedNanos.get();
  }
}
