package phaistos.server.session;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import phaistos.server.settings.Settings;
import phaistos.server.state.ServerContext;
import phaistos.server.wire.MessageWriter;

/** The settings whose changes are reported to the client (GUC_REPORT). */
final class ReportedSettings {
  private static final List<String> REPORTED =
      List.of(
          "application_name",
          "client_encoding",
          "DateStyle",
          "default_transaction_read_only",
          "in_hot_standby",
          "integer_datetimes",
          "IntervalStyle",
          "is_superuser",
          "server_encoding",
          "server_version",
          "session_authorization",
          "standard_conforming_strings",
          "TimeZone");
  private final ServerContext server;
  private final MessageWriter out;

  /** What the client was told, and from what. */
  private final Map<String, String> told = new TreeMap<>();

  private Settings toldServer = Settings.defaults();
  private boolean toldRecovery;

  ReportedSettings(ServerContext server, MessageWriter out) {
    this.server = server;
    this.out = out;
  }

  /** Of the session whose client gets the reports. */
  record Owner(String user, boolean replication) {}

  /**
   * Reports the settings whose values differ from those the client knows.
   *
   * @param held the session's settings, read only if they may have changed
   * @param changed whether the session has changed any
   */
  void report(Supplier<Settings> held, boolean changed, Owner owner) {
    boolean recovery = !server.state().isRunning();
    Settings current = server.settings();
    boolean same = recovery == toldRecovery && current == toldServer;
    if (!changed && same && !told.isEmpty()) {
      return;
    }
    toldRecovery = recovery;
    toldServer = current;
    Settings now = held.get();
    for (String name : REPORTED) {
      String value =
          switch (name) {
            case "session_authorization" -> owner.user();
            case "in_hot_standby" -> recovery ? "on" : "off";
            case "client_encoding", "server_encoding" ->
                owner.replication() ? "SQL_ASCII" : now.get(name);
            default -> now.get(name);
          };
      if (!value.equals(told.put(name, value))) {
        out.parameterStatus(name, value);
      }
    }
  }
}
