package phaistos.server.background;

import phaistos.environment.Latch;
import phaistos.formats.Lsn;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerContext;
import phaistos.server.wal.Wal;

/**
 * Flushes WAL in the background (walwriter.c), so that an asynchronous commit is durable after at
 * most three cycles. Logs the running transactions every 15 seconds for standbys. Requests a
 * checkpoint when the WAL since the last one has grown too large.
 */
public final class WalWriter {
  private static final long SNAPSHOT_NANOS = 15_000_000_000L;

  private final ServerContext server;
  private final Wal wal;
  private final Checkpointer checkpointer;
  private final Latch latch;
  private volatile boolean stopping;
  private Lsn atLastSnapshot = Lsn.INVALID;

  public WalWriter(ServerContext server, Wal wal, Checkpointer checkpointer) {
    this.server = server;
    this.wal = wal;
    this.checkpointer = checkpointer;
    this.latch = server.tasks().newLatch();
  }

  public void run() {
    long lastSnapshot = server.monotonicNanos();
    try {
      while (!stopping) {
        latch.reset();
        if (!stopping) {
          latch.await(server.settings().nanos("wal_writer_delay"));
        }
        if (stopping || server.state().isInRecovery()) {
          continue;
        }
        wal.backgroundFlush();
        long now = server.monotonicNanos();
        if (now - lastSnapshot >= SNAPSHOT_NANOS) {
          lastSnapshot = now;
          logSnapshot();
        }
        checkpointer.walReached(wal.insertedLsn(), wal.redoLsn());
      }
    } catch (PgError e) {
      if (!stopping) {
        server.critical().panic(e);
      }
    }
  }

  public void stop() {
    stopping = true;
    latch.set();
  }

  private void logSnapshot() {
    if (!wal.insertedLsn().equals(atLastSnapshot)
        && !wal.insertedLsn().equals(checkpointer.lastEnd())) {
      checkpointer.logRunningXacts();
      atLastSnapshot = wal.insertedLsn();
    }
  }
}
