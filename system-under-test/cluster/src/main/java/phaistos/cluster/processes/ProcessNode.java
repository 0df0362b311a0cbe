package phaistos.cluster.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.ClusterException;
import phaistos.cluster.ServerProcesses;
import phaistos.cluster.machine.DataVolume;
import phaistos.cluster.machine.MachineProcesses;
import phaistos.cluster.machine.Pause;
import phaistos.cluster.machine.ServerUser;
import phaistos.cluster.machine.Signal;

/**
 * One node: a postmaster with its children, all working in the node's data directory. Not
 * thread-safe.
 */
final class ProcessNode {
  private static final Duration DEATH_MAX = Duration.ofSeconds(20);

  private final NodeId id;
  private final DataVolume volume;
  private final ServerUser user;
  private final Path log;

  /** Children that a fault has stopped, which stay stopped when the whole node goes on. */
  private final Set<Long> stopped = ConcurrentHashMap.newKeySet();

  private Process postmaster;

  /**
   * @param log receives what the server writes to its outputs
   */
  ProcessNode(NodeId id, DataVolume volume, ServerUser user, Path log) {
    this.id = id;
    this.volume = volume;
    this.user = user;
    this.log = log;
  }

  NodeId id() {
    return id;
  }

  DataVolume volume() {
    return volume;
  }

  Path data() {
    return volume.folder().resolve("data");
  }

  Path logFile() {
    return log;
  }

  /** Starts the server; it need not be ready when this returns. */
  void start(List<String> command) {
    try {
      postmaster =
          new ProcessBuilder(user.command(command))
              .directory(volume.folder().toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new ClusterException(id + " does not start: " + e.getMessage(), e);
    }
  }

  /** The postmaster's process id, of the last start. */
  long pid() {
    if (postmaster == null) {
      throw new ClusterException(id + " has never been started");
    }
    return postmaster.pid();
  }

  NodeState state() {
    if (postmaster == null || !postmaster.isAlive()) {
      return NodeState.DOWN;
    }
    return MachineProcesses.isStopped(postmaster.pid()) ? NodeState.PAUSED : NodeState.UP;
  }

  /**
   * Stops every process of the node. The postmaster is first, so that no child appears meanwhile.
   */
  void pause() {
    Signal.STOP.send(pid());
    for (long child : children()) {
      Signal.STOP.send(child);
    }
  }

  void resume() {
    children().stream().filter(child -> !stopped.contains(child)).forEach(Signal.CONT::send);
    Signal.CONT.send(pid());
  }

  /** Sends a signal to a child; false if there is no such child any more. */
  boolean act(long child, ServerProcesses.Act act) {
    if (!children().contains(child)) {
      stopped.remove(child);
      return false;
    }
    return switch (act) {
      case STOP -> {
        stopped.add(child);
        yield Signal.STOP.send(child);
      }
      case CONTINUE -> {
        stopped.remove(child);
        yield Signal.CONT.send(child);
      }
      case KILL -> Signal.KILL.send(child);
    };
  }

  List<Long> children() {
    return MachineProcesses.children(pid());
  }

  /**
   * SIGKILL to all of its processes at once: they are stopped first. Does nothing if it is down.
   */
  void kill() {
    signalKill();
    awaitDeath();
  }

  /** The first half of {@link #kill}. */
  void signalKill() {
    if (state() == NodeState.DOWN) {
      return;
    }
    pause();
    List<Long> all = new ArrayList<>(children());
    Signal.KILL.send(pid());
    all.forEach(Signal.KILL::send);
  }

  /**
   * Waits until no process of it is left: the children of a dead postmaster live on for a while.
   */
  void awaitDeath() {
    if (postmaster == null) {
      return;
    }
    long deadline = System.nanoTime() + DEATH_MAX.toNanos();
    while (postmaster.isAlive() || !workers().isEmpty()) {
      if (System.nanoTime() > deadline) {
        throw new ClusterException(id + " does not die");
      }
      Pause.of(Duration.ofMillis(2));
    }
  }

  private List<Long> workers() {
    List<Long> left = MachineProcesses.workingIn(data());
    left.removeIf(pid -> !MachineProcesses.isAlive(pid));
    left.forEach(Signal.KILL::send);
    return left;
  }

  List<String> log() {
    try {
      return Files.exists(log) ? Files.readAllLines(log) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log, e);
    }
  }
}
