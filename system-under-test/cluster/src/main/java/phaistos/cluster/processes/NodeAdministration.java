package phaistos.cluster.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import phaistos.cluster.Administration;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.Signal;

/** Administration of the nodes of a cluster of processes. */
final class NodeAdministration implements Administration {
  private final Function<NodeId, ProcessNode> nodes;
  private final PostgresNodes postgres;
  private final Waiting waiting;
  private final Path initial;

  /**
   * @param initial the data directory that all nodes began with
   */
  NodeAdministration(
      Function<NodeId, ProcessNode> nodes, PostgresNodes postgres, Waiting waiting, Path initial) {
    this.nodes = nodes;
    this.postgres = postgres;
    this.waiting = waiting;
    this.initial = initial;
  }

  @Override
  public void set(NodeId id, Map<String, String> settings) {
    ProcessNode node = nodes.apply(id);
    postgres.configureMore(node, settings);
    if (node.state() != NodeState.DOWN) {
      Signal.HUP.send(node.pid());
    }
  }

  @Override
  public String restoreCommand() {
    return postgres.restoreCommand();
  }

  @Override
  public void rebuild(NodeId id, NodeId primary) {
    ProcessNode node = nodes.apply(id);
    node.kill();
    try {
      MachineFiles.delete(node.data());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + node.data(), e);
    }
    postgres.cloneStopped(initial, node.data());
    postgres.configure(node, Optional.of(primary));
    postgres.configureMore(node, Map.of("restore_command", restoreCommand()));
    node.volume().syncAll();
    int before = node.log().size();
    waiting.start(node);
    waiting.awaitStreaming(node, primary, before);
  }
}
