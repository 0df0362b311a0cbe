package phaistos.nemesis;

import java.util.function.BooleanSupplier;
import phaistos.cluster.Cluster;

/** Waits a while for what a server does by itself. */
final class Soon {
  private static final long POLL_NANOS = 100_000_000L;

  private Soon() {}

  /** Whether a condition comes true within so many nanoseconds; it is asked at least once. */
  static boolean is(Cluster cluster, long limitNanos, BooleanSupplier condition) {
    long deadline = cluster.control().clock().monotonicNanos() + limitNanos;
    while (!condition.getAsBoolean()) {
      if (cluster.control().clock().monotonicNanos() >= deadline) {
        return false;
      }
      cluster.control().tasks().sleep(POLL_NANOS);
    }
    return true;
  }
}
