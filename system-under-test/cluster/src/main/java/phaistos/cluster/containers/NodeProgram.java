package phaistos.cluster.containers;

import java.util.List;
import java.util.Map;

/**
 * The database under test: its commands in a node's container, and the lines of its log that
 * matter. It must speak PostgreSQL's protocol, read {@code postgresql.conf} and {@code
 * standby.signal}, and know {@code pg_promote}, {@code pg_is_in_recovery} and {@code
 * pg_stat_replication}.
 */
public interface NodeProgram {
  /** The data directory as a node sees it. */
  String DATA = NodeContainer.FOLDER + "/data";

  /** The port on which it must listen, on every address of its network. */
  int PORT = ProxiedLinks.SERVER_PORT;

  /** The image that the nodes' containers are made from. */
  default String image() {
    return ContainerEngine.NODE_IMAGE;
  }

  /** The user of clients and standbys, who connects without a password. */
  default String user() {
    return "postgres";
  }

  /** The database that clients connect to. */
  default String database() {
    return "postgres";
  }

  /**
   * Makes the data directory {@link #DATA}, and ends.
   *
   * @param classPath of this process, as the nodes see it
   */
  List<String> initCommand(String classPath);

  /**
   * Runs over {@link #DATA}, listens on {@link #PORT}.
   *
   * @param settings all settings; the database's own are in its configuration file, too
   */
  List<String> startCommand(String classPath, Map<String, String> settings);

  /**
   * A command that runs inside a node once all nodes are up. It exits with 0 if the database
   * answers at each address. Empty if there is none.
   *
   * @param addresses {@code host:port}
   */
  default List<String> probeCommand(String classPath, List<String> addresses) {
    return List.of();
  }

  /** The settings that a cluster needs, whatever else is set. */
  Map<String, String> settings();

  /**
   * Whether unsynced writes can be undone after a SIGKILL, because the program writes through
   * {@link phaistos.environment.crashable.CrashableDisk}.
   */
  default boolean losesUnsyncedWrites() {
    return false;
  }

  /** Whether a line of the log says that connections are accepted from now on. */
  boolean saysReady(String line);

  /** Whether a line of the log says that redo runs. */
  boolean saysRedo(String line);
}
