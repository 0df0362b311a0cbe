package phaistos.runner.commitlog;

import java.io.IOException;
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
import phaistos.cluster.machine.MachineFiles;
import phaistos.cluster.postgres.PostgresPrograms;
import phaistos.cluster.postgres.PostgresVersion;

/**
 * A server under strace, in a folder of its own: ours, or PostgreSQL 15. Both have four buffers for
 * the commit log and begin at the same transaction id. PostgreSQL refuses to run as root, so root
 * runs it as the user postgres. Not thread-safe.
 */
public final class TracedServer implements AutoCloseable {
  /** The first id that a transaction gets. */
  public static final int FIRST_XID = 32_768 - 100;

  private static final int START_TRIES = 300;
  private static final long POLL_MILLIS = 100;
  private static final Path STRACE = Path.of("/usr/bin/strace");

  private final Path folder;
  private final int port;
  private final Process process;

  private TracedServer(Path folder, int port, Process process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /** Why no server can be traced here; empty if one can. */
  public static String missing() {
    return Files.isExecutable(STRACE) ? "" : "there is no " + STRACE;
  }

  /**
   * Ours.
   *
   * @param traced false to run it without strace, as fast as it is
   * @param settings NAME=VALUE
   */
  public static TracedServer phaistos(boolean traced, List<String> settings)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("phaistos-trace");
    String data = folder.resolve("data").toString();
    run(ours("server", "init", "-D", data, "--next-xid", Integer.toString(FIRST_XID)));
    int port = freePort();
    List<String> start = new ArrayList<>(ours("server", "start", "-D", data));
    start.addAll(List.of("-p", Integer.toString(port), "-c", "shared_buffers=16MB"));
    settings.forEach(setting -> start.addAll(List.of("-c", setting)));
    return start(folder, port, traced, start);
  }

  private static List<String> ours(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add("phaistos.runner.Main");
    command.addAll(List.of(arguments));
    return command;
  }

  /** PostgreSQL 15. */
  public static TracedServer postgres(boolean traced) throws IOException, InterruptedException {
    PostgresPrograms programs = PostgresPrograms.find(PostgresVersion.parse("15"));
    Path folder = Files.createTempDirectory("phaistos-trace");
    String data = folder.resolve("data").toString();
    if (isRoot()) {
      run(List.of("chown", "postgres", folder.toString()));
    }
    run(as(programs, "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"));
    run(as(programs, "pg_resetwal", "-x", Integer.toString(FIRST_XID), "-D", data));
    int port = freePort();
    List<String> start = new ArrayList<>(as(programs, "postgres", "-D", data));
    start.addAll(List.of("-p", Integer.toString(port)));
    for (String setting :
        List.of(
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "shared_buffers=16MB",
            "autovacuum=off",
            "checkpoint_timeout=1h",
            "checkpoint_completion_target=0")) {
      start.addAll(List.of("-c", setting));
    }
    return start(folder, port, traced, start);
  }

  private static List<String> as(PostgresPrograms programs, String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    command.add(programs.folder().resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("%s: %s".formatted(command, said));
    }
  }

  private static TracedServer start(Path folder, int port, boolean traced, List<String> server)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (traced) {
      command.addAll(List.of(STRACE.toString(), "-f", "-y", "-ttt", "-T", "-s", "0"));
      command.addAll(List.of("--seccomp-bpf", "-o", folder.resolve("trace").toString(), "-e"));
      command.add("trace=pwrite64,fsync,fdatasync,sync_file_range");
    }
    command.addAll(server);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    TracedServer started = new TracedServer(folder, port, process);
    try {
      started.awaitReady();
    } catch (IOException | RuntimeException e) {
      started.close();
      throw e;
    }
    return started;
  }

  private void awaitReady() throws IOException, InterruptedException {
    for (int i = 0; i < START_TRIES && process.isAlive(); i++) {
      try (Connection _ = connect()) {
        return;
      } catch (SQLException e) {
        Thread.sleep(POLL_MILLIS);
      }
    }
    throw new IOException("the server did not start: " + Files.readString(folder.resolve("log")));
  }

  public Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres&preferQueryMode=simple"
            .formatted(port));
  }

  /** What the trace holds now. */
  public List<TraceEvent> events() throws IOException {
    return TraceEvent.parse(Files.readAllLines(folder.resolve("trace")));
  }

  /** Ends the server and all its processes at once, and removes its folder. */
  @Override
  public void close() throws IOException {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().join());
    MachineFiles.delete(folder);
  }
}
