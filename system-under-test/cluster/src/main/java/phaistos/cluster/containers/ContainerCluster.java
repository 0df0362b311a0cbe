package phaistos.cluster.containers;

import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import phaistos.cluster.Cluster;
import phaistos.cluster.ClusterException;
import phaistos.environment.Environment;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.formats.DataDirectory;

/**
 * A cluster of containers on this machine's Docker engine: our server in a container for each node,
 * its data directory in a folder of this machine, and between them one Toxiproxy ({@link Links}).
 *
 * <p>All that it makes bears the run's labels ({@link Leftovers}) and is gone after {@link #close},
 * after SIGINT and after SIGTERM; after a SIGKILL the next cluster removes it. Thread-safe: one
 * call at a time for each node.
 */
public final class ContainerCluster implements Cluster {
  private static final AtomicInteger RUNS = new AtomicInteger();

  private final ContainerClusterOptions options;
  private final NodeProgram program;
  private final Map<String, String> settings;
  private final String run;
  private final Path folder;
  private final Map<String, String> labels;
  private final Path jars;
  private final String classPath;
  private final Environment control;
  private final Links links;
  private final Thread onExit = new Thread(this::removeOnExit, "phaistos-containers-exit");
  private final AtomicReference<NodeId> primary = new AtomicReference<>();
  private final AtomicInteger images = new AtomicInteger();
  private final Map<NodeId, Node> nodes = new LinkedHashMap<>();
  private final ReentrantLock closing = new ReentrantLock();
  private volatile boolean closed;

  /** What belongs to one node; the lock is held during every act on it. */
  private record Node(NodeId id, NodeFolder folder, NodeContainer container, ReentrantLock lock) {}

  /**
   * Removes the leftovers of runs whose process is gone, and makes the networks.
   *
   * @throws ClusterException if there is no engine or an image is missing
   */
  public ContainerCluster(ContainerClusterOptions options) {
    this(options, new ServerProgram());
  }

  ContainerCluster(ContainerClusterOptions options, NodeProgram program) {
    this.program = program;
    settings = new LinkedHashMap<>(program.settings());
    settings.putAll(options.settings());
    ContainerEngine.missing()
        .ifPresent(
            missing -> {
              throw new ClusterException(missing);
            });
    this.options = options;
    Leftovers.removeDead();
    long pid = ProcessHandle.current().pid();
    run = Long.toString(pid, 36) + "-" + RUNS.incrementAndGet();
    folder = makeFolder(run);
    control =
        SystemEnvironment.of(
            "control",
            new SystemDisk(folder.resolve("control")),
            options.seed(),
            options.onTaskFailure());
    labels =
        Map.of(
            Leftovers.RUN, run,
            Leftovers.OWNER, Owner.self().toString(),
            Leftovers.FOLDER, folder.toString());
    Runtime.getRuntime().addShutdownHook(onExit);
    List<NodeId> ids =
        IntStream.rangeClosed(1, options.nodes()).mapToObj(i -> new NodeId("n" + i)).toList();
    primary.set(ids.getFirst());
    links = new Links(ids, run, labels);
    jars = folder.resolve("class-path");
    classPath = copyClassPath(jars);
    for (NodeId id : ids) {
      NodeFolder own = new NodeFolder(folder.resolve(id.name()));
      NodeContainer container =
          new NodeContainer(
              id,
              "phaistos-" + run + "-" + id,
              own.folder(),
              jars,
              program.startCommand(classPath, settings),
              labels);
      nodes.put(id, new Node(id, own, container, new ReentrantLock()));
    }
  }

  /** With all links of the temporary folder resolved, as the engine sees it. */
  private static Path makeFolder(String run) {
    try {
      Path folder = Files.createTempDirectory("phaistos-" + run + "-").toRealPath();
      Files.writeString(folder.resolve(Leftovers.MARKER), run + "\n");
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder for the nodes", e);
    }
  }

  private static String copyClassPath(Path jars) {
    try {
      return ClassPath.copy(jars, NodeContainer.CLASS_PATH);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy the class path to " + jars, e);
    }
  }

  /** The run's name, which its labels bear. */
  String run() {
    return run;
  }

  /** The run's folder on this machine. */
  Path folder() {
    return folder;
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
    Path initial = folder.resolve("initial");
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

  /** Makes the data directory that every node begins with. */
  private void initialize(NodeFolder initial) {
    try {
      Files.createDirectories(initial.folder());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + initial.folder(), e);
    }
    NodeContainer once =
        new NodeContainer(
            new NodeId("initial"),
            "phaistos-" + run + "-initial",
            initial.folder(),
            jars,
            program.initCommand(classPath),
            labels);
    once.runToItsEnd(options.patience());
    initial.configure(settings);
  }

