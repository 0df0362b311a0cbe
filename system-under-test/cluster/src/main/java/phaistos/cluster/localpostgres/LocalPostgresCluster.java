package phaistos.cluster.localpostgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import phaistos.cluster.Capabilities;
import phaistos.cluster.Capability;
import phaistos.cluster.Cluster;
import phaistos.cluster.ClusterException;
import phaistos.cluster.OneValue;
import phaistos.cluster.OperatorActs;
import phaistos.environment.Environment;

/**
 * Real PostgreSQL of this machine as a cluster on loopback, to test clients, operator and nemesis
 * against it. It kills, pauses and promotes nodes, and joins them again by a base backup. Its nodes
 * talk over loopback without proxies, and write to this machine's own disk and page cache. One task
 * at a time may call it, except {@link #connect}.
 */
public final class LocalPostgresCluster implements Cluster, OperatorActs {
  private static final String USER = "phaistos";
  private static final long WAIT_NANOS = 30_000_000_000L;
  private static final Capabilities CAPABILITIES =
      Capabilities.allBut(
          Map.of(
              Capability.CUT, "its nodes talk over loopback, without proxies between them",
              Capability.POWER_CUT, "its nodes write to the page cache of this machine",
              Capability.IMAGES, "what its nodes have not synced cannot be told from the rest",
              Capability.DISK, "its nodes write to the disk of this machine",
              Capability.CLOCK, "its nodes share the clock of this machine",
              Capability.STEPS, "PostgreSQL's steps are not watched",
              Capability.REPLICATION_MESSAGES, "the replication stream is not read"));

  private final Options options;
  private final Environment control;
  private final List<NodeId> nodes;
  private final Map<NodeId, Integer> ports = new TreeMap<>();
  private final TreeMap<NodeId, NodeState> state = new TreeMap<>();
  private volatile NodeId primary;

  /**
   * @param nodes how many, the first of which starts as primary
   * @param programs the folder with initdb, pg_ctl, pg_basebackup and postgres
   * @param root an empty folder for the nodes' data, removed at the end
   */
  public record Options(int nodes, Path programs, Path root) {
    /** Where Debian puts this major version. */
    public static Path debian(int version) {
      return Path.of("/usr/lib/postgresql/" + version + "/bin");
    }
  }

