package phaistos.bench;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A PostgreSQL 15 on loopback, started for a benchmark, that keeps all of its WAL and does not wait
 * for its disk. {@link #close} stops it and leaves its data directory.
 */
final class BenchPostgres implements AutoCloseable {
  static final Path BIN = Path.of("/usr/lib/postgresql/15/bin");

  private final Path data;
  private final String port;

  private BenchPostgres(Path data, int port) {
    this.data = data;
    this.port = Integer.toString(port);
  }

  /** Makes the data directory, whose parent exists, and starts the server. */
  static BenchPostgres start(Path data) throws IOException {
    BenchPostgres server = new BenchPostgres(data, freePort());
    server.start();
    return server;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void start() throws IOException {
    if (isRoot()) {
      run(List.of("chown", "postgres", data.getParent().toString()));
    }
    run(command("initdb", "-D", data.toString(), "-U", "postgres", "-A", "trust", "--no-sync"));
    Files.writeString(
        data.resolve("postgresql.conf"),
        """
        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        fsync = off
        synchronous_commit = off
        shared_buffers = 256MB
        checkpoint_timeout = 1h
        max_wal_size = 100GB
        wal_keep_size = 100GB
        """);
    String log = log().toString();
    run(command("pg_ctl", "-D", data.toString(), "-w", "-l", log, "-o", "-p " + port, "start"));
  }

  Path log() {
    return data.resolveSibling("log");
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  /** Starts psql with one command. */
  Process sql(String text) throws IOException {
    return start(
        command("psql", "-q", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-c", text));
  }

  @Override
  public void close() throws IOException {
    run(command("pg_ctl", "-D", data.toString(), "-w", "-m", "fast", "stop"));
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  /** PostgreSQL refuses to run as root. */
  private static List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    }
    command.add(BIN.resolve(words[0]).toString());
    command.addAll(List.of(words).subList(1, words.length));
    return command;
  }

  private static void run(List<String> command) throws IOException {
    try {
      int exitCode = start(command).waitFor();
      if (exitCode != 0) {
        throw new IOException("exit code %d of %s".formatted(exitCode, String.join(" ", command)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command.getFirst(), e);
    }
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .directory(new File("/tmp"))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
