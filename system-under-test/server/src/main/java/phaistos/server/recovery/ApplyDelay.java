package phaistos.server.recovery;

import phaistos.environment.Latch;
import phaistos.formats.Version;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.wal.WalRecord;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.state.ServerContext;

/**
 * Holds commits back on a standby until recovery_min_apply_delay has passed since the primary's
 * clock at the commit (recoveryApplyDelay). Other records are not delayed.
 */
final class ApplyDelay {
  private final ServerContext server;
  private final RecoveryProgress progress;
  private final Latch wake;

  ApplyDelay(ServerContext server, RecoveryProgress progress) {
    this.server = server;
    this.progress = progress;
    this.wake = progress.wake();
  }

  /** Waits until the record may be applied. Answers false if the server must stop first. */
  boolean await(WalRecord record) {
    if (delayMicros() == 0
        || record.rmgrId() != 1
        || !(Version.WRITTEN.records().decode(record) instanceof TransactionBody.Commit commit)) {
      return true;
    }
    while (!progress.isPromotionRequested()) {
      wake.reset();
      if (progress.isStopRequested()) {
        return false;
      }
      long left = commit.outcome().time() + delayMicros() - server.now();
      if (left <= 0 || progress.isPromotionRequested()) {
        return true;
      }
      wake.await(left * 1000);
    }
    return true;
  }

  /** Read anew each time, so that a reload takes effect. */
  private long delayMicros() {
    return server.settings().nanos("recovery_min_apply_delay") / 1000;
  }
}
