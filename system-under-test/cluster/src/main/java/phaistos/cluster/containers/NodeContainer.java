package phaistos.cluster.containers;

import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.utility.DockerImageName;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.ClusterException;
import phaistos.cluster.machine.Pause;

/**
 * The container of one node: one process with a folder of this machine as its disk. The folder
 * stays when the process is killed. The process runs as the owner of that folder. Not thread-safe.
 */
final class NodeContainer {
  /** Where the node sees its folder, and the cluster's class path. */
  static final String FOLDER = "/node";

  static final String CLASS_PATH = "/class-path";
  private static final Duration DEATH_MAX = Duration.ofSeconds(20);

  private final NodeId node;
  private final GenericContainer<?> container;

  /** Files of this machine that a node sees, and may be able to change. */
  record Mount(Path from, String to, AccessMode mode) {
    static Mount readOnly(Path from, String to) {
      return new Mount(from, to, AccessMode.ro);
    }
  }

  /**
   * What the container is made of.
   *
   * @param name the container's
   * @param folder of this machine, the node's own; its process runs as the owner of that
   */
  record Plan(
      String image,
      String name,
      Path folder,
      List<Mount> mounts,
      List<String> command,
      Map<String, String> labels) {}

  NodeContainer(NodeId node, Plan plan) {
    this.node = node;
    this.container =
        new GenericContainer<>(DockerImageName.parse(plan.image))
            .withCommand(plan.command.toArray(String[]::new))
            .withLabels(plan.labels)
            .withCreateContainerCmdModifier(
                create -> {
                  create.withName(plan.name).withUser(user(plan.folder)).withWorkingDir(FOLDER);
                  List<Bind> binds = new ArrayList<>();
                  binds.add(new Bind(plan.folder.toString(), new Volume(FOLDER)));
                  for (Mount mount : plan.mounts) {
                    Volume there = new Volume(mount.to);
                    binds.add(new Bind(mount.from.toString(), there, mount.mode));
                  }
                  create.getHostConfig().withBinds(binds);
                });
  }

