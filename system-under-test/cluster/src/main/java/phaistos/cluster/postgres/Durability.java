package phaistos.cluster.postgres;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Nodes;
import phaistos.cluster.OneValue;

/** The settings without which PostgreSQL promises nothing, asserted by asking the servers. */
public final class Durability {
  private static final List<String> SETTINGS = List.of("fsync", "full_page_writes");

  private Durability() {}

  /**
   * Fails unless every server is durable; or, where somebody asked for the opposite, unless it is
   * as asked.
   *
   * @param asked settings by name
   * @throws ClusterException with the setting and the node
   */
  public static void assertOn(Nodes nodes, Map<String, String> asked) {
    for (NodeId id : nodes.nodes()) {
      for (String setting : SETTINGS) {
        String wanted = asked.getOrDefault(setting, "on");
        Optional<String> found =
            OneValue.of(nodes, id, "SHOW " + setting, OneValue.limits(5, 10, "phaistos-control"));
        if (!found.equals(Optional.of(wanted))) {
          throw new ClusterException(
              "%s of %s is %s, expected %s"
                  .formatted(setting, id, found.orElse("not to be had"), wanted));
        }
      }
    }
  }
}
