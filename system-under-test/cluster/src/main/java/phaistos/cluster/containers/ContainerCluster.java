package phaistos.cluster.containers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import phaistos.cluster.Administration;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Disks;
import phaistos.cluster.Images;
import phaistos.cluster.Links;
import phaistos.cluster.OperatorActs;
import phaistos.cluster.Power;
import phaistos.cluster.ServerProcesses;
import phaistos.cluster.SlowLinks;
import phaistos.cluster.containers.NodeActs.Node;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.machine.DataVolume;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.postgres.PostgresConfiguration;
import phaistos.environment.Environment;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.formats.DataDirectory;
import phaistos.formats.FolderDataDirectory;

/**
 * A cluster of containers on this machine's Docker engine: one container with our server for each
 * node, its data directory in a folder of this machine, and one Toxiproxy between the nodes ({@link
 * ProxiedLinks}).
 *
 * <p>Everything that it creates carries the run's labels ({@link Leftovers}) and is removed by
 * {@link #close}, on SIGINT and on SIGTERM. After a SIGKILL the next cluster removes it.
 * Thread-safe: one call at a time for each node.
 */
public final class ContainerCluster implements Cluster, Power, Images, OperatorActs {
  private final ClusterOptions options;
  private final NodeProgram program;
  private final DataVolumes volumes;
  private final Map<String, String> settings;
  private final RunFolder own;
  private final Environment control;
  private final ProxiedLinks links;
  private final NodeActs acts;
  private final AtomicReference<NodeId> primary = new AtomicReference<>();
  private final AtomicInteger images = new AtomicInteger();
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();

  /**
   * Nodes that run our server. Removes the leftovers of runs whose process is gone, and makes the
   * networks.
   *
   * @throws ClusterException if there is no engine or an image is missing
   */
  public ContainerCluster(ClusterOptions options) {
    this(options, new ServerProgram());
  }

  /** Nodes that run another database, on its own kind of volumes. */
  public ContainerCluster(ClusterOptions options, NodeProgram program) {
    this(options, program, program.volumes());
  }

  /** Nodes that run another database. */
  public ContainerCluster(ClusterOptions options, NodeProgram program, DataVolumes volumes) {
    ContainerEngine.missing()
        .ifPresent(
            missing -> {
              throw new ClusterException(missing);
            });
    this.options = options;
    this.program = program;
    this.volumes = volumes;
    settings = new LinkedHashMap<>(program.settings());
    settings.putAll(options.settings());
    program.archive().ifPresent(there -> PostgresConfiguration.nameArchive(settings, there));
    Leftovers.removeDead();
    own = new RunFolder();
    control =
        SystemEnvironment.of(
            "control",
            new SystemDisk(own.folder().resolve("control")),
            options.seed(),
            options.onTaskFailure());
    List<NodeId> ids =
        IntStream.rangeClosed(1, options.nodes()).mapToObj(i -> new NodeId("n" + i)).toList();
    primary.set(ids.getFirst());
    links = new ProxiedLinks(ids, own.run(), own.labels());
    acts = new NodeActs(this, options, program, own, links);
    for (NodeId id : ids) {
      DataVolume volume = volumes.open(id, own.folder().resolve(id.name()), program.runsAs());
      NodeFolder folder = new NodeFolder(volume.folder(), program.runsAs());
      List<String> command = program.startCommand(own.classPath(), settings);
      NodeContainer container = acts.container(id, id.name(), folder, command);
      nodes.put(id, new Node(id, folder, volume, container, new ReentrantLock()));
    }
    own.beforeRemoval(() -> nodes.values().forEach(node -> node.volume().close()));
  }

  /** The run's name, which is in its labels. */
  String run() {
    return own.run();
  }

  /** The run's folder on this machine. */
  Path folder() {
    return own.folder();
  }

  @Override
  public Capabilities capabilities() {
    return ContainerCapabilities.of(volumes, program.postgresMajor().isPresent());
  }

  @Override
  public Optional<Links> links() {
    return Optional.of(links.links());
  }

  @Override
  public Optional<Power> power() {
    return volumes.whyNoPowerCut().isEmpty() ? Optional.of(this) : Optional.empty();
  }

  @Override
  public Optional<Images> images() {
    return Optional.of(this);
  }

  @Override
  public Optional<Disks> disks() {
    return volumes.disks();
  }