  private void probeLinks(Node node) {
    List<String> command = new ArrayList<>(ServerProgram.java(classPath));
    command.add(LinkProbe.class.getName());
    for (NodeId target : nodes.keySet()) {
      if (!target.equals(node.id())) {
        InetSocketAddress address = links.addressOf(node.id(), target);
        command.add(address.getHostString() + ":" + address.getPort());
      }
    }
    if (nodes.size() > 1) {
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
    all.put("user", ServerProgram.USER);
    all.put("sslmode", "disable");
    all.put("gssEncMode", "disable");
    all.putAll(properties);
    String url =
        "jdbc:postgresql://%s:%d/%s"
            .formatted(address.getHostString(), address.getPort(), ServerProgram.DATABASE);
    return DriverManager.getConnection(url, all);
  }

  @Override
  public void kill(NodeId id) {
    locked(
        id,
        node -> {
          node.container().kill();
          return null;
        });
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
   * Standbys first, the primary last, within microseconds where the processes can be seen from
   * here: what the primary has still acknowledged a standby had already flushed.
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
      // Those that could not be seen; and paused ones go on, to die.
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
    locked(
        id,
        node -> {
          node.container().pause();
          return null;
        });
  }

  @Override
  public void resume(NodeId id) {
    locked(
        id,
        node -> {
          node.container().resume();
          return null;
        });
  }

  @Override
  public void promote(NodeId id) {
    locked(
        id,
        node -> {
          long deadline = deadline();
          query(id, "SELECT pg_promote()");
          while (!query(id, "SELECT pg_is_in_recovery()").equals(Optional.of("f"))) {
            require(deadline, id + " is not promoted");
          }
          primary.set(id);
          return null;
        });
  }

  @Override
  public void follow(NodeId id, NodeId newPrimary) {
    locked(
        id,
        node -> {
          node.container().kill();
          pointAt(node, newPrimary);
          startProcess(node);
          return null;
        });
  }

  @Override
  public void rejoin(NodeId id, NodeId newPrimary) {
    locked(
        id,
        node -> {
          node.container().kill();
          node.folder().reset(folder.resolve("initial").resolve("data"));
          pointAt(node, newPrimary);
          startProcess(node);
          awaitStreaming(id);
          return null;
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
                        address.getHostString(),
                        address.getPort(),
                        ServerProgram.USER,
                        node.id())));
    node.folder().makeStandby();
  }

  /** Returns whether redo ran, once the server takes connections. */
  private boolean startProcess(Node node) {
    if (closed) {
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
    while (!streams(standby)) {
      require(deadline, standby + " does not stream from " + primary());
    }
  }

  private boolean streams(NodeId standby) {
    try (Connection connection = connect(primary(), patient());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM pg_stat_replication")) {
      while (rows.next()) {
        if (standby.name().equals(rows.getString("application_name"))
            && "streaming".equals(rows.getString("state"))) {
          return true;
        }
      }
      return false;
    } catch (SQLException e) {
      return false;
    }
  }

  /** The first column of the first row; empty if the node does not answer. */
  private Optional<String> query(NodeId id, String sql) {
    try (Connection connection = connect(id, patient());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
    } catch (SQLException e) {
      return Optional.empty();
    }
  }

  private static Properties patient() {
    Properties properties = new Properties();
    properties.put("connectTimeout", "5");
    properties.put("socketTimeout", "65");
    return properties;
  }

  private long deadline() {
    return System.nanoTime() + options.patience().toNanos();
  }

  /** Waits a moment, unless the deadline has passed. */
  private void require(long deadline, String problem) {
    if (System.nanoTime() > deadline) {
      throw new ClusterException(problem + " within " + options.patience().toSeconds() + " s");
    }
    Links.pause(Duration.ofMillis(50));
  }

  @Override
  public void cut(Stream stream) {
    links.cut(stream);
  }

  @Override
  public void heal(Stream stream) {
    links.heal(stream);
  }

  @Override
  public void healAll() {
    links.healAll();
  }

  @Override
  public Traffic traffic(Stream stream) {
    return links.traffic(stream);
  }

  @Override
  public List<Stream> streams() {
    return links.links().stream()
        .flatMap(link -> java.util.stream.Stream.of(link.stream(true), link.stream(false)))
        .toList();
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
              new NodeFolder(folder.resolve("image-" + images.incrementAndGet() + "-" + id));
          node.folder().copyTo(copy.folder());
          if (kind == ImageKind.SYNCED_ONLY) {
            copy.dropUnsynced();
          }
          return new FolderDirectory(copy.data(), id + " (" + kind + ")");
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

  private interface Act<T> {
    T on(Node node);
  }

  @Override
  public void close() {
    removeEverything();
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The JVM ends, and the hook with it.
      return;
    }
  }

  /**
   * Testcontainers' own hook may find a container that is being removed here: no news for a user.
   */
  private void removeOnExit() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> {
          if (!(failure instanceof DockerException)) {
            failure.printStackTrace();
          }
        });
    removeEverything();
  }

  /** Whatever a start that is under way makes in the meantime is found in the next round. */
  private void removeEverything() {
    closing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      for (int round = 0; round < 20; round++) {
        if (Leftovers.removeRun(run).isEmpty() && Leftovers.of(run).isEmpty() && round > 0) {
          break;
        }
        Links.pause(Duration.ofMillis(100));
      }
      Leftovers.deleteFolder(folder);
    } finally {
      closing.unlock();
    }
  }
}
