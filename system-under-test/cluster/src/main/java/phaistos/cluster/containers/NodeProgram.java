package phaistos.cluster.containers;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import phaistos.cluster.Nodes;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.machine.UserId;

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
   * @param firstXid the first transaction id, of 64 bits; the database's own if it is not given
   */
  List<String> initCommand(String classPath, OptionalLong firstXid);

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
   * Commands that make {@link #DATA} of a node that is down a copy of a primary that runs. They are
   * tried in their order until one exits with 0. Without one the node begins again with the initial
   * data directory, and streams everything.
   *
   * @param primary how this node connects to it, as {@code primary_conninfo} says it
   */
  default List<List<String>> joinCommands(String primary) {
    return List.of();
  }

  /** The user that the nodes' processes run as. */
  default UserId runsAs() {
    return UserId.self();
  }

  /**
   * Files that every node sees and cannot change: where each of this machine lies in a node.
   *
   * @param folder for files that have to be made
   */
  default Map<Path, String> mounts(Path folder) {
    return Map.of();
  }

  /** Why its server ended, by what it logged since its start. */
  default String whyItEnded(List<String> log) {
    return log.isEmpty() ? "it said nothing" : log.getLast();
  }

  /** The major version, if it is PostgreSQL; then its processes are known by their titles. */
  default OptionalInt postgresMajor() {
    return OptionalInt.empty();
  }

  /** Where every node sees the folder of its archive; empty if it has none. */
  default Optional<String> archive() {
    return Optional.empty();
  }

  /** The kind of volumes for the nodes' files. */
  default DataVolumes volumes() {
    return DataVolumes.plain();
  }

  /**
   * Looks at the nodes once all of them are up, and fails if they are not as they must be.
   *
   * @param settings all settings
   */
  default void check(Nodes nodes, Map<String, String> settings) {}

  /** Whether a line of the log says that connections are accepted from now on. */
  boolean saysReady(String line);

  /** Whether a line of the log says that redo runs. */
  boolean saysRedo(String line);

  /** Whether a line of a standby's log says that it will never stream from its primary. */
  default boolean saysCannotFollow(String line) {
    return false;
  }
}
