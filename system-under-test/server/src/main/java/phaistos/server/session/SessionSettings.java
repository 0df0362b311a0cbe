package phaistos.server.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import phaistos.server.errors.PgError;
import phaistos.server.settings.Effect;
import phaistos.server.settings.Parameter;
import phaistos.server.settings.Parameters;
import phaistos.server.settings.Settings;

/**
 * A session's settings over the server's: SET holds once its transaction commits, SET LOCAL until
 * the transaction ends. Used by the session's task only.
 */
final class SessionSettings {
  /** Of the zones of the IANA database (src/timezone), those that are UTC. */
  private static final Set<String> UTC =
      Set.of("UTC", "GMT", "UCT", "ZULU", "UNIVERSAL", "ETC/UTC", "ETC/GMT", "ETC/UCT", "ETC/ZULU");

  /** The settings when it was made, those that hold behind the commit among them. */
  private record Savepoint(String name, Settings own, Settings afterCommit) {}

  private Settings own = Settings.defaults();
  private Settings beforeTransaction = Settings.defaults();
  private Settings afterCommit = Settings.defaults();
  private boolean inTransaction;
  private final List<Savepoint> savepoints = new ArrayList<>();
  private boolean changed;
  private boolean starting = true;
  private Settings mergedServer = Settings.defaults();
  private Settings mergedOwn = own;
  private Settings merged = mergedServer;

  /** The session's settings over the server's; the same object until one of them changes. */
  Settings over(Settings server) {
    if (server != mergedServer || own != mergedOwn) {
      mergedServer = server;
      mergedOwn = own;
      merged = server.with(own);
    }
    return merged;
  }

  void set(String name, Optional<String> value, boolean local) {
    Parameter parameter = Parameters.named(name);
    switch (parameter.context()) {
      case USER, SUPERUSER -> {}
      case BACKEND, SUPERUSER_BACKEND -> {
        if (!starting) {
          throw PgError.error(
              "55P02",
              "parameter \"%s\" cannot be set after connection start".formatted(parameter.name()));
        }
      }
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
    Settings before = own;
    own = changed(own, name, value);
    if (!local) {
      afterCommit = afterCommit == before ? own : changed(afterCommit, name, value);
      if (!inTransaction) {
        beforeTransaction = own;
      }
    }
    changed = true;
  }

  private static Settings changed(Settings from, String name, Optional<String> value) {
    return value.isPresent() ? from.given(name, value.get()) : from.without(name);
  }

  /** The options of the start-up packet have been set. */
  void started() {
    starting = false;
  }

  /**
   * The warning for a value that changes nothing.
   *
   * @return empty if it does change something, or asks for what is so anyway
   */
  static Optional<String> warning(String name, Optional<String> value) {
    Parameter parameter = Parameters.named(name);
    return value.isPresent()
            && parameter.effect() instanceof Effect.None
            && !isSoAnyway(parameter, value.get())
        ? Optional.of(Settings.noEffect(parameter.name()))
        : Optional.empty();
  }

  /** The default, or UTC by one of its names: JDBC's driver sends one with each connection. */
  private static boolean isSoAnyway(Parameter parameter, String value) {
    return parameter.canonical(value).equals(parameter.boot())
        || parameter.name().equals("TimeZone") && UTC.contains(value.toUpperCase(Locale.ROOT));
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
    savepoints.add(new Savepoint(name, own, afterCommit));
  }

  /** The last savepoint of that name goes, and all later ones. */
  void release(String name) {
    savepoints.subList(last(name), savepoints.size()).clear();
  }

  void rollbackTo(String name) {
    int at = last(name);
    own = savepoints.get(at).own;
    afterCommit = savepoints.get(at).afterCommit;
    savepoints.subList(at + 1, savepoints.size()).clear();
    changed = true;
  }

  private int last(String name) {
    for (int i = savepoints.size() - 1; i >= 0; i--) {
      if (savepoints.get(i).name.equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no savepoint " + name);
  }

  /** Whether any may have another value than at the last call. */
  boolean takeChanged() {
    boolean taken = changed;
    changed = false;
    return taken;
  }
}
