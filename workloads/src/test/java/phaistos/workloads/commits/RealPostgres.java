package phaistos.workloads.commits;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL 15 of this machine, on loopback, for as long as a test runs. As root it is run by
 * the user postgres, since it refuses root.
 */
final class RealPostgres implements AutoCloseable {
  private static final Path PROGRAMS = Path.of("/usr/lib/postgresql/15/bin");

  private final Path folder;
  private final int port;

  private RealPostgres(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** Skips the test, with a reason, where there is none. */
  static RealPostgres start(int port, String... settings) throws IOException {
    assumeTrue(Files.isExecutable(PROGRAMS.resolve("postgres")), "no PostgreSQL 15 in " + PROGRAMS);
    Path folder = Files.createTempDirectory("phaistos-postgres");
    RealPostgres server = new RealPostgres(folder, port);
    if (isRoot()) {
      server.must(List.of("chown", "postgres", folder.toString()), false);
    }
    server.must(
        List.of(
            PROGRAMS.resolve("initdb").toString(),
            "--auth=trust",
            "--username=phaistos",
            "--no-sync",
            "-D",
            folder.resolve("data").toString()),
        true);
    List<String> options = new ArrayList<>();
    options.add("-c listen_addresses=127.0.0.1 -c port=" + port);
    options.add("-c unix_socket_directories=" + folder);
    for (String setting : settings) {
      options.add("-c '" + setting + "'");
    }
    server.must(
        List.of(
            PROGRAMS.resolve("pg_ctl").toString(),
            "-D",
            folder.resolve("data").toString(),
            "-l",
            folder.resolve("log").toString(),
            "-w",
            "-o",
            String.join(" ", options),
            "start"),
        true);
    return server;
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=phaistos";
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private void must(List<String> command, boolean asPostgres) throws IOException {
    List<String> whole = new ArrayList<>();
    if (asPostgres && isRoot()) {
      whole.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    whole.addAll(command);
    Path output = Files.createTempFile("phaistos-postgres", ".out");
    try {
      Process process =
          new ProcessBuilder(whole)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        abort("PostgreSQL does not start here: " + command + ": " + Files.readString(output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      abort("interrupted");
    } finally {
      Files.deleteIfExists(output);
    }
  }

  void stop(String mode) throws IOException {
    must(
        List.of(
            PROGRAMS.resolve("pg_ctl").toString(),
            "-D",
            folder.resolve("data").toString(),
            "-m",
            mode,
            "-w",
            "stop"),
        true);
  }

  @Override
  public void close() throws IOException {
    if (Files.exists(folder.resolve("data/postmaster.pid"))) {
      stop("immediate");
    }
    try (java.util.stream.Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
