package phaistos.cluster.machine;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import phaistos.environment.Task;

/**
 * The options of a cluster on this machine, in containers or processes.
 *
 * @param nodes how many, the first of which starts as primary
 * @param settings PostgreSQL's settings by name, for every node, over the cluster's own
 * @param firstXid the first transaction id, of 64 bits; the database's own if it is not given
 * @param seed of the control party's randomness
 * @param patience how long a node may take to start, to stream or to become primary
 * @param onTaskFailure receives every exception that escapes a task of the control party
 */
public record ClusterOptions(
    int nodes,
    Map<String, String> settings,
    OptionalLong firstXid,
    long seed,
    Duration patience,
    BiConsumer<Task, Throwable> onTaskFailure) {
  public ClusterOptions {
    if (nodes < 1 || nodes > 9) {
      throw new IllegalArgumentException("nodes=" + nodes + " (1 to 9)");
    }
    settings = Map.copyOf(settings);
  }

  public static ClusterOptions of(int nodes, long seed) {
    return new ClusterOptions(
        nodes,
        Map.of(),
        OptionalLong.empty(),
        seed,
        Duration.ofSeconds(60),
        (task, failure) -> {
          throw new IllegalStateException("task failed: " + task, failure);
        });
  }

  public ClusterOptions withSetting(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(settings);
    more.put(name, value);
    return new ClusterOptions(nodes, more, firstXid, seed, patience, onTaskFailure);
  }

  public ClusterOptions withPatience(Duration longest) {
    return new ClusterOptions(nodes, settings, firstXid, seed, longest, onTaskFailure);
  }

  public ClusterOptions onTaskFailure(BiConsumer<Task, Throwable> told) {
    return new ClusterOptions(nodes, settings, firstXid, seed, patience, told);
  }

  public ClusterOptions withFirstXid(long xid) {
    return new ClusterOptions(nodes, settings, OptionalLong.of(xid), seed, patience, onTaskFailure);
  }
}
