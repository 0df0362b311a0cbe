package phaistos.cluster.containers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
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
import phaistos.cluster.Capabilities;
import phaistos.cluster.Cluster;
import phaistos.cluster.ClusterException;
import phaistos.cluster.Images;
import phaistos.cluster.Links;
import phaistos.cluster.OneValue;
import phaistos.cluster.OperatorActs;
import phaistos.cluster.Power;
import phaistos.cluster.machine.ClusterOptions;
import phaistos.cluster.machine.Pause;
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
  private final Map<String, String> settings;
  private final RunFolder own;
  private final Environment control;
  private final ProxiedLinks links;
  private final AtomicReference<NodeId> primary = new AtomicReference<>();
  private final AtomicInteger images = new AtomicInteger();
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();

  /** What belongs to one node; the lock is held during every act on it. */
  private record Node(NodeId id, NodeFolder folder, NodeContainer container, ReentrantLock lock) {}

  /**
   * Nodes that run our server. Removes the leftovers of runs whose process is gone, and makes the
   * networks.
   *
   * @throws ClusterException if there is no engine or an image is missing
   */
  public ContainerCluster(ClusterOptions options) {
    this(options, new ServerProgram());
  }

  /** Nodes that run another database. */
  public ContainerCluster(ClusterOptions options, NodeProgram program) {
    ContainerEngine.missing()
        .ifPresent(
            missing -> {
              throw new ClusterException(missing);
            });
    this.options = options;
    this.program = program;
    settings = new LinkedHashMap<>(program.settings());
    settings.putAll(options.settings());
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
    for (NodeId id : ids) {
      NodeFolder folder = new NodeFolder(own.folder().resolve(id.name()));
      List<String> command = program.startCommand(own.classPath(), settings);
      nodes.put(
          id, new Node(id, folder, container(id, folder.folder(), command), new ReentrantLock()));
    }
  }

  private NodeContainer container(NodeId id, Path folder, List<String> command) {
    String name = "phaistos-" + own.run() + "-" + id;
    return new NodeContainer(id, program.image(), name, folder, own.jars(), command, own.labels());
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
    return ContainerCapabilities.of(program.losesUnsyncedWrites());
  }

  @Override
  public Optional<Links> links() {
    return Optional.of(links.links());
  }

  @Override
  public Optional<Power> power() {
    return program.losesUnsyncedWrites() ? Optional.of(this) : Optional.empty();
  }

  @Override
  public Optional<Images> images() {
    return Optional.of(this);
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
    initialize(new NodeFolder(initial));
    NodeId first = primary();
    try {
      links.start();
    } catch (IOException e) {
      throw new ClusterException("Toxiproxy does not take its proxies", e);
    }
    for (Node node : nodes.values()) {
      node.folder().reset(initial.resolve("data"));
      if (!node.id().equals(first)) {
        pointAt(node, first);
      }
      startProcess(node);
    }
    nodes.keySet().stream().filter(id -> !id.equals(first)).forEach(this::awaitStreaming);
    for (Node node : nodes.values()) {
      probeLinks(node);
    }
  }

  /** Creates the initial data directory of every node. */
  private void initialize(NodeFolder initial) {
    try {
      Files.createDirectories(initial.folder());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + initial.folder(), e);
    }
    List<String> command = program.initCommand(own.classPath());
    NodeContainer once = container(new NodeId("initial"), initial.folder(), command);
    once.runToItsEnd(options.patience());
    initial.configure(settings);
  }

  private void probeLinks(Node node) {
    List<String> addresses =
        nodes.keySet().stream()
            .filter(target -> !target.equals(node.id()))
            .map(target -> links.addressOf(node.id(), target))
            .map(address -> address.getHostString() + ":" + address.getPort())
            .toList();
    List<String> command = program.probeCommand(own.classPath(), addresses);
    if (!addresses.isEmpty() && !command.isEmpty()) {
      node.container().execute(command.toArray(String[]::new));
    }
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
          return node.folder().loseUnsynced(mode, seed);
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
          return new RestartReport(startProcess(node));
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
          long deadline = deadline();
          query(id, "SELECT pg_promote()");
          while (!query(id, "SELECT pg_is_in_recovery()").equals(Optional.of("f"))) {
            require(deadline, id + " is not promoted");
          }
          primary.set(id);
        });
  }

  @Override
  public void follow(NodeId id, NodeId newPrimary) {
    during(
        id,
        node -> {
          node.container().kill();
          pointAt(node, newPrimary);
          startProcess(node);
        });
  }

  @Override
  public void rejoin(NodeId id, NodeId newPrimary) {
    during(
        id,
        node -> {
          node.container().kill();
          node.folder().reset(own.folder().resolve("initial").resolve("data"));
          pointAt(node, newPrimary);
          startProcess(node);
          awaitStreaming(id);
        });
  }

  private void pointAt(Node node, NodeId newPrimary) {
    InetSocketAddress address = links.addressOf(node.id(), newPrimary);
    node.folder()
        .configure(
            Map.of(
                "primary_conninfo",
                "host=%s port=%d user=%s application_name=%s"
                    .formatted(
                        address.getHostString(), address.getPort(), program.user(), node.id())));
    node.folder().makeStandby();
  }

  /** Returns whether redo ran, once the server takes connections. */
  private boolean startProcess(Node node) {
    if (own.isClosed()) {
      throw new ClusterException("the cluster is closed");
    }
    int before = node.container().log().size();
    node.container().start(links.networkModeOf(node.id()));
    long deadline = deadline();
    while (true) {
      List<String> lines = node.container().log();
      List<String> since = lines.subList(Math.min(before, lines.size()), lines.size());
      if (since.stream().anyMatch(program::saysReady)) {
        return since.stream().anyMatch(program::saysRedo);
      }
      if (node.container().state() == NodeState.DOWN) {
        throw new ClusterException(
            "%s ended while it started: %s".formatted(node.id(), node.container().lastLine()));
      }
      require(deadline, node.id() + " does not get ready");
    }
  }

  private void awaitStreaming(NodeId standby) {
    long deadline = deadline();
    while (!OneValue.streams(this, primary(), standby)) {
      require(deadline, standby + " does not stream from " + primary());
    }
  }

  private Optional<String> query(NodeId id, String sql) {
    return OneValue.of(this, id, sql, OneValue.limits(5, 65, "phaistos-control"));
  }

  private long deadline() {
    return System.nanoTime() + options.patience().toNanos();
  }

  /** Sleeps briefly, or throws if the deadline has passed. */
  private void require(long deadline, String problem) {
    if (System.nanoTime() > deadline) {
      throw new ClusterException(problem + " within " + options.patience().toSeconds() + " s");
    }
    Pause.of(Duration.ofMillis(50));
  }

  @Override
  public DataDirectory image(NodeId id, ImageKind kind) {
    return locked(
        id,
        node -> {
          if (node.container().state() != NodeState.DOWN) {
            throw new ClusterException(id + " is not down: its files change");
          }
          NodeFolder copy =
              new NodeFolder(own.folder().resolve("image-" + images.incrementAndGet() + "-" + id));
          node.folder().copyTo(copy.folder());
          if (kind == ImageKind.SYNCED_ONLY) {
            copy.dropUnsynced();
          }
          return new FolderDataDirectory(copy.data());
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
