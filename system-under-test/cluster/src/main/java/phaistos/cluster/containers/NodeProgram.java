package phaistos.cluster.containers;

import java.util.List;
import java.util.Map;

/** What runs in the containers of the nodes: how it is called, and what it says. */
interface NodeProgram {
  /** Makes the data directory {@code /node/data}, and ends. */
  List<String> initCommand(String classPath);

  /**
   * Runs over {@code /node/data}, listens on {@link Links#SERVER_PORT}.
   *
   * @param settings all of them; those of the database's own stand in its configuration file, too
   */
  List<String> startCommand(String classPath, Map<String, String> settings);

  /** The settings that a cluster needs, whatever else is set. */
  Map<String, String> settings();

  /** Whether a line of the log says that connections are accepted from now on. */
  boolean saysReady(String line);

  /** Whether a line of the log says that redo runs. */
  boolean saysRedo(String line);
}
