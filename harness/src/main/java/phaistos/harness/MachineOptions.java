package phaistos.harness;

import java.util.Map;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.histories.RunStore;

/** The options of a cluster on this machine for a test. */
final class MachineOptions {
  private MachineOptions() {}

  static ClusterOptions of(TestPlan plan, RunStore store) {
    ClusterPlan nodes = plan.cluster();
    ClusterOptions options =
        ClusterOptions.of(nodes.nodes(), plan.seed())
            .withSetting(
                "synchronous_standby_names", "ANY 1 (" + String.join(", ", nodes.nodeNames()) + ")")
            .onTaskFailure(
                (task, failure) -> store.log("task failure: " + task.name() + ": " + failure));
    for (Map.Entry<String, String> setting : nodes.settings().entrySet()) {
      options = options.withSetting(setting.getKey(), setting.getValue());
    }
    return options;
  }
}