  public LocalPostgresCluster(Options options, Environment control) {
    this.options = options;
    this.control = control;
    nodes = IntStream.rangeClosed(1, options.nodes).mapToObj(i -> new NodeId("n" + i)).toList();
    for (NodeId node : nodes) {
      state.put(node, NodeState.DOWN);
      ports.put(node, freePort());
    }
    primary = nodes.getFirst();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on loopback", e);
    }
  }

  @Override
  public List<NodeId> nodes() {
    return nodes;
  }

  @Override
  public Capabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public Optional<OperatorActs> operatorActs() {
    return Optional.of(this);
  }

  @Override
  public Environment control() {
    return control;
  }

  @Override
  public void start() {
    try {
      if (isRoot()) {
        run(List.of("chown", "postgres", options.root.toString()));
      }
      must("initdb", "--auth=trust", "--username=" + USER, "--no-sync", "-D", data(primary));
      configure(primary);
      launch(primary);
      for (NodeId node : nodes()) {
        if (!node.equals(primary)) {
          copy(node, primary);
        }
      }
      Files.writeString(
          Path.of(data(primary), "postgresql.auto.conf"),
          standbyNames(),
          StandardOpenOption.APPEND);
      must("pg_ctl", "-D", data(primary), "reload");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void configure(NodeId node) throws IOException {
    Files.writeString(
        Path.of(data(node), "postgresql.conf"),
        """
        listen_addresses = '127.0.0.1'
        unix_socket_directories = '%s'
        wal_keep_size = 1GB
        hot_standby = on
        wal_retrieve_retry_interval = 200ms
        shared_buffers = 16MB
        """
            .formatted(options.root),
        StandardOpenOption.APPEND);
  }

  /** Creates a new standby from a base backup. */
  private void copy(NodeId node, NodeId from) throws IOException {
    must(
        "pg_basebackup",
        "-U",
        USER,
        "-h",
        "127.0.0.1",
        "-p",
        "" + port(from),
        "--no-sync",
        "-c",
        "fast",
        "-D",
        data(node));
    Files.writeString(Path.of(data(node), "standby.signal"), "");
    point(node, from);
    launch(node);
    awaitStreaming(node, from);
  }

  private void point(NodeId node, NodeId to) throws IOException {
    Path file = Path.of(data(node), "postgresql.auto.conf");
    Files.writeString(
        file,
        "primary_conninfo = 'host=127.0.0.1 user=%s port=%d application_name=%s'\n"
                .formatted(USER, port(to), node)
            + standbyNames());
  }

  private String standbyNames() {
    String names = nodes.stream().map(NodeId::name).collect(Collectors.joining(", "));
    return "synchronous_standby_names = 'ANY 1 (" + names + ")'\n";
  }

  private void launch(NodeId node) {
    must(
        "pg_ctl",
        "-D",
        data(node),
        "-l",
        logFile(node).toString(),
        "-t",
        "30",
        "-w",
        "-o",
        "-p " + port(node),
        "start");
    state.put(node, NodeState.UP);
  }

  private void awaitStreaming(NodeId node, NodeId from) {
    await(node + " to stream from " + from, () -> OneValue.streams(this, from, node));
  }

  private void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + WAIT_NANOS / 2;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new ClusterException("waited for " + what);
      }
      control.tasks().sleep(50_000_000);
    }
  }

  @Override
  public NodeId primary() {
    return primary;
  }

  @Override
  public NodeState state(NodeId node) {
    return state.get(node);
  }

  @Override
  public Connection connect(NodeId node, Properties options) throws SQLException {
    String url = "jdbc:postgresql://127.0.0.1:" + port(node) + "/postgres?user=" + USER;
    return DriverManager.getConnection(url, options);
  }

  @Override
  public void kill(NodeId node) {
    List<ProcessHandle> all = processes(node);
    all.forEach(ProcessHandle::destroyForcibly);
    await(node + " to die", () -> all.stream().noneMatch(ProcessHandle::isAlive));
    state.put(node, NodeState.DOWN);
  }

  /** The postmaster, then its children. */
  private List<ProcessHandle> processes(NodeId node) {
    try {
      long pid =
          Long.parseLong(Files.readAllLines(Path.of(data(node), "postmaster.pid")).getFirst());
      List<ProcessHandle> all = new ArrayList<>();
      ProcessHandle.of(pid)
          .ifPresent(
              postmaster -> {
                all.add(postmaster);
                postmaster.descendants().forEach(all::add);
              });
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void killAll() {
    nodes().stream().filter(n -> state(n) != NodeState.DOWN).forEach(this::kill);
  }

  @Override
  public RestartReport restart(NodeId node) {
    int before = log(node).size();
    launch(node);
    List<String> lines = log(node);
    return new RestartReport(
        lines.subList(before, lines.size()).stream().anyMatch(l -> l.contains("redo starts at")));
  }

  @Override
  public void pause(NodeId node) {
    signal(node, "STOP");
    state.put(node, NodeState.PAUSED);
  }

  @Override
  public void resume(NodeId node) {
    signal(node, "CONT");
    state.put(node, NodeState.UP);
  }

  private void signal(NodeId node, String signal) {
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    processes(node).forEach(process -> command.add(Long.toString(process.pid())));
    run(command);
  }

  @Override
  public void promote(NodeId node) {
    must("pg_ctl", "-D", data(node), "-t", "30", "-w", "promote");
    primary = node;
  }

  @Override
  public void follow(NodeId standby, NodeId to) {
    try {
      point(standby, to);
      if (state(standby) == NodeState.DOWN) {
        launch(standby);
      } else {
        must("pg_ctl", "-D", data(standby), "reload");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitStreaming(standby, to);
  }

  @Override
  public void rejoin(NodeId node, NodeId to) {
    if (state(node) != NodeState.DOWN) {
      kill(node);
    }
    try {
      delete(Path.of(data(node)));
      copy(node, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<String> log(NodeId node) {
    try {
      return Files.exists(logFile(node)) ? Files.readAllLines(logFile(node)) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      killAll();
      delete(options.root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String data(NodeId node) {
    return options.root.resolve(node.name()).toString();
  }

  private Path logFile(NodeId node) {
    return options.root.resolve(node.name() + ".log");
  }

  private int port(NodeId node) {
    return ports.get(node);
  }

  private static void delete(Path folder) throws IOException {
    try (java.util.stream.Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /**
   * Runs one of PostgreSQL's programs. They refuse to run as root, so root runs them as the user
   * postgres.
   */
  private void must(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    command.add(options.programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    run(command);
  }

  private void run(List<String> command) {
    try {
      Path output = Files.createTempFile("phaistos-local", ".out");
      Process process =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(WAIT_NANOS, TimeUnit.NANOSECONDS);
      String text = Files.readString(output);
      Files.delete(output);
      if (!ended || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new ClusterException(String.join(" ", command) + ": " + text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted", e);
    }
  }
}
