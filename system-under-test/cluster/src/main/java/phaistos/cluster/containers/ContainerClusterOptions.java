package phaistos.cluster.containers;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import phaistos.environment.Task;

/**
 * The options of a cluster of containers.
 *
 * @param nodes how many, the first of which starts as primary
 * @param settings PostgreSQL's settings by name, for every node, over the cluster's own
 * @param seed of the control party's randomness
 * @param patience how long a node may take to start, to stream or to become primary
 * @param onTaskFailure receives every exception that escapes a task of the control party
 */
public record ContainerClusterOptions(
    int nodes,
    Map<String, String> settings,
    long seed,
    Duration patience,
    BiConsumer<Task, Throwable> onTaskFailure) {
  public ContainerClusterOptions {
    if (nodes < 1 || nodes > 9) {
      throw new IllegalArgumentException("nodes=" + nodes + " (1 to 9)");
    }
    settings = Map.copyOf(settings);
  }

  public static ContainerClusterOptions of(int nodes, long seed) {
    return new ContainerClusterOptions(
        nodes,
        Map.of(),
        seed,
        Duration.ofSeconds(60),
        (task, failure) -> {
          throw new IllegalStateException("task failed: " + task, failure);
        });
  }

  public ContainerClusterOptions withSetting(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(settings);
    more.put(name, value);
    return new ContainerClusterOptions(nodes, more, seed, patience, onTaskFailure);
  }

  public ContainerClusterOptions onTaskFailure(BiConsumer<Task, Throwable> told) {
    return new ContainerClusterOptions(nodes, settings, seed, patience, told);
  }
}
