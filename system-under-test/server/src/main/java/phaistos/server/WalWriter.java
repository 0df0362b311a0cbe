package phaistos.server;

import phaistos.environment.Latch;
import phaistos.formats.Lsn;

/**
 * Flushes WAL in the background (walwriter.c), so that an asynchronous commit is durable after at
 * most three cycles; lets standbys know every 15 seconds what runs; and asks for a checkpoint when
 * much WAL has gathered since the last one.
 */
final class WalWriter {
  private static final long SNAPSHOT_NANOS = 15_000_000_000L;

  private final Instance instance;
  private final Latch latch;
  private volatile boolean stopping;
  private Lsn atLastSnapshot = Lsn.INVALID;

  WalWriter(Instance instance) {
    this.instance = instance;
    this.latch = instance.tasks().newLatch();
  }

  void run() {
    long lastSnapshot = instance.environment().clock().monotonicNanos();
    try {
      while (!stopping) {
        latch.reset();
        if (!stopping) {
          latch.await(instance.settings().nanos("wal_writer_delay"));
        }
        if (stopping || instance.isInRecovery()) {
          continue;
        }
        instance.wal().backgroundFlush();
        long now = instance.environment().clock().monotonicNanos();
        if (now - lastSnapshot >= SNAPSHOT_NANOS) {
          lastSnapshot = now;
          logSnapshot();
        }
        instance.checkpointer().walReached(instance.wal().insertedLsn(), instance.wal().redoLsn());
      }
    } catch (PgError e) {
      if (!stopping) {
        instance.panic(e);
      }
    }
  }

  void stop() {
    stopping = true;
    latch.set();
  }

  private void logSnapshot() {
    if (!instance.wal().insertedLsn().equals(atLastSnapshot)
        && !instance.wal().insertedLsn().equals(instance.checkpointer().lastEnd())) {
      instance.checkpointer().logRunningXacts();
      atLastSnapshot = instance.wal().insertedLsn();
    }
  }
}
