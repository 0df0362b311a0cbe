package phaistos.server.wal;

import java.util.concurrent.atomic.AtomicLong;
import phaistos.formats.Lsn;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.Steps;

/**
 * The WAL writer's work (XLogBackgroundFlush): it makes asynchronous commits durable after at most
 * three of its rounds, and flushes whole pages ahead of the commits that need them. Thread-safe;
 * one task calls {@link #round}.
 */
public final class BackgroundFlush {
  private static final int PAGE = 8192;

  private final Wal wal;
  private final Steps steps;
  private final AtomicLong asyncCommit = new AtomicLong();
  private volatile Runnable writer = () -> {};
  private volatile boolean sleeping;
  private long lastSync;

  BackgroundFlush(Wal wal, Steps steps) {
    this.wal = wal;
    this.steps = steps;
  }

  /** How to wake the WAL writer, from any task. */
  public void wakeBy(Runnable wake) {
    writer = wake;
  }

  /** The WAL writer is about to sleep; a session's flush may wake it to make the next one. */
  public void offerFlush() {
    wal.group().offer(writer);
  }

  /** Flushes for the sessions that came during the last flush, until there are none. */
  public void flushForWaiters() {
    wal.flushForWaiters();
  }

  /** Whether the WAL writer sleeps so long that an asynchronous commit must wake it. */
  public void sleeps(boolean sleeps) {
    sleeping = sleeps;
  }

  /**
   * Notes an asynchronous commit, and wakes the WAL writer if it sleeps long or if a whole page can
   * be written (XLogSetAsyncXactLSN).
   */
  public void asyncCommitted(Lsn lsn) {
    asyncCommit.accumulateAndGet(
        lsn.value(), (one, other) -> Long.compareUnsigned(one, other) < 0 ? other : one);
    long page = lsn.value() & -(long) PAGE;
    if (sleeping || Long.compareUnsigned(page, wal.flushedLsn().value()) > 0) {
      writer.run();
    }
  }

  /**
   * One round: whole pages, and if there are none asynchronous commits. They are written; they are
   * made durable too if the last time is {@code delayNanos} ago or {@code flushAfter} pages wait.
   *
   * @param flushAfter 0 to make them durable in every round
   * @return whether there was anything to do
   */
  public boolean round(long now, long delayNanos, long flushAfter) {
    long flushed = wal.flushedLsn().value();
    long target = wal.insertedLsn().value() & -(long) PAGE;
    if (Long.compareUnsigned(target, flushed) <= 0) {
      target = asyncCommit.get();
    }
    if (Long.compareUnsigned(target, flushed) <= 0) {
      return false;
    }
    Lsn upTo = new Lsn(target);
    boolean sync =
        flushAfter == 0
            || lastSync == 0
            || now - lastSync >= delayNanos
            || target / PAGE - flushed / PAGE >= flushAfter;
    if (sync) {
      lastSync = now;
      steps.step(CommitSteps.WAL_BACKGROUND_FLUSH, upTo, () -> wal.flush(upTo));
    } else if (upTo.compareTo(wal.writtenLsn()) > 0) {
      steps.step(CommitSteps.WAL_BACKGROUND_FLUSH, upTo, wal::writeWithoutSync);
    }
    return true;
  }
}
