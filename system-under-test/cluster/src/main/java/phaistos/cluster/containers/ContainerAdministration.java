package phaistos.cluster.containers;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import phaistos.cluster.Administration;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.containers.NodeActs.Node;
import phaistos.cluster.postgres.PostgresConfiguration;

/** Administration of the nodes of a cluster of containers with real PostgreSQL. */
final class ContainerAdministration implements Administration {
  private final Function<NodeId, Node> nodes;
  private final NodeActs acts;
  private final Path initial;
  private final String archive;

  /**
   * @param initial the data directory that all nodes began with
   * @param archive the folder of the archive as a node sees it
   */
  ContainerAdministration(
      Function<NodeId, Node> nodes, NodeActs acts, Path initial, String archive) {
    this.nodes = nodes;
    this.acts = acts;
    this.initial = initial;
    this.archive = archive;
  }

  @Override
  public void set(NodeId id, Map<String, String> settings) {
    Node node = nodes.apply(id);
    node.folder().configureForNow(settings);
    if (node.container().state() != NodeState.DOWN) {
      node.container().reload();
    }
  }

  @Override
  public String restoreCommand() {
    return PostgresConfiguration.restoring(archive);
  }

  @Override
  public void rebuild(NodeId id, NodeId primary) {
    Node node = nodes.apply(id);
    node.container().kill();
    node.folder().reset(initial);
    acts.pointAt(node, primary);
    node.folder().configureForNow(Map.of("restore_command", restoreCommand()));
    node.volume().syncAll();
    int before = node.container().log().size();
    acts.start(node);
    acts.awaitStreaming(node, primary, before);
  }
}
