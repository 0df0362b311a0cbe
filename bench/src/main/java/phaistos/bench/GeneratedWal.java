package phaistos.bench;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * WAL of a PostgreSQL 15 on loopback, started for this, under transactions like pgbench's with one
 * more insert of a number that comes once: what is left of its data directory is the WAL, the
 * commit log and the control file.
 */
final class GeneratedWal {
  static final Path BIN = Path.of("/usr/lib/postgresql/15/bin");

  private static final int ACCOUNTS = 500_000;
  private static final int TRANSACTIONS = 20_000;
  private static final String SCHEMA =
      """
      CREATE TABLE accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84));
      CREATE TABLE tellers (tid int PRIMARY KEY, tbalance int, filler char(84));
      CREATE TABLE history (tid int, aid int, delta int, mtime timestamp, filler char(22));
      CREATE TABLE marks (id bigserial);
      INSERT INTO accounts SELECT i, 1, 0, '' FROM generate_series(1, %1$d) i;
      INSERT INTO tellers SELECT i, 0, '' FROM generate_series(1, 1000) i;
      CREATE PROCEDURE load(n int) LANGUAGE plpgsql AS $$
      DECLARE a int; t int;
      BEGIN
        FOR i IN 1..n LOOP
          a := 1 + floor(random() * %1$d); t := 1 + floor(random() * 1000);
          UPDATE accounts SET abalance = abalance + 1 WHERE aid = a;
          UPDATE tellers SET tbalance = tbalance + 1 WHERE tid = t;
          INSERT INTO history VALUES (t, a, 1, now(), '');
          INSERT INTO marks DEFAULT VALUES;
          COMMIT;
        END LOOP;
      END $$;
      """
          .formatted(ACCOUNTS);

  private final Path data;
  private final String port;

  private GeneratedWal(Path data, int port) {
    this.data = data;
    this.port = Integer.toString(port);
  }

  /**
   * A data directory with at least so many megabytes of WAL, made unless it is there from an
   * earlier run.
   */
  static Path of(int megabytes) throws IOException, InterruptedException {
    Path folder = Path.of("/tmp", "phaistos-bench-wal-" + megabytes);
    Path done = folder.resolve("done");
    if (!Files.exists(done)) {
      System.err.println("making %d MB of WAL in %s".formatted(megabytes, folder));
      Files.createDirectories(folder);
      new GeneratedWal(folder.resolve("data"), freePort()).make(megabytes);
      Files.createFile(done);
    }
    return folder.resolve("data");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void make(int megabytes) throws IOException, InterruptedException {
    boolean isRoot = System.getProperty("user.name").equals("root");
    if (isRoot) {
      run(List.of("chown", "postgres", data.getParent().toString()));
    }
    tool("initdb", "-D", data.toString(), "-U", "postgres", "-A", "trust", "--no-sync");
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
    String log = data.resolveSibling("log").toString();
    tool("pg_ctl", "-D", data.toString(), "-w", "-l", log, "-o", "-p " + port, "start");
    try {
      if (sql(SCHEMA).waitFor() != 0) {
        throw new IOException("the tables could not be made; see " + log);
      }
      while (megabytesOfWal() < megabytes) {
        Process other = sql("CALL load(%d)".formatted(TRANSACTIONS));
        sql("CALL load(%d)".formatted(TRANSACTIONS)).waitFor();
        other.waitFor();
      }
    } finally {
      tool("pg_ctl", "-D", data.toString(), "-w", "-m", "fast", "stop");
    }
    for (String needless : List.of("base", "pg_wal/archive_status")) {
      delete(data.resolve(needless));
    }
  }

  private long megabytesOfWal() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("pg_wal"))) {
      return files.filter(Files::isRegularFile).count() * 16;
    }
  }

  private Process sql(String text) throws IOException {
    return start(
        command("psql", "-q", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-c", text));
  }

  private static void tool(String... command) throws IOException, InterruptedException {
    run(command(command));
  }

  /** PostgreSQL refuses to run as root. */
  private static List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(
          List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"));
    }
    command.add(BIN.resolve(words[0]).toString());
    command.addAll(List.of(words).subList(1, words.length));
    return command;
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    int exitCode = start(command).waitFor();
    if (exitCode != 0) {
      throw new IOException("exit code %d of %s".formatted(exitCode, String.join(" ", command)));
    }
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .directory(new File("/tmp"))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
