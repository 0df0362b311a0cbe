package phaistos.runner;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real PostgreSQL 15 on loopback: one node, its data directory below a common folder. PostgreSQL
 * refuses to run as root, so root runs it as the user postgres. Not thread-safe.
 */
final class RealPostgres implements AutoCloseable {
  static final Path BIN = Path.of("/usr/lib/postgresql/15/bin");

  private final String name;
  private final Path folder;
  private final int port;
  private Process server;

  RealPostgres(String name, Path folder, int port) {
    this.name = name;
    this.folder = folder;
    this.port = port;
  }

  /** Why it cannot run here; empty if it can. */
  static String missing() {
    if (!Files.isExecutable(BIN.resolve("initdb"))) {
      return "no PostgreSQL 15 in " + BIN;
    }
    if (isRoot() && !Files.isExecutable(Path.of("/usr/bin/setpriv"))) {
      return "root needs setpriv to run PostgreSQL as the user postgres";
    }
    return "";
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /** A port of loopback that nobody has now. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
      return socket.getLocalPort();
    }
  }

  /** A new folder that the server's user owns. */
  static Path createFolder() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "phaistos-audit");
    if (isRoot()) {
      run(new ProcessBuilder("chown", "postgres", folder.toString()));
    }
    return folder;
  }

  static void deleteFolder(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  int port() {
    return port;
  }

  Path data() {
    return folder.resolve(name);
  }

  void initialize() throws IOException, InterruptedException {
    command(
        "initdb",
        "-D",
        data().toString(),
        "-U",
        "postgres",
        "-A",
        "trust",
        "--locale=C.UTF-8",
        "-E",
        "UTF8",
        "--wal-segsize=1",
        "--no-sync");
    Files.writeString(
        data().resolve("postgresql.conf"),
        """
        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        max_connections = 30
        shared_buffers = 16MB
        autovacuum = off
        checkpoint_timeout = 1h
        max_wal_size = 1GB
        max_prepared_transactions = 4
        wal_keep_size = 256MB
        fsync = on
        """);
  }

  /** Makes this node a standby of the other. */
  void copyFrom(RealPostgres primary) throws IOException, InterruptedException {
    command(
        "pg_basebackup",
        "-D",
        data().toString(),
        "-R",
        "-X",
        "stream",
        "-c",
        "fast",
        "--no-sync",
        "-d",
        "host=127.0.0.1 port=%d user=postgres application_name=%s".formatted(primary.port, name));
  }

  void start() throws IOException, InterruptedException, SQLException {
    server =
        builder("postgres", "-D", data().toString(), "-p", Integer.toString(port))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start();
    for (int i = 0; i < 300; i++) {
      try (Connection _ = connect()) {
        return;
      } catch (SQLException e) {
        if (!server.isAlive()) {
          break;
        }
        Thread.sleep(100);
      }
    }
    throw new IOException(
        name + " did not start: " + Files.readString(folder.resolve(name + ".log")));
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres&socketTimeout=30".formatted(port));
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  String query(String sql) throws SQLException {
    try (Connection connection = connect();
        var statement = connection.createStatement();
        var result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  /** SIGKILL of the server and of all its processes. */
  void kill() {
    if (server != null) {
      List<ProcessHandle> processes = new ArrayList<>(server.descendants().toList());
      processes.addFirst(server.toHandle());
      processes.forEach(ProcessHandle::destroyForcibly);
      processes.forEach(process -> process.onExit().join());
      server = null;
    }
  }

  /** A shutdown with a checkpoint. */
  void stop() throws IOException, InterruptedException {
    command("pg_ctl", "-D", data().toString(), "-m", "fast", "-w", "stop");
    server = null;
  }

  @Override
  public void close() {
    kill();
  }

  /** Runs one of PostgreSQL's programs and returns what it printed; it must end well. */
  String command(String program, String... arguments) throws IOException, InterruptedException {
    return run(builder(program, arguments));
  }

  /** The names of the WAL's segments that begin so, the first one first. */
  static List<String> segments(Path wal, String timeline) throws IOException {
    try (Stream<Path> files = Files.list(wal)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.length() == 24 && name.startsWith(timeline))
          .sorted()
          .toList();
    }
  }

  /** What one of PostgreSQL's programs prints, errors included, however it ends. */
  static String said(String program, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addFirst(BIN.resolve(program).toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  /** pg_waldump's listing, which ends with an error at the end of all WAL. */
  static List<String> waldump(Path folder, String first, String last)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            BIN.resolve("pg_waldump").toString(), "-p", folder.toString(), first, last);
    builder.environment().put("TZ", "UTC");
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    byte[] output = process.getInputStream().readAllBytes();
    process.waitFor();
    return new String(output, StandardCharsets.ISO_8859_1).lines().toList();
  }

  private ProcessBuilder builder(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    }
    command.add(BIN.resolve(program).toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).directory(new File("/tmp"));
  }

  private static String run(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(builder.command() + " failed: " + output);
    }
    return output;
  }

  /** Copies a data directory, links and all. */
  static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
