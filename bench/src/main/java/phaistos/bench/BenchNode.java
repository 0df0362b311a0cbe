package phaistos.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A database node of a benchmark, ours or PostgreSQL 15, in processes of its own, on loopback and a
 * Unix socket in its folder. Not thread-safe.
 */
final class BenchNode implements AutoCloseable {
  static final Path BIN = Path.of("/usr/lib/postgresql/15/bin");

  private static final int START_TRIES = 6000;
  private static final String PRIMARY = "primary";

  /** PostgreSQL that writes WAL and does not wait for its disk. */
  static final List<String> UNSYNCED =
      List.of("fsync=off", "synchronous_commit=off", "shared_buffers=256MB");

  /** How users start ours; null if this JVM was started without it. */
  private static final Path LAUNCHER =
      System.getProperty("phaistos.home") == null
          ? null
          : Path.of(System.getProperty("phaistos.home"), "phaistos");

  /** Which database. */
  enum Database {
    PHAISTOS("ours"),
    POSTGRES("PostgreSQL 15");

    private final String label;

    Database(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  private final Database database;
  private final Path folder;
  private final String name;
  private final int port;
  private final List<String> settings;
  private Process process;

  private BenchNode(Database database, Path folder, String name, int port, List<String> settings) {
    this.database = database;
    this.folder = folder;
    this.name = name;
    this.port = port;
    this.settings = settings;
  }

  /**
   * A primary that takes connections.
   *
   * @param settings NAME=VALUE
   */
  static BenchNode primary(Database database, Path folder, List<String> settings)
      throws IOException, SQLException {
    BenchNode node = new BenchNode(database, folder, PRIMARY, freePort(), settings);
    switch (database) {
      case PHAISTOS ->
          run(node.ours("server", "init", "-D", node.data(), "--system-identifier", "7"));
      case POSTGRES -> {
        if (isRoot()) {
          run(List.of("chown", "postgres", folder.toString()));
        }
        run(node.real("initdb", "-D", node.data(), "-U", "postgres", "-A", "trust", "--no-sync"));
      }
    }
    node.start();
    return node;
  }

  /** A standby of this node. */
  BenchNode standby(String standbyName) throws IOException, SQLException {
    BenchNode node = new BenchNode(database, folder, standbyName, freePort(), List.of());
    switch (database) {
      case PHAISTOS ->
          run(
              ours(
                  "server",
                  "init",
                  "-D",
                  node.data(),
                  "--system-identifier",
                  "7",
                  "--standby",
                  "-c",
                  "primary_conninfo=host=127.0.0.1 port=%d application_name=%s"
                      .formatted(port, standbyName)));
      case POSTGRES ->
          run(
              real(
                  "pg_basebackup",
                  "-D",
                  node.data(),
                  "-R",
                  "-c",
                  "fast",
                  "--no-sync",
                  "-d",
                  "host=127.0.0.1 port=%d user=postgres application_name=%s"
                      .formatted(port, standbyName)));
    }
    node.start();
    return node;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private String data() {
    return folder.resolve(name).toString();
  }

  /** The data directory that a primary in this folder has. */
  static Path primaryData(Path folder) {
    return folder.resolve(PRIMARY);
  }

  int port() {
    return port;
  }

  /** The folder of its Unix socket. */
  Path socketFolder() {
    return folder;
  }

  /** Starts it, anew too, and waits until it takes connections. */
  void start() throws IOException, SQLException {
    List<String> command =
        switch (database) {
          case PHAISTOS -> ours("server", "start", "-D", data(), "-p", Integer.toString(port));
          case POSTGRES -> real("postgres", "-D", data(), "-p", Integer.toString(port));
        };
    List<String> all = new ArrayList<>(command);
    List<String> given = new ArrayList<>(settings);
    given.add("listen_addresses=127.0.0.1");
    given.add("unix_socket_directories=" + folder);
    given.add("max_wal_size=8GB");
    given.add("checkpoint_timeout=1h");
    if (database == Database.POSTGRES) {
      given.add("wal_keep_size=8GB");
    }
    given.forEach(setting -> all.addAll(List.of("-c", setting)));
    process =
        new ProcessBuilder(all)
            .directory(new File("/tmp"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start();
    SQLException last = null;
    for (int i = 0; i < START_TRIES && process.isAlive(); i++) {
      try (Connection _ = connect()) {
        return;
      } catch (SQLException e) {
        last = e;
        pause(50);
      }
    }
    throw new IOException(
        "%s did not start: %s%s"
            .formatted(name, last, Files.readString(folder.resolve(name + ".log"))));
  }

  static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(port));
  }

  void execute(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** One value, as text. */
  String ask(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }

  /** Waits until a query answers this; answers how long that took, in seconds. */
  double await(String sql, String answer) throws SQLException, IOException {
    long began = System.nanoTime();
    while (!ask(sql).equals(answer)) {
      if (System.nanoTime() - began > 300e9) {
        throw new IOException("%s never answered %s, but %s".formatted(sql, answer, ask(sql)));
      }
      pause(10);
    }
    return (System.nanoTime() - began) / 1e9;
  }

  /** SIGKILL to all of its processes. */
  void kill() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.addFirst(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
    // a process whose parent is gone may stay in the table until somebody asks for its end
    for (int i = 0; i < 100 && all.stream().anyMatch(ProcessHandle::isAlive); i++) {
      pause(20);
    }
  }

  /** Stops PostgreSQL with all of its WAL on disk. */
  void stop() throws IOException {
    run(real("pg_ctl", "-D", data(), "-w", "-m", "fast", "stop"));
  }

  @Override
  public void close() {
    kill();
  }

  // ---- programs ----

  /**
   * Makes the cache of a server that has worked, with which the launcher starts others: whoever
   * makes the first data directory after a build makes it.
   */
  static void prepare(Path folder) throws IOException, SQLException {
    if (LAUNCHER == null) {
      System.out.println("without the launcher: servers start without its cache");
      return;
    }
    primary(Database.PHAISTOS, folder, List.of()).close();
  }

  private List<String> ours(String... arguments) {
    List<String> command = new ArrayList<>();
    if (LAUNCHER != null) {
      command.add(LAUNCHER.toString());
      command.addAll(List.of(arguments));
      return command;
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add("phaistos.runner.Main");
    command.addAll(List.of(arguments));
    return command;
  }

  /** PostgreSQL refuses to run as root. */
  private List<String> real(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    }
    command.add(BIN.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  static String run(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).directory(new File("/tmp")).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException("%s: %s".formatted(command, said));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return said;
  }
}
