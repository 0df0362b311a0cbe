package phaistos.server.session;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Parameter;
import phaistos.server.settings.Parameters;
import phaistos.server.settings.Settings;

/**
 * A session's settings over the server's: SET holds once its transaction commits, SET LOCAL until
 * the transaction ends. Used by the session's task only.
 */
final class SessionSettings {
  private Settings own = Settings.defaults();
  private Settings beforeTransaction = Settings.defaults();
  private Settings afterCommit = Settings.defaults();
  private boolean inTransaction;
  private final Map<String, Settings> savepoints = new TreeMap<>();
  private boolean changed;

  Settings over(Settings server) {
    return server.with(own);
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
    changed = true;
  }

  void beginTransaction() {
    inTransaction = true;
    beforeTransaction = own;
    afterCommit = own;
    savepoints.clear();
  }

  void endTransaction(boolean committed) {
    Settings inside = own;
    own = committed ? afterCommit : beforeTransaction;
    changed |= own != inside;
    afterCommit = own;
    beforeTransaction = own;
    inTransaction = false;
  }

  void savepoint(String name) {
    savepoints.put(name, own);
  }

  void rollbackTo(String name) {
    own = savepoints.getOrDefault(name, own);
    changed = true;
  }

  /** Whether any may have another value than at the last call. */
  boolean takeChanged() {
    boolean taken = changed;
    changed = false;
    return taken;
  }
}
