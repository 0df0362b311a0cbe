package phaistos.server.session;

import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import phaistos.server.backends.Timeouts;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Settings;
import phaistos.server.xact.Proc;

/**
 * The timeouts of a session. At most one runs: for its statement, or for its idleness. Thread-safe.
 */
final class SessionTimers {
  private final Timeouts timeouts;
  private final ReentrantLock lock = new ReentrantLock();
  private Optional<Timeouts.Timer> timer = Optional.empty();
  private long current;

  SessionTimers(Timeouts timeouts) {
    this.timeouts = timeouts;
  }

  /** A message of a statement has come: statement_timeout runs, unless it does already. */
  void statement(Settings settings, Proc proc) {
    proc.lockTimeout(settings.nanos("lock_timeout"));
    long limit = settings.nanos("statement_timeout");
    if (limit > 0 && timer.isEmpty()) {
      start(limit, proc::requestTimeout);
    }
  }

  /**
   * The session waits for its client.
   *
   * @param status as in ReadyForQuery
   * @param end ends the session with this error
   */
  void idle(Settings settings, char status, Consumer<PgError> end) {
    stop();
    long limit =
        settings.nanos(
            status == 'I' ? "idle_session_timeout" : "idle_in_transaction_session_timeout");
    if (limit > 0) {
      PgError error =
          status == 'I'
              ? PgError.fatal("57P05", "terminating connection due to idle-session timeout")
              : PgError.fatal("25P03", "terminating connection due to idle-in-transaction timeout");
      start(limit, () -> end.accept(error));
    }
  }

  /** The connection must have become a session by then. */
  void start(Settings settings, Runnable close) {
    start(settings.nanos("authentication_timeout"), close);
  }

  private void start(long limit, Runnable call) {
    lock.lock();
    try {
      long mine = ++current;
      timer = Optional.of(timeouts.after(limit, () -> expired(mine, call)));
    } finally {
      lock.unlock();
    }
  }

  private void expired(long mine, Runnable call) {
    lock.lock();
    try {
      if (mine == current) {
        call.run();
      }
    } finally {
      lock.unlock();
    }
  }

  void stop() {
    if (timer.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      current++;
      timer.ifPresent(Timeouts.Timer::cancel);
      timer = Optional.empty();
    } finally {
      lock.unlock();
    }
  }
}
