package phaistos.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import phaistos.bench.BenchNode.Database;

/**
 * The tables of the documents on synchronous commit, ours and PostgreSQL 15 in alternation: medians
 * of the rounds, and ours divided by PostgreSQL's. Both share the machine with pgbench and their
 * standbys. Where a cell is one run of pgbench, both are up, warm and idle, and the runs of a cell
 * alternate: a disk that is slower for a minute is slower for both.
 */
final class SyncCommitBench {
  private static final String[] LEVELS = {"off", "local", "remote_write", "on", "remote_apply"};
  private static final String STREAMING =
      "select count(*) from pg_stat_replication where state = 'streaming'";

  /** A part of the benchmark. */
  private interface Part {
    void run(SyncCommitBench bench, int rounds) throws IOException, SQLException;
  }

  /** A part that one database does from its start to its end. */
  private interface Turn {
    void run(SyncCommitBench bench, Database database) throws IOException, SQLException;
  }

  private static Part inTurn(Turn turn) {
    return (bench, rounds) -> {
      for (int round = 0; round < rounds; round++) {
        for (Database database : Database.values()) {
          bench.clear();
          turn.run(bench, database);
        }
      }
    };
  }

  private static final Map<String, Part> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("levels", SyncCommitBench::levels);
    PARTS.put("ten", SyncCommitBench::tenInserts);
    PARTS.put("unix", SyncCommitBench::unixSockets);
    PARTS.put("batches", inTurn(SyncCommitBench::batches));
    PARTS.put("primaries", inTurn(SyncCommitBench::primaries));
    PARTS.put("fresh", inTurn(SyncCommitBench::fresh));
    PARTS.put("lag", inTurn(SyncCommitBench::lag));
    PARTS.put("recovery", inTurn(SyncCommitBench::recovery));
  }

  private final boolean small;
  private final int seconds;
  private final Path folder;
  private final Map<String, Map<Database, List<Double>>> found = new LinkedHashMap<>();

  private SyncCommitBench(boolean small, int seconds, Path folder) {
    this.small = small;
    this.seconds = seconds;
    this.folder = folder;
  }

  static int run(String[] arguments) throws Exception {
    boolean small = false;
    int rounds = 3;
    List<String> parts = new ArrayList<>(PARTS.keySet());
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--short" -> small = true;
        case "--rounds" -> rounds = Integer.parseInt(arguments[++i]);
        case "--only" -> parts = List.of(arguments[++i].split(","));
        default -> throw new IllegalArgumentException("unexpected argument: " + arguments[i]);
      }
    }
    for (String part : parts) {
      if (!PARTS.containsKey(part)) {
        throw new IllegalArgumentException(
            "no part '%s' (known: %s)".formatted(part, String.join(", ", PARTS.keySet())));
      }
    }
    if (!Files.isExecutable(BenchNode.BIN.resolve("pgbench"))) {
      throw new IllegalArgumentException("no PostgreSQL 15 in " + BenchNode.BIN);
    }
    Path first = Files.createTempDirectory("phaistos-sync-commit");
    SyncCommitBench preparing = new SyncCommitBench(true, 1, first);
    BenchNode.prepare(first);
    preparing.clear();
    Files.delete(first);
    for (String part : parts) {
      Path folder = Files.createTempDirectory("phaistos-sync-commit");
      // PostgreSQL runs as another user where this one is root
      folder.toFile().setExecutable(true, false);
      SyncCommitBench bench = new SyncCommitBench(small, small ? 2 : 5, folder);
      PARTS.get(part).run(bench, small ? 1 : rounds);
      bench.print(part);
      bench.clear();
      Files.delete(folder);
    }
    System.out.println(
        "syncs of the commit log for 32,768 transactions, by remedy: ./phaistos bench commit-log");
    return 0;
  }

  private void clear() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder)) {
          Files.delete(file);
        }
      }
    }
  }

  private void note(String what, Database database, double value) {
    System.err.printf(Locale.ROOT, "%s, %s: %.1f%n", database.label(), what, value);
    found
        .computeIfAbsent(what, _ -> new EnumMap<>(Database.class))
        .computeIfAbsent(database, _ -> new ArrayList<>())
        .add(value);
  }

  private void note(String what, Database database, Pgbench run) {
    note(what + ", tps", database, run.tps());
    note(what + ", average ms", database, run.averageMillis());
    note(what + ", p99 ms", database, run.p99Millis());
  }

  private void print(String part) {
    System.out.println();
    System.out.printf(
        "%-50s %14s %14s %8s%n",
        part, Database.PHAISTOS.label(), Database.POSTGRES.label(), "ratio");
    found.forEach(
        (what, values) -> {
          double ours = Medians.of(values.get(Database.PHAISTOS));
          double theirs = Medians.of(values.get(Database.POSTGRES));
          System.out.printf(
              Locale.ROOT, "%-50s %14.1f %14.1f %8.2f%n", what, ours, theirs, ours / theirs);
        });
  }

  // ---- parts ----

  private Path script(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name + ".sql"), text);
  }

  private Path insert() throws IOException {
    return script("insert", "insert into test(info) values (null);\n");
  }

  private static void createTable(BenchNode primary) throws SQLException {
    primary.execute("create table test(id serial primary key, info text, crt_time timestamp)");
  }

  /** A primary of each database, with one standby that answers commits. */
  private interface WithPrimaries {
    void run(Map<Database, BenchNode> primaries) throws IOException, SQLException;
  }

  private void withStandbys(List<Database> databases, WithPrimaries act)
      throws IOException, SQLException {
    Map<Database, BenchNode> primaries = new EnumMap<>(Database.class);
    List<BenchNode> nodes = new ArrayList<>();
    try {
      for (Database database : databases) {
        Path own = Files.createDirectory(folder.resolve(database.name()));
        BenchNode primary = BenchNode.primary(database, own, List.of());
        nodes.add(primary);
        nodes.add(primary.standby("s1"));
        primary.await(STREAMING, "1");
        primary.execute(
            "alter system set synchronous_standby_names = '*'", "select pg_reload_conf()");
        createTable(primary);
        primaries.put(database, primary);
      }
      act.run(primaries);
    } finally {
      nodes.forEach(BenchNode::close);
    }
  }

  private void warm(BenchNode primary) throws IOException {
    Pgbench.run(primary, insert(), 8, small ? 1 : 20, false);
  }

  /** One run of pgbench. */
  private interface Cell {
    Pgbench run(BenchNode primary) throws IOException;
  }

  /** The rounds of a cell, with the databases in alternation. */
  private void alternate(String what, int rounds, Map<Database, BenchNode> primaries, Cell cell)
      throws IOException {
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<Database, BenchNode> primary : primaries.entrySet()) {
        note(what, primary.getKey(), cell.run(primary.getValue()));
      }
    }
  }

  private void warmBoth(WithPrimaries act) throws IOException, SQLException {
    withStandbys(
        List.of(Database.values()),
        primaries -> {
          for (BenchNode primary : primaries.values()) {
            warm(primary);
          }
          act.run(primaries);
        });
  }

  private void levels(int rounds) throws IOException, SQLException {
    Path insert = insert();
    warmBoth(
        primaries -> {
          for (String level : LEVELS) {
            for (BenchNode primary : primaries.values()) {
              primary.execute(
                  "alter system set synchronous_commit = " + level, "select pg_reload_conf()");
            }
            for (int clients : small ? new int[] {1, 8} : new int[] {1, 8, 64}) {
              alternate(
                  "%s, %d clients".formatted(level, clients),
                  rounds,
                  primaries,
                  primary -> Pgbench.run(primary, insert, clients, seconds, false));
            }
          }
        });
  }

  private void tenInserts(int rounds) throws IOException, SQLException {
    Path ten =
        script("ten", "begin;\n" + "insert into test(info) values (null);\n".repeat(10) + "end;\n");
    warmBoth(
        primaries ->
            alternate(
                "ten inserts a transaction, 64 clients",
                rounds,
                primaries,
                primary -> Pgbench.run(primary, ten, 64, seconds, false)));
  }

  private void unixSockets(int rounds) throws IOException, SQLException {
    Path insert = insert();
    warmBoth(
        primaries -> {
          alternate(
              "TCP, 64 clients",
              rounds,
              primaries,
              primary -> Pgbench.run(primary, insert, 64, seconds, false));
          alternate(
              "Unix socket, 64 clients",
              rounds,
              primaries,
              primary -> Pgbench.run(primary, insert, 64, seconds, true));
        });
  }

  /** 10,000 rows a transaction under ANY 1 of two; standbys lost and back. */
  private void batches(Database database) throws IOException, SQLException {
    Path batch =
        script(
            "batch",
            "insert into test(id, info) select i, 'digoal' from generate_series(1, 10000) i;\n");
    try (BenchNode primary = BenchNode.primary(database, folder, List.of());
        BenchNode one = primary.standby("s1");
        BenchNode two = primary.standby("s2")) {
      primary.await(STREAMING, "2");
      primary.execute(
          "alter system set synchronous_standby_names = 'ANY 1 (*)'", "select pg_reload_conf()");
      primary.execute("create table test(id int8, info text, crt_time timestamp)");
      for (int warm = 0; warm < 3; warm++) {
        Pgbench.run(primary, batch, 8, small ? 1 : seconds, false);
        primary.execute("truncate test"); // ours stores a table of up to 1 GB
      }
      note("both standbys", database, Pgbench.run(primary, batch, 8, seconds, false));
      primary.execute("truncate test");
      one.kill();
      primary.await(STREAMING, "1");
      note("one standby lost", database, Pgbench.run(primary, batch, 8, seconds, false));
      two.kill();
      primary.await(STREAMING, "0");
      String before = primary.ask("select pg_current_wal_lsn()");
      List<Thread> waiting = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        waiting.add(Thread.ofVirtual().start(() -> insertAll(primary, small ? 2 : 16)));
      }
      String waits = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
      primary.await(waits, "4");
      note(
          "both lost: MB of WAL that wait",
          database,
          Double.parseDouble(
                  primary.ask("select pg_wal_lsn_diff(pg_current_wal_lsn(), '" + before + "')"))
              / (1 << 20));
      long began = System.nanoTime();
      two.start();
      primary.await(waits, "0");
      note("one back: seconds until all are released", database, since(began));
      for (Thread thread : waiting) {
        join(thread);
      }
    }
  }

  private static double since(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void insertAll(BenchNode primary, int times10000) {
    try {
      primary.execute(
          "insert into test(id, info) select i, 'digoal' from generate_series(1, %d0000) i"
              .formatted(times10000));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Four primaries with a standby each: the sum of what they do at the same time. */
  private void primaries(Database database) throws IOException, SQLException {
    List<BenchNode> nodes = new ArrayList<>();
    try {
      List<BenchNode> primaries = new ArrayList<>();
      for (int i = 0; i < (small ? 2 : 4); i++) {
        Path own = Files.createDirectory(folder.resolve("n" + i));
        BenchNode primary = BenchNode.primary(database, own, List.of());
        nodes.add(primary);
        primaries.add(primary);
        nodes.add(primary.standby("s1"));
        primary.await(STREAMING, "1");
        primary.execute(
            "alter system set synchronous_standby_names = '*'", "select pg_reload_conf()");
        createTable(primary);
        warm(primary);
      }
      Path script = insert();
      Map<Integer, Double> tps = new ConcurrentSkipListMap<>();
      List<Thread> runs = new ArrayList<>();
      for (BenchNode primary : primaries) {
        runs.add(Thread.ofPlatform().start(() -> tps.put(primary.port(), tps(primary, script))));
      }
      runs.forEach(SyncCommitBench::join);
      note(
          "%d primaries, 16 clients each, sum of tps".formatted(primaries.size()),
          database,
          tps.values().stream().mapToDouble(Double::doubleValue).sum());
    } finally {
      nodes.forEach(BenchNode::close);
    }
  }

  private double tps(BenchNode primary, Path script) {
    try {
      return Pgbench.run(primary, script, 16, 2 * seconds, false).tps();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first five seconds of a server that has just started. */
  private void fresh(Database database) throws IOException, SQLException {
    try (BenchNode primary = BenchNode.primary(database, folder, List.of())) {
      createTable(primary);
      note(
          "the first 5 seconds, 8 clients, local",
          database,
          Pgbench.run(primary, insert(), 8, 5, false));
    }
  }

  /** One insert a second: how far behind the standby is. */
  private void lag(Database database) throws IOException, SQLException {
    withStandbys(
        List.of(database),
        primaries -> {
          BenchNode primary = primaries.get(database);
          warm(primary);
          BenchNode.pause(1000);
          Map<String, List<Double>> lags = new LinkedHashMap<>();
          for (int i = 0; i < (small ? 2 : 15); i++) {
            primary.execute("insert into test(info) values (null)");
            BenchNode.pause(100);
            for (String lag : Arrays.asList("write_lag", "flush_lag", "replay_lag")) {
              String text = primary.ask("select " + lag + "::text from pg_stat_replication");
              lags.computeIfAbsent(lag, _ -> new ArrayList<>()).add(micros(text));
            }
            BenchNode.pause(900);
          }
          lags.forEach((lag, values) -> note(lag + ", microseconds", database, Medians.of(values)));
        });
  }

  private static double micros(String interval) {
    if (interval.equals("null")) {
      return Double.NaN;
    }
    String[] parts = interval.split(":");
    return (Integer.parseInt(parts[0]) * 3600
            + Integer.parseInt(parts[1]) * 60
            + Double.parseDouble(parts[2]))
        * 1e6;
  }

  /** SIGKILL, then the time to the first connection; WAL in MB for each second of it. */
  private void recovery(Database database) throws IOException, SQLException {
    try (BenchNode primary = BenchNode.primary(database, folder, List.of())) {
      primary.execute("create table test(id int8, info text, crt_time timestamp)");
      primary.execute("checkpoint");
      String before = primary.ask("select pg_current_wal_lsn()");
      double megabytes = 0;
      // so few rows a statement that both log a record for each
      String rows = "insert into test(id, info) select i, 'digoal' from generate_series(1, 900) i;";
      while (megabytes < (small ? 40 : 500)) {
        primary.execute(rows.repeat(100));
        megabytes =
            Double.parseDouble(
                    primary.ask("select pg_wal_lsn_diff(pg_current_wal_lsn(), '" + before + "')"))
                / (1 << 20);
      }
      primary.kill();
      long began = System.nanoTime();
      primary.start();
      note("recovery after SIGKILL, MB of WAL a second", database, megabytes / since(began));
    }
  }
}
