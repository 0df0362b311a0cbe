package phaistos.harness;

import java.time.Duration;
import java.util.Map;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.histories.RunStore;

/** The options of a cluster on this machine for a test. */
final class MachineOptions {
  /** A node that starts may have to share its machine with many others. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private MachineOptions() {}

  static ClusterOptions of(TestPlan plan, RunStore store) {
    return of(plan.cluster(), plan.seed())
        .withPatience(PATIENCE)
        .onTaskFailure(
            (task, failure) -> store.log("task failure: " + task.name() + ": " + failure));
  }

  static ClusterOptions of(ClusterPlan nodes, long seed) {
    ClusterOptions options =
        ClusterOptions.of(nodes.nodes(), seed)
            .withSetting(
                "synchronous_standby_names",
                "ANY 1 (" + String.join(", ", nodes.nodeNames()) + ")");
    for (Map.Entry<String, String> setting : nodes.settings().entrySet()) {
      options = options.withSetting(setting.getKey(), setting.getValue());
    }
    return nodes.firstXid().isPresent()
        ? options.withFirstXid(nodes.firstXid().getAsLong())
        : options;
  }
}
