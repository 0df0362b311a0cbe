package phaistos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import phaistos.cluster.machine.MachineFiles;

/**
 * WAL of a PostgreSQL 15 on loopback, started for this, under transactions like pgbench's with one
 * more insert of a number that comes once: what is left of its data directory is the WAL, the
 * commit log and the control file.
 */
final class GeneratedWal {
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

  private GeneratedWal() {}

  /**
   * A data directory with at least so many megabytes of WAL, made unless it is there from an
   * earlier run.
   */
  static Path of(int megabytes) throws IOException, SQLException, InterruptedException {
    Path folder = Path.of("/tmp", "phaistos-bench-wal-" + megabytes);
    Path done = folder.resolve("done");
    if (!Files.exists(done)) {
      System.err.println("making %d MB of WAL in %s".formatted(megabytes, folder));
      Files.createDirectories(folder);
      make(folder, megabytes);
      Files.createFile(done);
    }
    return BenchNode.primaryData(folder);
  }

  private static void make(Path folder, int megabytes)
      throws IOException, SQLException, InterruptedException {
    Path data = BenchNode.primaryData(folder);
    try (BenchNode server =
        BenchNode.primary(BenchNode.Database.POSTGRES, folder, BenchNode.UNSYNCED)) {
      server.execute(SCHEMA);
      while (megabytesOfWal(data) < megabytes) {
        Thread other = Thread.ofPlatform().start(() -> load(server));
        load(server);
        other.join();
      }
      server.stop();
    }
    for (String needless : List.of("base", "pg_wal/archive_status")) {
      MachineFiles.delete(data.resolve(needless));
    }
  }

  private static void load(BenchNode server) {
    try {
      server.execute("CALL load(%d)".formatted(TRANSACTIONS));
    } catch (SQLException e) {
      throw new IllegalStateException("no load", e);
    }
  }

  private static long megabytesOfWal(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("pg_wal"))) {
      return files.filter(Files::isRegularFile).count() * 16;
    }
  }
}
