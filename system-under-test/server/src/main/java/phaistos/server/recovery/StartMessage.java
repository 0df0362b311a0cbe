package phaistos.server.recovery;

import phaistos.formats.ControlFile;
import phaistos.formats.PgTime;

/** What the log says first of a start: how the server ended (StartupXLOG). */
final class StartMessage {
  private StartMessage() {}

  static String of(ControlFile control) {
    String at = PgTime.format((control.time() - PgTime.EPOCH_SECONDS) * 1_000_000);
    return switch (control.state()) {
      case SHUT_DOWN -> "database system was shut down at " + at;
      case SHUT_DOWN_IN_RECOVERY -> "database system was shut down in recovery at " + at;
      case SHUTTING_DOWN -> "database system shutdown was interrupted; last known up at " + at;
      case IN_CRASH_RECOVERY -> "database system was interrupted while in recovery at " + at;
      case IN_ARCHIVE_RECOVERY ->
          "database system was interrupted while in recovery at log time " + at;
      case STARTUP, IN_PRODUCTION -> "database system was interrupted; last known up at " + at;
    };
  }
}
