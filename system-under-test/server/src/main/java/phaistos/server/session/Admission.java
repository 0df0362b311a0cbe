package phaistos.server.session;

import phaistos.server.errors.PgError;
import phaistos.server.settings.Settings;
import phaistos.server.state.ServerContext;
import phaistos.server.state.ServerState;

/** Whether a server takes a new session. */
final class Admission {
  private Admission() {}

  /**
   * @throws PgError FATAL if the server takes no such session now
   */
  static void check(SessionParts parts, boolean replication, Settings settings) {
    ServerContext server = parts.server();
    if (server.state().stop() != ServerState.Stop.NONE) {
      throw PgError.fatal("57P03", "the database system is shutting down");
    }
    switch (server.state().phase()) {
      case STARTING, CRASH_RECOVERY, END_OF_RECOVERY ->
          throw PgError.fatal("57P03", "the database system is starting up");
      case ARCHIVE_RECOVERY ->
          throw parts.configuration().read().bool("hot_standby")
              ? new PgError(
                  PgError.Severity.FATAL,
                  "57P03",
                  "the database system is not yet accepting connections",
                  "Consistent recovery state has not been yet reached.",
                  "")
              : PgError.fatal("57P03", "the database system is starting up");
      case HOT_STANDBY, RUNNING -> {}
    }
    long limit = settings.number("max_connections");
    if (!replication
        && parts.backends().all().stream().filter(b -> !b.isWalSender()).count() >= limit) {
      throw PgError.fatal("53300", "sorry, too many clients already");
    }
  }
}
