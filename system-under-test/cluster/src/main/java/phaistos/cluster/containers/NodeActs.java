package phaistos.cluster.containers;

import com.github.dockerjava.api.model.AccessMode;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Cluster.NodeState;
import phaistos.cluster.ClusterException;
import phaistos.cluster.OneValue;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.machine.DataVolume;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.machine.Pause;
import phaistos.cluster.postgres.KeptWal;
import phaistos.formats.wal.SegmentName;

/**
 * What a cluster of containers does with one node: its container and its folder. One call at a time
 * for each node.
 */
final class NodeActs {
  /** How long the making of a data directory may take on a very busy machine. */
  static final Duration COPY_MAX = Duration.ofMinutes(5);

  private final Cluster cluster;
  private final ClusterOptions options;
  private final NodeProgram program;
  private final RunFolder own;
  private final ProxiedLinks links;

  NodeActs(
      Cluster cluster,
      ClusterOptions options,
      NodeProgram program,
      RunFolder own,
      ProxiedLinks links) {
    this.cluster = cluster;
    this.options = options;
    this.program = program;
    this.own = own;
    this.links = links;
  }

  /** What belongs to one node; the lock is held during every act on it. */
  record Node(
      NodeId id,
      NodeFolder folder,
      DataVolume volume,
      NodeContainer container,
      ReentrantLock lock) {}

  NodeContainer container(NodeId id, String name, NodeFolder folder, List<String> command) {
    List<NodeContainer.Mount> mounts = new ArrayList<>();
    mounts.add(NodeContainer.Mount.readOnly(own.jars(), NodeContainer.CLASS_PATH));
    program
        .mounts(own.folder())
        .forEach((from, to) -> mounts.add(NodeContainer.Mount.readOnly(from, to)));
    program
        .archive()
        .ifPresent(there -> mounts.add(new NodeContainer.Mount(archive(), there, AccessMode.rw)));
    return new NodeContainer(
        id,
        new NodeContainer.Plan(
            program.image(),
            "phaistos-" + own.run() + "-" + name,
            folder.folder(),
            mounts,
            command,
            own.labels()));
  }

  /** The archive's folder on this machine. */
  private Path archive() {
    Path folder = own.folder().resolve("archive");
    MachineFiles.makeVolume(folder, program.runsAs());
    return folder;
  }

  void probeLinks(Node node) {
    List<String> addresses =
        cluster.nodes().stream()
            .filter(target -> !target.equals(node.id()))
            .map(target -> links.addressOf(node.id(), target))
            .map(address -> address.getHostString() + ":" + address.getPort())
            .toList();
    List<String> command = program.probeCommand(own.classPath(), addresses);
    if (!addresses.isEmpty() && !command.isEmpty()) {
      node.container().execute(command.toArray(String[]::new));
    }
  }

  /** Runs the program's commands for a node that joins, until one succeeds. */
  boolean hasJoined(Node node, Node primary) {
    List<List<String>> commands = program.joinCommands(connectionInfo(node, primary.id()));
    if (commands.isEmpty()) {
      return false;
    }
    // so that the primary's control file names its timeline, where pg_rewind looks for it
    query(primary.id(), "CHECKPOINT");
    for (List<String> command : commands) {
      NodeContainer once = container(node.id(), node.id() + "-joins", node.folder(), command);
      try {
        once.runToItsEnd(links.networkModeOf(node.id()), COPY_MAX);
        SegmentName current = KeptWal.current(cluster, primary.id());
        KeptWal.complete(current, primary.folder().data(), node.folder().data());
        node.folder().own();
        return true;
      } catch (ClusterException e) {
        continue; // the next command does without what this one lacked
      }
    }
    return false;
  }

  void pointAt(Node node, NodeId newPrimary) {
    node.folder().configure(Map.of("primary_conninfo", connectionInfo(node, newPrimary)));
    node.folder().makeStandby();
  }

  private String connectionInfo(Node node, NodeId primary) {
    InetSocketAddress address = links.addressOf(node.id(), primary);
    return "host=%s port=%d user=%s application_name=%s"
        .formatted(address.getHostString(), address.getPort(), program.user(), node.id());
  }

  /** Returns whether redo ran, once the server takes connections. */
  boolean start(Node node) {
    return start(node, () -> {});
  }

  /**
   * The same.
   *
   * @param launched is run as soon as the container's process is there
   */
  boolean start(Node node, Runnable launched) {
    if (own.isClosed()) {
      throw new ClusterException("the cluster is closed");
    }
    int before = node.container().log().size();
    node.container().start(links.networkModeOf(node.id()));
    launched.run();
    long deadline = deadline();
    while (true) {
      List<String> since = since(node, before);
      if (since.stream().anyMatch(program::saysReady)) {
        return since.stream().anyMatch(program::saysRedo);
      }
      if (node.container().state() == NodeState.DOWN) {
        throw new ClusterException(
            "%s ended while it started: %s".formatted(node.id(), program.whyItEnded(since)));
      }
      require(deadline, node.id() + " does not get ready");
    }
  }

  private static List<String> since(Node node, int before) {
    List<String> lines = node.container().log();
    return lines.subList(Math.min(before, lines.size()), lines.size());
  }

  void awaitStreaming(Node standby, NodeId from, int logBefore) {
    awaitStream(
        standby,
        from,
        logBefore,
        () -> OneValue.streams(cluster, from, standby.id()) && receivesTimeline(standby, from));
  }

  /** Waits until a standby receives the primary's timeline, however slowly. */
  void awaitFollowing(Node standby, NodeId from, int logBefore) {
    BooleanSupplier follows =
        program.postgresMajor().isPresent()
            ? () -> receivesTimeline(standby, from)
            : () -> OneValue.streams(cluster, from, standby.id());
    awaitStream(standby, from, logBefore, follows);
  }

  /** A slow standby may be called streaming while it receives the rest of an older timeline. */
  private boolean receivesTimeline(Node standby, NodeId from) {
    return program.postgresMajor().isEmpty()
        || OneValue.receivesTimeline(cluster, from, standby.id());
  }

  private void awaitStream(Node standby, NodeId from, int logBefore, BooleanSupplier condition) {
    long deadline = deadline();
    while (!condition.getAsBoolean()) {
      for (String line : since(standby, logBefore)) {
        if (program.saysCannotFollow(line)) {
          throw new ClusterException(standby.id() + " cannot follow: " + line);
        }
      }
      require(deadline, standby.id() + " does not stream from " + from);
    }
  }

  Optional<String> query(NodeId id, String sql) {
    return OneValue.of(cluster, id, sql, OneValue.limits(5, 65, "phaistos-control"));
  }

  long deadline() {
    return System.nanoTime() + options.patience().toNanos();
  }

  /** Sleeps briefly, or throws if the deadline has passed. */
  void require(long deadline, String problem) {
    if (System.nanoTime() > deadline) {
      throw new ClusterException(problem + " within " + options.patience().toSeconds() + " s");
    }
    Pause.of(Duration.ofMillis(50));
  }
}
