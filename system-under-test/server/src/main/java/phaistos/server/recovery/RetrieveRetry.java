package phaistos.server.recovery;

import phaistos.environment.Latch;
import phaistos.server.backends.BackgroundProcess;
import phaistos.server.state.RecoveryProgress;
import phaistos.server.state.ServerContext;

/** A standby that found no WAL waits before it looks again (WaitForWALToBecomeAvailable). */
final class RetrieveRetry {
  private RetrieveRetry() {}

  /**
   * Waits for wal_retrieve_retry_interval. Answers false if a promotion or a stop was requested
   * before.
   */
  static boolean await(ServerContext server, RecoveryProgress progress, BackgroundProcess process) {
    Latch wake = progress.wake();
    long until = server.monotonicNanos() + server.settings().nanos("wal_retrieve_retry_interval");
    while (true) {
      wake.reset();
      long left = until - server.monotonicNanos();
      if (progress.isPromotionRequested() || progress.isStopRequested()) {
        return false;
      }
      if (left <= 0) {
        return true;
      }
      process.begin("Timeout/RecoveryRetrieveRetryInterval");
      wake.await(left);
      process.end();
    }
  }
}
