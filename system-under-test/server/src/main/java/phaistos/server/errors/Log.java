package phaistos.server.errors;

import phaistos.environment.Clock;

/** The server's log: PostgreSQL's severities and texts, to a sink. Thread-safe if the sink is. */
public final class Log {
  private final Clock clock;
  private final LogSink sink;

  public Log(Clock clock, LogSink sink) {
    this.clock = clock;
    this.sink = sink;
  }

  public void log(String message) {
    write("LOG", message);
  }

  public void warning(String message) {
    write("WARNING", message);
  }

  public void detail(String message) {
    write("DETAIL", message);
  }

  public void hint(String message) {
    write("HINT", message);
  }

  public void error(PgError error) {
    write(error.severity().name(), error.getMessage());
    if (!error.detail().isEmpty()) {
      write("DETAIL", error.detail());
    }
    if (!error.hint().isEmpty()) {
      write("HINT", error.hint());
    }
  }

  private void write(String severity, String message) {
    sink.log(clock.wallClock(), severity, message);
  }
}
