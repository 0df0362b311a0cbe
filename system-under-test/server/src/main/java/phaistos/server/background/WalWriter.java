package phaistos.server.background;

import phaistos.environment.Latch;
import phaistos.formats.Lsn;
import phaistos.server.backends.BackgroundProcess;
import phaistos.server.errors.PgError;
import phaistos.server.state.ServerContext;
import phaistos.server.wal.Wal;

/**
 * Flushes WAL in the background (walwriter.c), so that an asynchronous commit is durable after at
 * most three cycles. Logs the running transactions every 15 seconds for standbys.
 */
public final class WalWriter {
  private static final long SNAPSHOT_NANOS = 15_000_000_000L;

  /** After so many rounds without work a round comes more rarely (walwriter.c). */
  private static final int ROUNDS_UNTIL_HIBERNATION = 50;

  private static final int HIBERNATION_FACTOR = 25;

  private final ServerContext server;
  private final Wal wal;
  private final Checkpointer checkpointer;
  private final BackgroundProcess process;
  private final Latch latch;
  private volatile boolean stopping;
  private Lsn atLastSnapshot = Lsn.INVALID;

  public WalWriter(
      ServerContext server, Wal wal, Checkpointer checkpointer, BackgroundProcess process) {
    this.process = process;
    this.server = server;
    this.wal = wal;
    this.checkpointer = checkpointer;
    this.latch = server.tasks().newLatch();
  }

  public void run() {
    long lastSnapshot = server.monotonicNanos();
    int idleRounds = 0;
    wal.background().wakeBy(latch::set);
    try {
      while (!stopping) {
        latch.reset();
        long delay = server.settings().nanos("wal_writer_delay");
        boolean hibernates = idleRounds >= ROUNDS_UNTIL_HIBERNATION;
        wal.background().sleeps(hibernates);
        if (!stopping) {
          wal.background().offerFlush();
          process.begin("Activity/WalWriterMain");
          latch.await(hibernates ? delay * HIBERNATION_FACTOR : delay);
          process.end();
          wal.background().flushForWaiters();
        }
        if (stopping || server.state().isInRecovery()) {
          continue;
        }
        long now = server.monotonicNanos();
        long flushAfter = server.settings().number("wal_writer_flush_after");
        idleRounds = wal.background().round(now, delay, flushAfter) ? 0 : idleRounds + 1;
        if (now - lastSnapshot >= SNAPSHOT_NANOS) {
          lastSnapshot = now;
          logSnapshot();
        }
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