  @Override
  public Optional<ServerProcesses> serverProcesses() {
    return program.postgresMajor().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ContainerServers(
                this::node, program.postgresMajor().getAsInt(), acts, control.tasks()));
  }

  @Override
  public Optional<SlowLinks> slowLinks() {
    return Optional.of(links.links());
  }

  @Override
  public Optional<Administration> administration() {
    return program
        .archive()
        .map(
            archive ->
                new ContainerAdministration(
                    this::node, acts, own.folder().resolve("initial/data"), archive));
  }

  @Override
  public Optional<OperatorActs> operatorActs() {
    return Optional.of(this);
  }

  @Override
  public List<NodeId> nodes() {
    return List.copyOf(nodes.keySet());
  }

  @Override
  public Environment control() {
    return control;
  }

  @Override
  public void start() {
    Path initial = own.folder().resolve("initial");
    initialize(new NodeFolder(initial, program.runsAs()));
    NodeId first = primary();
    try {
      links.start();
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not take its proxies", e);
    }
    for (Node node : nodes.values()) {
      node.folder().reset(initial.resolve("data"));
      if (!node.id().equals(first)) {
        acts.pointAt(node, first);
      }
      acts.start(node);
    }
    for (Node node : nodes.values()) {
      if (!node.id().equals(first)) {
        acts.awaitStreaming(node, first, 0);
      }
    }
    for (Node node : nodes.values()) {
      acts.probeLinks(node);
    }
    program.check(this, settings);
    nodes.values().forEach(node -> node.volume().syncAll());
  }

  /** Creates the initial data directory of every node. */
  private void initialize(NodeFolder initial) {
    try {
      Files.createDirectories(initial.folder());
      MachineFiles.own(initial.folder(), program.runsAs());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + initial.folder(), e);
    }
    List<String> command = program.initCommand(own.classPath(), options.firstXid());
    NodeContainer once = acts.container(new NodeId("initial"), "initial", initial, command);
    once.runToItsEnd("none", NodeActs.COPY_MAX);
    initial.configure(settings);
  }

  /** The data directory of a node; its files are only to be changed while the node is down. */
  public Path dataDirectory(NodeId id) {
    return node(id).folder().data();
  }

  @Override
  public NodeId primary() {
    return primary.get();
  }

  @Override
  public NodeState state(NodeId id) {
    return node(id).container().state();
  }

  @Override
  public Connection connect(NodeId id, Properties properties) throws SQLException {
    InetSocketAddress address = links.addressOf(node(id).id());
    Properties all = new Properties();
    all.put("user", program.user());
    all.put("sslmode", "disable");
    all.put("gssEncMode", "disable");
    all.putAll(properties);
    String url =
        "jdbc:postgresql://%s:%d/%s"
            .formatted(address.getHostString(), address.getPort(), program.database());
    return DriverManager.getConnection(url, all);
  }

  @Override
  public void kill(NodeId id) {
    during(id, node -> node.container().kill());
  }

  @Override
  public CrashReport crash(NodeId id, CrashMode mode, long seed) {
    return locked(
        id,
        node -> {
          node.container().kill();
          return node.volume().crash(mode, seed);
        });
  }

  /**
   * Kills the standbys first and the primary last, within microseconds if this process can see the
   * node's processes. Whatever the primary acknowledges in between, a standby had already flushed.
   */
  @Override
  public void killAll() {
    List<Node> running =
        nodes.values().stream()
            .filter(node -> node.container().state() != NodeState.DOWN)
            .sorted((a, b) -> Boolean.compare(isPrimary(a), isPrimary(b)))
            .toList();
    running.forEach(node -> node.lock().lock());
    try {
      List<ProcessHandle> processes =
          running.stream().flatMap(node -> node.container().process().stream()).toList();
      processes.forEach(ProcessHandle::destroyForcibly);
      // Kills the nodes whose processes could not be seen. Paused ones are resumed to die.
      running.forEach(node -> node.container().signalKill());
      running.forEach(node -> node.container().awaitDeath());
    } finally {
      running.forEach(node -> node.lock().unlock());
    }
  }

  private boolean isPrimary(Node node) {
    return node.id().equals(primary());
  }

  @Override
  public RestartReport restart(NodeId id) {
    return locked(
        id,
        node -> {
          if (node.container().state() != NodeState.DOWN) {
            throw new ClusterException(id + " is to be restarted but is not down");
          }
          return new RestartReport(acts.start(node));
        });
  }

  @Override
  public void pause(NodeId id) {
    during(id, node -> node.container().pause());
  }

  @Override
  public void resume(NodeId id) {
    during(id, node -> node.container().resume());
  }

  @Override
  public void promote(NodeId id) {
    during(
        id,
        node -> {
          long deadline = acts.deadline();
          acts.query(id, "SELECT pg_promote()");
          while (!acts.query(id, "SELECT pg_is_in_recovery()").equals(Optional.of("f"))) {
            if (node.container().state() == NodeState.DOWN) {
              throw new ClusterException(id + " ended while it was promoted");
            }
            acts.require(deadline, id + " is not promoted");
          }
          primary.set(id);
        });
  }

  @Override
  public boolean stop(NodeId id) {
    return locked(id, node -> node.container().stop());
  }

  @Override
  public void follow(NodeId id, NodeId newPrimary) {
    during(
        id,
        node -> {
          node.container().kill();
          acts.pointAt(node, newPrimary);
          int before = node.container().log().size();
          acts.start(node);
          acts.awaitFollowing(node, newPrimary, before);
        });
  }

  @Override
  public void rejoin(NodeId id, NodeId newPrimary) {
    during(
        id,
        node -> {
          node.container().kill();
          if (!acts.hasJoined(node, node(newPrimary))) {
            node.folder().reset(own.folder().resolve("initial").resolve("data"));
          }
          node.volume().syncAll();
          acts.pointAt(node, newPrimary);
          int before = node.container().log().size();
          acts.start(node);
          acts.awaitStreaming(node, newPrimary, before);
        });
  }

  @Override
  public DataDirectory image(NodeId id, ImageKind kind) {
    return locked(
        id,
        node -> {
          if (node.container().state() != NodeState.DOWN) {
            throw new ClusterException(id + " is not down: its files change");
          }
          Path copy = own.folder().resolve("image-" + images.incrementAndGet() + "-" + id);
          node.volume().copyTo(kind, copy);
          return new FolderDataDirectory(copy.resolve("data"));
        });
  }

  @Override
  public List<String> log(NodeId id) {
    return node(id).container().log();
  }

  private Node node(NodeId id) {
    Node node = nodes.get(id);
    if (node == null) {
      throw new ClusterException("no such node: " + id);
    }
    return node;
  }

  private <T> T locked(NodeId id, Act<T> act) {
    Node node = node(id);
    node.lock().lock();
    try {
      return act.on(node);
    } finally {
      node.lock().unlock();
    }
  }

  private void during(NodeId id, Consumer<Node> act) {
    locked(
        id,
        node -> {
          act.accept(node);
          return null;
        });
  }

  private interface Act<T> {
    T on(Node node);
  }

  @Override
  public void close() {
    own.close();
  }
}
