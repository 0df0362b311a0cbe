package phaistos.server.errors;

import java.time.Instant;

/** Where the server's log goes. Called from any task; must not block for long. */
@FunctionalInterface
public interface LogSink {
  /**
   * One message.
   *
   * @param severity LOG, WARNING, ERROR, FATAL, PANIC, DETAIL, HINT or STATEMENT
   */
  void log(Instant time, String severity, String message);

  /** Throws everything away. */
  static LogSink none() {
    return (time, severity, message) -> {};
  }
}
