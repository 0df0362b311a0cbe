package phaistos.server.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import phaistos.server.PgError;
import phaistos.server.settings.Parameter;
import phaistos.server.settings.Parameters;
import phaistos.server.settings.Settings;

/**
 * A session's settings over the server's: SET holds once its transaction commits, SET LOCAL until
 * the transaction ends. Used by the session's task only.
 */
final class SessionSettings {
  private static final Set<String> REPORTED =
      Set.of(
          "application_name",
          "client_encoding",
          "datestyle",
          "intervalstyle",
          "timezone",
          "standard_conforming_strings",
          "default_transaction_read_only");

  private Settings own = Settings.defaults();
  private Settings beforeTransaction = Settings.defaults();
  private Settings afterCommit = Settings.defaults();
  private boolean inTransaction;
  private final Map<String, Settings> savepoints = new TreeMap<>();
  private final List<String> changed = new ArrayList<>();

  Settings over(Settings server) {
    return server.with(own);
  }

  /** From the start-up packet. */
  void initial(String name, String value) {
    own = own.with(name, value);
    afterCommit = own;
    beforeTransaction = own;
  }

  void set(String name, Optional<String> value, boolean local) {
    Parameter parameter = Parameters.named(name);
    switch (parameter.context()) {
      case USER -> {}
      case SIGHUP ->
          throw PgError.error(
              "55P02", "parameter \"%s\" cannot be changed now".formatted(parameter.name()));
      case POSTMASTER ->
          throw PgError.error(
              "55P02",
              "parameter \"%s\" cannot be changed without restarting the server"
                  .formatted(parameter.name()));
      case INTERNAL ->
          throw PgError.error(
              "55P02", "parameter \"%s\" cannot be changed".formatted(parameter.name()));
    }
    own = value.isPresent() ? own.with(name, value.get()) : own.without(name);
    if (!local) {
      afterCommit =
          value.isPresent() ? afterCommit.with(name, value.get()) : afterCommit.without(name);
      if (!inTransaction) {
        beforeTransaction = own;
      }
    }
    noteChange(parameter.name());
  }

  void resetAll() {
    own = Settings.defaults();
    afterCommit = own;
  }

  private void noteChange(String name) {
    if (REPORTED.contains(name.toLowerCase(Locale.ROOT))) {
      changed.add(name);
    }
  }

  void beginTransaction() {
    inTransaction = true;
    beforeTransaction = own;
    afterCommit = own;
    savepoints.clear();
  }

  void endTransaction(boolean committed) {
    own = committed ? afterCommit : beforeTransaction;
    afterCommit = own;
    beforeTransaction = own;
    inTransaction = false;
    if (!committed) {
      // the client must hear what holds again
      changed.addAll(List.of("application_name", "TimeZone", "DateStyle"));
    }
  }

  void savepoint(String name) {
    savepoints.put(name, own);
  }

  void rollbackTo(String name) {
    own = savepoints.getOrDefault(name, own);
  }

  /** The names of reported settings that were changed since the last call. */
  List<String> takeChanged() {
    List<String> names = List.copyOf(changed);
    changed.clear();
    return names;
  }
}
