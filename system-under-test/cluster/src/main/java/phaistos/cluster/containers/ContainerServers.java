package phaistos.cluster.containers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.Cluster.RestartReport;
import phaistos.cluster.ClusterException;
import phaistos.cluster.ServerProcesses;
import phaistos.cluster.containers.NodeActs.Node;
import phaistos.cluster.machine.MachineProcesses;
import phaistos.cluster.machine.Signal;
import phaistos.cluster.postgres.PostgresProcesses;
import phaistos.environment.Tasks;

/**
 * The single processes of the servers in a cluster of containers, as this machine sees them. If the
 * engine runs elsewhere there are none.
 */
final class ContainerServers implements ServerProcesses {
  /** While a node's folder has this file, its server waits to begin. */
  static final String HOLD = "hold";

  private final Function<NodeId, Node> nodes;
  private final int major;
  private final NodeActs acts;
  private final Tasks tasks;

  ContainerServers(Function<NodeId, Node> nodes, int major, NodeActs acts, Tasks tasks) {
    this.nodes = nodes;
    this.major = major;
    this.acts = acts;
    this.tasks = tasks;
  }

  /** The postmaster's; empty if the node is down or its processes cannot be seen. */
  private OptionalLong postmaster(NodeId id) {
    return nodes
        .apply(id)
        .container()
        .process()
        .map(process -> OptionalLong.of(process.pid()))
        .orElse(OptionalLong.empty());
  }

  @Override
  public List<Long> find(NodeId node, Role role) {
    OptionalLong postmaster = postmaster(node);
    return postmaster.isEmpty() ? List.of() : PostgresProcesses.find(postmaster.getAsLong(), role);
  }

  @Override
  public boolean act(NodeId node, long pid, Act act) {
    if (!isThere(node, pid)) {
      return false;
    }
    return switch (act) {
      case STOP -> Signal.STOP.send(pid);
      case CONTINUE -> Signal.CONT.send(pid);
      case KILL -> Signal.KILL.send(pid);
    };
  }

  @Override
  public boolean isThere(NodeId node, long pid) {
    OptionalLong postmaster = postmaster(node);
    return postmaster.isPresent()
        && MachineProcesses.children(postmaster.getAsLong()).contains(pid);
  }

  @Override
  public void shutDown(NodeId node, Shutdown mode) {
    postmaster(node).ifPresent(pid -> PostgresProcesses.shutDown(pid, mode));
  }

  @Override
  public StartReport restartStopping(NodeId id, Role role, long stoppedNanos) {
    Node node = nodes.apply(id);
    if (node.container().state() != NodeState.DOWN) {
      throw new ClusterException(id + " is to be started but is not down");
    }
    Path hold = node.folder().folder().resolve(HOLD);
    AtomicReference<OptionalLong> stopped = new AtomicReference<>(OptionalLong.empty());
    try {
      Files.write(hold, new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + hold, e);
    }
    boolean redo;
    try {
      redo = acts.start(node, () -> stopped.set(launched(id, hold, role, stoppedNanos)));
    } finally {
      letGo(hold); // else no later start would get anywhere
    }
    return new StartReport(new RestartReport(redo), stopped.get());
  }

  /** Lets a server begin, and stops the process; a task lets that go on. */
  private OptionalLong launched(NodeId id, Path hold, Role role, long stoppedNanos) {
    OptionalLong postmaster = postmaster(id);
    letGo(hold);
    if (postmaster.isEmpty()) {
      return OptionalLong.empty();
    }
    // in this task, since a new one would begin too late
    OptionalLong stopped = PostgresProcesses.stopFirst(postmaster.getAsLong(), role, major);
    stopped.ifPresent(
        pid ->
            tasks.spawn(
                "continue-" + id,
                () -> {
                  tasks.sleep(stoppedNanos);
                  act(id, pid, Act.CONTINUE);
                }));
    return stopped;
  }

  private static void letGo(Path hold) {
    try {
      Files.deleteIfExists(hold);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + hold, e);
    }
  }
}
