package phaistos.server.replication;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import phaistos.environment.Network.Address;
import phaistos.formats.Lsn;

/**
 * The state of one standby's connection (WalSnd). Mutable fields are guarded by the lock of {@link
 * SyncRep}.
 */
public final class WalSenderSlot {
  /** As pg_stat_replication shows it, in lower case. */
  public enum State {
    STARTUP,
    CATCHUP,
    STREAMING,
    BACKUP,
    STOPPING
  }

  final int pid;
  final String user;
  final String applicationName;
  final Address client;
  final Instant backendStart;
  final Runnable terminate;

  State state = State.STARTUP;
  Lsn sent = Lsn.INVALID;
  Lsn write = Lsn.INVALID;
  Lsn flush = Lsn.INVALID;
  Lsn apply = Lsn.INVALID;
  Optional<Instant> replyTime = Optional.empty();
  final LagTracker lag = new LagTracker();
  private boolean fullyAppliedBefore;
  OptionalLong writeLag = OptionalLong.empty();
  OptionalLong flushLag = OptionalLong.empty();
  OptionalLong applyLag = OptionalLong.empty();
  int priority;
  boolean announced;

  /**
   * @param applicationName what synchronous_standby_names is compared with
   * @param terminate ends the connection
   */
  public WalSenderSlot(
      int pid,
      String user,
      String applicationName,
      Address client,
      Instant backendStart,
      Runnable terminate) {
    this.pid = pid;
    this.user = user;
    this.applicationName = applicationName;
    this.client = client;
    this.backendStart = backendStart;
    this.terminate = terminate;
  }

  public int pid() {
    return pid;
  }

  boolean counts() {
    return (state == State.STREAMING || state == State.STOPPING) && priority > 0 && flush.isValid();
  }

  /**
   * Takes the positions of a reply (ProcessStandbyReplyMessage).
   *
   * @param now in microseconds of the clock of {@link #lag}
   */
  void reply(Lsn newWrite, Lsn newFlush, Lsn newApply, long now) {
    OptionalLong wrote = lag.wrote(newWrite, now);
    OptionalLong flushed = lag.flushed(newFlush, now);
    OptionalLong applied = lag.applied(newApply, now);
    // the second of two such replies comes only after a pause: what was measured is old by now
    boolean fullyApplied = newApply.equals(sent);
    boolean clear = fullyApplied && fullyAppliedBefore;
    fullyAppliedBefore = fullyApplied;
    writeLag = wrote.isPresent() || clear ? wrote : writeLag;
    flushLag = flushed.isPresent() || clear ? flushed : flushLag;
    applyLag = applied.isPresent() || clear ? applied : applyLag;
    write = newWrite;
    flush = newFlush;
    apply = newApply;
  }

  /**
   * A row of pg_stat_replication. Positions are invalid, and lags in microseconds empty, where the
   * view shows NULL.
   */
  public record Row(
      int pid,
      String user,
      String applicationName,
      Address client,
      Instant backendStart,
      State state,
      Lsn sent,
      Lsn write,
      Lsn flush,
      Lsn apply,
      OptionalLong writeLag,
      OptionalLong flushLag,
      OptionalLong applyLag,
      int priority,
      String syncState,
      Optional<Instant> replyTime) {}

  Row row(String syncState) {
    return new Row(
        pid,
        user,
        applicationName,
        client,
        backendStart,
        state,
        sent,
        write,
        flush,
        apply,
        writeLag,
        flushLag,
        applyLag,
        priority,
        syncState,
        replyTime);
  }
}