  private static String user(Path folder) {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("unix")) {
      return "";
    }
    try {
      return Files.getAttribute(folder, "unix:uid") + ":" + Files.getAttribute(folder, "unix:gid");
    } catch (IOException e) {
      throw new ClusterException("cannot tell the owner of " + folder, e);
    }
  }

  /**
   * The first time it is created, too.
   *
   * @param networkMode Docker's: the container whose network it shares; only looked at when it is
   *     created
   */
  void start(String networkMode) {
    if (container.getContainerId() == null) {
      container.withNetworkMode(networkMode);
      try {
        container.start();
      } catch (ContainerLaunchException e) {
        throw new ClusterException(
            "the container of %s does not start: %s"
                .formatted(node, Optional.ofNullable(e.getCause()).orElse(e).getMessage()),
            e);
      }
      return;
    }
    ContainerEngine.client().startContainerCmd(container.getContainerId()).exec();
  }

  /** Sends SIGKILL; a paused process dies without running again. Does nothing if it is down. */
  void kill() {
    signalKill();
    awaitDeath();
  }

  /**
   * The first half of {@link #kill}. It takes microseconds if this process can see the node's
   * process (the engine runs on this machine, with the same user), and otherwise as long as the
   * engine takes.
   */
  void signalKill() {
    ContainerState state = inspect();
    if (!Boolean.TRUE.equals(state.getRunning())) {
      return;
    }
    boolean signalled = process(state).map(ProcessHandle::destroyForcibly).orElse(false);
    if (Boolean.TRUE.equals(state.getPaused())) {
      resume();
    }
    if (!signalled) {
      try {
        ContainerEngine.client().killContainerCmd(container.getContainerId()).exec();
      } catch (ConflictException e) {
        // It ended by itself meanwhile.
        return;
      }
    }
  }

  /**
   * Sends SIGINT, on which a server ends by itself; kills it if it does not.
   *
   * @return whether it ended by itself
   */
  boolean stop() {
    boolean ended = state() == NodeState.UP && endsOnInterrupt();
    kill();
    return ended;
  }

  private boolean endsOnInterrupt() {
    try {
      ContainerEngine.client()
          .killContainerCmd(container.getContainerId())
          .withSignal("SIGINT")
          .exec();
      awaitDeath();
      return true;
    } catch (ConflictException e) {
      // It ended by itself meanwhile.
      return true;
    } catch (ClusterException e) {
      return false;
    }
  }

  /** The node's process on this machine, looked up once so that a kill is fast. */
  Optional<ProcessHandle> process() {
    return process(inspect());
  }

  /**
   * If the engine runs in a virtual machine, the process id would belong to another process here.
   */
  private Optional<ProcessHandle> process(ContainerState state) {
    Long pid = state.getPidLong();
    if (pid == null || pid == 0 || !Boolean.TRUE.equals(state.getRunning())) {
      return Optional.empty();
    }
    try {
      String groups = Files.readString(Path.of("/proc/" + pid + "/cgroup"));
      return groups.contains(container.getContainerId()) ? ProcessHandle.of(pid) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Has a server read its configuration again. */
  void reload() {
    ContainerEngine.client().killContainerCmd(container.getContainerId()).withSignal("HUP").exec();
  }

  void awaitDeath() {
    long deadline = System.nanoTime() + DEATH_MAX.toNanos();
    while (Boolean.TRUE.equals(inspect().getRunning())) {
      if (System.nanoTime() > deadline) {
        throw new ClusterException("the container of " + node + " does not die");
      }
      Pause.of(Duration.ofMillis(5));
    }
  }

  void pause() {
    ContainerEngine.client().pauseContainerCmd(container.getContainerId()).exec();
  }

  void resume() {
    try {
      ContainerEngine.client().unpauseContainerCmd(container.getContainerId()).exec();
    } catch (ConflictException | NotModifiedException e) {
      // It was not paused, or has already been resumed.
      return;
    }
  }

  NodeState state() {
    if (container.getContainerId() == null) {
      return NodeState.DOWN;
    }
    ContainerState state = inspect();
    if (Boolean.TRUE.equals(state.getPaused())) {
      return NodeState.PAUSED;
    }
    return Boolean.TRUE.equals(state.getRunning()) ? NodeState.UP : NodeState.DOWN;
  }

  private ContainerState inspect() {
    return ContainerEngine.client()
        .inspectContainerCmd(container.getContainerId())
        .exec()
        .getState();
  }

  /**
   * Starts a process that ends by itself, waits for its end, and removes the container.
   *
   * @param networkMode Docker's
   */
  void runToItsEnd(String networkMode, Duration limit) {
    container.withNetworkMode(networkMode);
    container.withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(limit));
    try {
      container.start();
    } catch (ContainerLaunchException e) {
      throw new ClusterException(
          "%s fails: %s".formatted(String.join(" ", container.getCommandParts()), lastLine()), e);
    } finally {
      container.stop();
    }
  }

  String lastLine() {
    List<String> lines = log();
    return lines.isEmpty() ? "(no output)" : lines.getLast();
  }

  /** Both outputs since the container was created. */
  List<String> log() {
    return container.getContainerId() == null ? List.of() : container.getLogs().lines().toList();
  }

  /** Runs a command inside the container; returns its standard output. */
  String execute(String... command) {
    try {
      ExecResult result = container.execInContainer(command);
      if (result.getExitCode() != 0) {
        throw new ClusterException(
            "in %s: %s: %s".formatted(node, String.join(" ", command), result.getStderr()));
      }
      return result.getStdout();
    } catch (IOException e) {
      throw new ClusterException("cannot run a command in " + node, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted", e);
    }
  }

  void remove() {
    container.stop();
  }
}
