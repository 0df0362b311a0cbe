package phaistos.server.state;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.environment.Latch;
import phaistos.environment.Tasks;
import phaistos.formats.Lsn;

/** The replay position, and requests to the startup process. Thread-safe. */
public final class RecoveryProgress {
  private final Latch wake;
  private final AtomicReference<Lsn> replayed = new AtomicReference<>(Lsn.INVALID);
  private final AtomicReference<Lsn> received = new AtomicReference<>(Lsn.INVALID);
  private volatile int timeline;
  private volatile long lastCommitTime;
  private final AtomicBoolean promoteRequested = new AtomicBoolean();
  private final AtomicBoolean stopRequested = new AtomicBoolean();

  public RecoveryProgress(Tasks tasks) {
    wake = tasks.newLatch();
  }

  /** The startup process waits on this one. */
  public Latch wake() {
    return wake;
  }

  /** The end of the last record that was replayed, or invalid. */
  public Lsn replayed() {
    return replayed.get();
  }

  public void replayed(Lsn end, int ofTimeline) {
    timeline = ofTimeline;
    replayed.set(end);
  }

  /** How far WAL was received and flushed, or invalid. */
  public Lsn received() {
    return received.get();
  }

  public void received(Lsn end) {
    received.set(end);
  }

  /** The timeline of the last record that was replayed. */
  public int timeline() {
    return timeline;
  }

  /** Microseconds since 2000 of the last commit that was replayed, or 0. */
  public long lastCommitTime() {
    return lastCommitTime;
  }

  public void lastCommitTime(long micros) {
    lastCommitTime = micros;
  }

  public void requestPromotion() {
    promoteRequested.set(true);
    wake.set();
  }

  public boolean isPromotionRequested() {
    return promoteRequested.get();
  }

  public void requestStop() {
    stopRequested.set(true);
    wake.set();
  }

  public boolean isStopRequested() {
    return stopRequested.get();
  }
}
