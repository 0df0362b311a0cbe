package phaistos.server.session;

import java.util.Locale;
import java.util.OptionalLong;
import phaistos.environment.Network.Address;
import phaistos.server.settings.Settings;
import phaistos.server.state.ServerContext;

/** What a session writes to the server's log, as log_connections and its like ask for. */
final class SessionLog {
  private final ServerContext server;
  private final long startedNanos;

  SessionLog(ServerContext server) {
    this.server = server;
    this.startedNanos = server.monotonicNanos();
  }

  void received(Address client) {
    if (server.settings().bool("log_connections")) {
      server.log().log(
          client.isLocal()
              ? "connection received: host=[local]"
              : "connection received: host=%s port=%d".formatted(client.host(), client.port()));
    }
  }

  void authorized(String user, String database, boolean replication, Settings settings) {
    if (!settings.bool("log_connections")) {
      return;
    }
    String name = settings.get("application_name");
    server.log().log(
        (replication ? "replication connection" : "connection")
            + " authorized: user="
            + user
            + (replication ? "" : " database=" + database)
            + (name.isEmpty() ? "" : " application_name=" + name));
  }

  void ended(String user, String database, Address client, Settings settings) {
    if (settings.bool("log_disconnections")) {
      long millis = (server.monotonicNanos() - startedNanos) / 1_000_000;
      server.log().log(
          "disconnection: session time: %d:%02d:%02d.%03d user=%s database=%s host=%s port=%d"
              .formatted(
                  millis / 3_600_000,
                  millis / 60_000 % 60,
                  millis / 1000 % 60,
                  millis % 1000,
                  user,
                  database,
                  client.host(),
                  client.port()));
    }
  }

  /** A simple query comes, or a prepared one is executed. */
  void statement(String text, Settings settings) {
    if (settings.get("log_statement").equals("all")) {
      server.log().log("statement: " + text);
    }
  }

  /**
   * A message comes.
   *
   * @return the time, if the duration of what it begins is wanted
   */
  OptionalLong begins(char type, Settings settings) {
    boolean isStatement = type == 'Q' || type == 'E';
    return isStatement && settings.number("log_min_duration_statement") >= 0
        ? OptionalLong.of(server.monotonicNanos())
        : OptionalLong.empty();
  }

  /** A statement has ended, which began at that time. */
  void duration(String text, long began, Settings settings) {
    long least = settings.number("log_min_duration_statement");
    if (least < 0) {
      return;
    }
    long took = server.monotonicNanos() - began;
    if (took >= least * 1_000_000) {
      server.log().log(
          String.format(Locale.ROOT, "duration: %.3f ms  statement: %s", took / 1e6, text));
    }
  }

  void replicationCommand(String text, Settings settings) {
    if (settings.bool("log_replication_commands")) {
      server.log().log("received replication command: " + text);
    }
  }
}
