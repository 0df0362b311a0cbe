package phaistos.server.executor;

import java.util.Optional;

/** What a statement may have the server do. */
public interface Administration {
  /** Makes a checkpoint or restartpoint at once; returns once it is done. */
  void checkpoint();

  /** ALTER SYSTEM; without a value, RESET. */
  void alterSystem(String name, Optional<String> value);

  /** Reads the configuration files again; settings of the command line still take precedence. */
  void reload();
}
