package phaistos.runner.localpostgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import phaistos.cluster.Cluster;
import phaistos.cluster.ClusterException;
import phaistos.environment.Environment;
import phaistos.formats.DataDirectory;

/**
 * PostgreSQL 15 of this machine as a cluster of three, on loopback, to hold clients, operator and
 * nemesis against the real thing. It can kill, pause, promote and rejoin; it cannot cut links, and
 * its crash is a kill that loses nothing. Called from one task at a time but for {@link #connect}.
 */
final class LocalPostgresCluster implements Cluster {
  static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");
  private static final long WAIT_NANOS = 30_000_000_000L;

  private final Path root;
  private final int firstPort;
  private final Environment control;
  private final TreeMap<NodeId, NodeState> state = new TreeMap<>();
  private volatile NodeId primary;

  LocalPostgresCluster(Path root, int firstPort, Environment control) {
    this.root = root;
    this.firstPort = firstPort;
    this.control = control;
    nodes().forEach(node -> state.put(node, NodeState.DOWN));
    primary = nodes().getFirst();
  }

  @Override
  public List<NodeId> nodes() {
    return List.of(new NodeId("n1"), new NodeId("n2"), new NodeId("n3"));
  }

  @Override
  public Environment control() {
    return control;
  }

  @Override
  public void start() {
    try {
      if (isRoot()) {
        run(List.of("chown", "postgres", root.toString()));
      }
      must("initdb", "--auth=trust", "--username=phaistos", "--no-sync", "-D", data(primary));
      configure(primary);
      launch(primary);
      for (NodeId node : nodes()) {
        if (!node.equals(primary)) {
          copy(node, primary);
        }
      }
      Files.writeString(
          Path.of(data(primary), "postgresql.auto.conf"),
          "synchronous_standby_names = 'ANY 1 (n1, n2, n3)'\n",
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
            .formatted(root),
        StandardOpenOption.APPEND);
  }

  /** A new standby from a base backup. */
  private void copy(NodeId node, NodeId from) throws IOException {
    must(
        "pg_basebackup",
        "-U",
        "phaistos",
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
        "primary_conninfo = 'host=127.0.0.1 user=phaistos port=%d application_name=%s'\n"
                .formatted(port(to), node)
            + "synchronous_standby_names = 'ANY 1 (n1, n2, n3)'\n");
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
    String sql =
        "select count(*) from pg_stat_replication where state = 'streaming'"
            + " and application_name = '"
            + node
            + "'";
    await(node + " to stream from " + from, () -> ask(from, sql).equals("1"));
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

  private String ask(NodeId node, String sql) {
    try (Connection connection = connect(node, new Properties());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    } catch (SQLException _) {
      return "";
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
    String url = "jdbc:postgresql://127.0.0.1:" + port(node) + "/postgres?user=phaistos";
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
  public CrashReport crash(NodeId node, CrashMode mode, long seed) {
    kill(node);
    return new CrashReport(0);
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
  public void cut(Stream stream) {
    throw new ClusterException("a local PostgreSQL has no links to cut");
  }

  @Override
  public void heal(Stream stream) {}

  @Override
  public void healAll() {}

  @Override
  public Traffic traffic(Stream stream) {
    return new Traffic(0, 0);
  }

  @Override
  public List<Stream> streams() {
    return List.of();
  }

  @Override
  public DataDirectory image(NodeId node, ImageKind kind) {
    throw new ClusterException("a local PostgreSQL gives no images");
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
      delete(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String data(NodeId node) {
    return root.resolve(node.name()).toString();
  }

  private Path logFile(NodeId node) {
    return root.resolve(node.name() + ".log");
  }

  private int port(NodeId node) {
    return firstPort + nodes().indexOf(node);
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

  /** One of PostgreSQL's programs, as the user postgres where we are root, whom it refuses. */
  private void must(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    command.add(PROGRAMS.resolve(program).toString());
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
