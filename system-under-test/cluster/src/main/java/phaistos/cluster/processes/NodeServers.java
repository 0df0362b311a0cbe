package phaistos.cluster.processes;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Cluster.RestartReport;
import phaistos.cluster.ClusterException;
import phaistos.cluster.ServerProcesses;
import phaistos.cluster.postgres.PostgresProcesses;
import phaistos.environment.Tasks;

/** The single processes of the servers of a cluster of processes. */
final class NodeServers implements ServerProcesses {
  private final Function<NodeId, ProcessNode> nodes;
  private final int major;
  private final Waiting waiting;
  private final Tasks tasks;

  NodeServers(Function<NodeId, ProcessNode> nodes, int major, Waiting waiting, Tasks tasks) {
    this.major = major;
    this.nodes = nodes;
    this.waiting = waiting;
    this.tasks = tasks;
  }

  @Override
  public List<Long> find(NodeId node, Role role) {
    ProcessNode found = nodes.apply(node);
    return found.state() == NodeState.DOWN ? List.of() : PostgresProcesses.find(found.pid(), role);
  }

  @Override
  public boolean act(NodeId node, long pid, Act act) {
    return nodes.apply(node).act(pid, act);
  }

  @Override
  public boolean isThere(NodeId node, long pid) {
    return nodes.apply(node).children().contains(pid);
  }

  @Override
  public void shutDown(NodeId node, Shutdown mode) {
    PostgresProcesses.shutDown(nodes.apply(node).pid(), mode);
  }

  @Override
  public StartReport restartStopping(NodeId id, Role role, long stoppedNanos) {
    ProcessNode node = nodes.apply(id);
    if (node.state() != NodeState.DOWN) {
      throw new ClusterException(id + " is to be started but is not down");
    }
    AtomicReference<OptionalLong> stopped = new AtomicReference<>(OptionalLong.empty());
    boolean redo =
        waiting.start(
            node,
            () -> {
              // in this task, since a new one would begin too late
              stopped.set(PostgresProcesses.stopFirst(node.pid(), role, major));
              tasks.spawn(
                  "continue-" + id,
                  () -> {
                    tasks.sleep(stoppedNanos);
                    stopped.get().ifPresent(pid -> node.act(pid, Act.CONTINUE));
                  });
            });
    return new StartReport(new RestartReport(redo), stopped.get());
  }
}
