package phaistos.cluster.simulated;

import java.util.ArrayList;
import java.util.List;
import phaistos.cluster.Cluster.NodeId;
import phaistos.server.settings.Settings;

/** The settings of a simulated node: those of every run, and over them those of this one. */
final class NodeSettings {
  private NodeSettings() {}

  static Settings of(NodeId id, SimulatedCluster.Options options) {
    List<String> others = new ArrayList<>();
    for (int i = 1; i <= options.nodes(); i++) {
      if (!id.name().equals("n" + i)) {
        others.add("n" + i);
      }
    }
    return Settings.defaults()
        .with("listen_addresses", "*")
        .with("port", Integer.toString(SimulatedCluster.PORT))
        .with("cluster_name", id.name())
        .with("synchronous_standby_names", "ANY 1 (" + String.join(", ", others) + ")")
        // so that under load checkpoints and restartpoints are made all the time
        .with("max_wal_size", "2MB")
        .with("checkpoint_timeout", "30s")
        .with("wal_retrieve_retry_interval", "500ms")
        .with("wal_receiver_timeout", "5s")
        .with("wal_receiver_status_interval", "1s")
        .with("wal_sender_timeout", "5s")
        .with(options.settings());
  }
}
