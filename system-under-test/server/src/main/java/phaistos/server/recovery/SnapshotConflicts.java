package phaistos.server.recovery;

import java.util.List;
import phaistos.formats.Xid;
import phaistos.server.backends.Backends;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;
import phaistos.server.xact.HeldSnapshots;
import phaistos.server.xact.Proc;

/**
 * Conflicts of replay with queries on a standby (ResolveRecoveryConflictWithSnapshot): before row
 * versions are removed that a snapshot may still see, replay waits until the WAL is
 * max_standby_streaming_delay old, then cancels the query. Used by the startup process only.
 */
public final class SnapshotConflicts {
  private static final long POLL_NANOS = 5_000_000;

  private final ServerContext server;
  private final HeldSnapshots held;
  private final Backends backends;
  private final RecoveryProgress progress;
  private long receivedAt;

  public SnapshotConflicts(
      ServerContext server, HeldSnapshots held, Backends backends, RecoveryProgress progress) {
    this.server = server;
    this.held = held;
    this.backends = backends;
    this.progress = progress;
  }

  /** Replay has caught up and goes on with WAL that has just arrived. */
  void received() {
    receivedAt = server.monotonicNanos();
  }

  /** Returns once no snapshot sees what transactions up to this one have ended. */
  void resolve(Xid latestRemoved) {
    if (!latestRemoved.isValid() || server.state().phase() != ServerState.Phase.HOT_STANDBY) {
      return;
    }
    List<Proc> holding = held.upTo(latestRemoved);
    while (!holding.isEmpty()) {
      if (isTooLate()) {
        holding.forEach(proc -> backends.conflict(proc.pid()));
      }
      server.tasks().sleep(POLL_NANOS);
      holding = held.upTo(latestRemoved);
    }
  }

  private boolean isTooLate() {
    long delay = server.settings().nanos("max_standby_streaming_delay");
    return progress.isStopRequested()
        || progress.isPromotionRequested()
        || delay >= 0 && server.monotonicNanos() - receivedAt >= delay;
  }
}
