package phaistos.server.state;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether the server recovers, serves or stops. No other flag says so. The startup process makes
 * all transitions:
 *
 * <pre>
 * STARTING         -> CRASH_RECOVERY    the last stop was not clean, or was another server's
 * STARTING         -> ARCHIVE_RECOVERY  a standby that was one before, or was shut down cleanly
 * STARTING         -> END_OF_RECOVERY   a primary after a clean shutdown: there is nothing to replay
 * CRASH_RECOVERY   -> ARCHIVE_RECOVERY  a standby has replayed the WAL that it had written as a primary
 * ARCHIVE_RECOVERY -> HOT_STANDBY       the files are consistent, snapshots can be taken
 * CRASH_RECOVERY, ARCHIVE_RECOVERY, HOT_STANDBY
 *                  -> END_OF_RECOVERY   the WAL has ended, or the standby is promoted
 * END_OF_RECOVERY  -> RUNNING           the control file says IN_PRODUCTION
 * </pre>
 *
 * <p>A stop may come in any phase and does not change it. Thread-safe.
 */
public final class ServerState {
  /** From the start to normal running; a server never goes back. */
  public enum Phase {
    /** Nothing has been replayed yet. */
    STARTING,
    /** Replays the WAL that this server wrote before its crash; no reads. */
    CRASH_RECOVERY,
    /** A standby that is not yet consistent. */
    ARCHIVE_RECOVERY,
    /** A standby that replays and is open for queries. */
    HOT_STANDBY,
    /** WAL may be written, but no transaction gets an id yet. */
    END_OF_RECOVERY,
    RUNNING
  }

  /** How far a stop has come. */
  public enum Stop {
    NONE,
    REQUESTED,
    /** Nothing may write WAL any more. */
    DONE
  }

  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.STARTING);
  private final AtomicReference<Stop> stop = new AtomicReference<>(Stop.NONE);

  public Phase phase() {
    return phase.get();
  }

  public Stop stop() {
    return stop.get();
  }

  /** Moves to {@code next}; does nothing if the server is in that phase or a later one. */
  public void enter(Phase next) {
    phase.updateAndGet(now -> next.compareTo(now) < 0 ? now : next);
  }

  public void stopping(Stop next) {
    stop.updateAndGet(now -> next.compareTo(now) < 0 ? now : next);
  }

  /** Whether WAL is replayed, not written. */
  public boolean isInRecovery() {
    return phase.get().compareTo(Phase.END_OF_RECOVERY) < 0;
  }

  /**
   * Whether transactions get ids. Until then sessions are in recovery (RecoveryInProgress), also at
   * the end of a promotion, when the server itself writes WAL already.
   */
  public boolean isRunning() {
    return phase.get() == Phase.RUNNING;
  }

  public boolean mayWriteWal() {
    return !isInRecovery() && stop.get() != Stop.DONE;
  }

  /** Whether queries are accepted. */
  public boolean isOpen() {
    Phase now = phase.get();
    return stop.get() == Stop.NONE && (now == Phase.HOT_STANDBY || now == Phase.RUNNING);
  }
}
