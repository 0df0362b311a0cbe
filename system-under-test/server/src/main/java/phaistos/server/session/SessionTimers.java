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

  /** The session's at the last message, which it had at most of those before. */
  private Limits limits = new Limits(Settings.defaults());

  private record Limits(
      Settings of, long lockNanos, long statementNanos, long idleNanos, long idleInTransaction) {
    Limits(Settings settings) {
      this(
          settings,
          settings.nanos("lock_timeout"),
          settings.nanos("statement_timeout"),
          settings.nanos("idle_session_timeout"),
          settings.nanos("idle_in_transaction_session_timeout"));
    }
  }

  SessionTimers(Timeouts timeouts) {
    this.timeouts = timeouts;
  }

  /** A message of a statement has come: statement_timeout runs, unless it does already. */
  void statement(Settings settings, Proc proc) {
    Limits now = limits(settings);
    proc.lockTimeout(now.lockNanos);
    long limit = now.statementNanos;
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
    Limits now = limits(settings);
    long limit = status == 'I' ? now.idleNanos : now.idleInTransaction;
    if (limit > 0) {
      PgError error =
          status == 'I'
              ? PgError.fatal("57P05", "terminating connection due to idle-session timeout")
              : PgError.fatal("25P03", "terminating connection due to idle-in-transaction timeout");
      start(limit, () -> end.accept(error));
    }
  }

  private Limits limits(Settings settings) {
    if (settings != limits.of) {
      limits = new Limits(settings);
    }
    return limits;
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
