package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.durability.AuditInput;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.DurabilityAudit;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.MarkerColumn;
import phaistos.checker.durability.NodeImage;
import phaistos.checker.durability.TextReport;
import phaistos.cluster.Cluster.CrashMode;
import phaistos.cluster.Cluster.NodeId;
import phaistos.cluster.Disks;
import phaistos.cluster.fuse.FuseVolumes;
import phaistos.cluster.machine.DataVolume;
import phaistos.cluster.machine.DataVolumes;
import phaistos.cluster.machine.UserId;
import phaistos.formats.ControlFile;
import phaistos.formats.FolderDataDirectory;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Our server is the only synchronous standby of a real PostgreSQL 15 under the load of pgbench, at
 * the levels on and remote_apply. Both servers are killed at a drawn moment, the standby first,
 * last or at once. Every commit of which pgbench was told must then be in the WAL that our server
 * has flushed; and after both have recovered, it must be committed in our commit log, which must
 * equal PostgreSQL's.
 *
 * <p>Where the machine has a file system that forgets (root, FUSE), our data directory lies on it,
 * and the audit sees nothing that was not synced; in half of the rounds our standby loses its
 * power, too, while its disk is slow. Elsewhere the audit sees what was written.
 *
 * <p>One round by default; {@code -Dphaistos.cross-replication.rounds=10} for the long form, and
 * {@code phaistos.cross-replication.seed} repeats one.
 */
@Timeout(1_800)
final class CrossReplicationTest {
  private static final int ROUNDS = Integer.getInteger("phaistos.cross-replication.rounds", 1);
  private static final long SEED =
      Long.getLong("phaistos.cross-replication.seed", System.nanoTime());
  private static final List<String> LEVELS = List.of("on", "remote_apply");
  private static final NodeId NODE = new NodeId("ours");
  private static final long SLOW_NANOS = 30_000_000L;
  private static final int CLIENTS = 2;
  private static final int COMMITS_MIN = 40;
  private static final int MOMENT_MILLIS = 500;
  private static final long LIMIT_SECONDS = 120;

  /** The first row of a round, of a level, of a client. */
  private static final long ROUND = 1_000_000_000L;

  private static final long LEVEL = 100_000_000L;
  private static final long CLIENT = 1_000_000L;

  /** The transaction of pgbench's simple-update, with a row that tells them apart. */
  private static final String SCRIPT =
      """
      \\set n :n + 1
      \\set id :first + :client_id * 1000000 + :n
      \\set aid random(1, 100000)
      \\set delta random(-5000, 5000)
      BEGIN;
      UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
      SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
      INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
        VALUES (1, 1, :aid, :delta, CURRENT_TIMESTAMP);
      INSERT INTO told (id) VALUES (:id);
      COMMIT;
      """;

  private final List<Told> told = new ArrayList<>();

  /** A commit of which pgbench was told. */
  private record Told(long id, long xid, String level) {}

  /** Our data directory, and its disk if that forgets. */
  private record Ours(DataVolume volume, Optional<Disks> disk) {
    Path data() {
      return volume.folder().resolve("data");
    }

    boolean forgets() {
      return disk.isPresent();
    }

    void slowDown() {
      disk.orElseThrow().slowDown(NODE, SLOW_NANOS);
    }

    /** No sync that is under way ends well any more. */
    void beginCut() {
      disk.orElseThrow().failSyncs(NODE, true);
    }

    void endCut(long seed) {
      volume.crash(CrashMode.ALL_LOST, seed);
      disk.orElseThrow().failSyncs(NODE, false);
      disk.orElseThrow().slowDown(NODE, 0);
    }

    NodeImage image(Path target) {
      var kind =
          forgets()
              ? phaistos.cluster.Cluster.ImageKind.SYNCED_ONLY
              : phaistos.cluster.Cluster.ImageKind.AS_IS;
      volume.copyTo(kind, target);
      return new NodeImage(
          "ours",
          NodeImage.Role.STANDBY,
          forgets() ? ImageKind.SYNCED_ONLY : ImageKind.WRITTEN,
          new FolderDataDirectory(target.resolve("data")));
    }
  }

  @Test
  void everyCommitThatAClientWasToldOfIsOnOurStandby() throws Exception {
    String missing = RealPostgres.missing();
    assumeTrue(missing.isEmpty(), missing);
    DataVolumes volumes = FuseVolumes.orPlain();
    String flush = volumes.disks().isPresent() ? "proven" : "not proven";
    System.out.printf("seed %d, rounds %d, flush %s%n", SEED, ROUNDS, flush);
    Random random = new Random(SEED);
    Path folder = RealPostgres.createFolder();
    try (RealPostgres primary = new RealPostgres("theirs", folder, RealPostgres.freePort());
        DataVolume volume = volumes.open(NODE, folder.resolve("volume"), UserId.self())) {
      Ours ours = new Ours(volume, volumes.disks());
      prepare(primary, folder, ours);
      for (int round = 1; round <= ROUNDS; round++) {
        round(primary, ours, folder.resolve("round-" + round), random, round);
      }
    } finally {
      RealPostgres.deleteFolder(folder);
    }
  }

  private static void prepare(RealPostgres primary, Path folder, Ours ours) throws Exception {
    primary.initialize();
    // ours has no two-phase commit
    Files.writeString(
        primary.data().resolve("postgresql.conf"),
        "max_prepared_transactions = 0\n",
        StandardOpenOption.APPEND);
    primary.start();
    primary.command(
        "pgbench", "-i", "-q", "-h", "127.0.0.1", "-p", "" + primary.port(), "-U", "postgres");
    primary.execute("create table told (id bigint primary key)");
    RealPostgres backup = new RealPostgres("backup", folder, RealPostgres.freePort());
    backup.copyFrom(primary);
    Files.writeString(backup.data().resolve("postgresql.conf"), "max_connections = 30\n");
    RealPostgres.copy(backup.data(), ours.data());
    ours.volume.syncAll();
    RealPostgres.deleteFolder(backup.data());
    primary.execute("alter system set synchronous_standby_names = 'ours'");
    primary.execute("select pg_reload_conf()");
  }

  private void round(RealPostgres primary, Ours ours, Path folder, Random random, int round)
      throws Exception {
    Files.createDirectory(folder);
    Path script = Files.writeString(folder.resolve("script.sql"), SCRIPT);
    List<Process> loads = new ArrayList<>();
    boolean cutsPower = random.nextBoolean() && ours.forgets();
    try (ServerProcess standby = start(primary, ours.data())) {
      standby.ready();
      for (String level : LEVELS) {
        loads.add(pgbench(primary, script, level, first(round, level), random.nextInt(1 << 30)));
      }
      awaitCommits(primary, folder, loads, first(round, LEVELS.getFirst()));
      if (cutsPower) {
        ours.slowDown();
      }
      Thread.sleep(random.nextInt(MOMENT_MILLIS));
      if (cutsPower) {
        ours.beginCut();
      }
      switch (random.nextInt(3)) {
        case 0 -> primary.kill();
        case 1 -> standby.signal("KILL");
        default -> {
          Thread both = Thread.ofVirtual().start(primary::kill);
          standby.signal("KILL");
          both.join();
        }
      }
      primary.kill();
      standby.signal("KILL");
      standby.exit();
    }
    int before = told.size();
    for (Process load : loads) {
      assertTrue(load.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "pgbench goes on");
    }
    if (cutsPower) {
      ours.endCut(random.nextLong());
    }
    NodeImage image = ours.image(folder.resolve("image"));
    primary.start();
    for (String level : LEVELS) {
      readLog(folder, level, first(round, level), xids(primary, first(round, level)));
    }
    AuditReport report = audit(image);
    String screen = String.join("\n", TextReport.firstScreen(report));
    assertEquals(Verdict.VALID, report.verdict(), screen);
    assertEquals(told.size(), report.counts().acknowledged(), screen);
    compareCommitLogs(primary, ours.data());
    String how = cutsPower ? "kill -9 and power cut" : "kill -9";
    System.out.printf("round %d, %s: %d commits%n", round, how, told.size() - before);
    RealPostgres.deleteFolder(folder);
  }

  private static long first(int round, String level) {
    return round * ROUND + LEVELS.indexOf(level) * LEVEL;
  }

  private static ServerProcess start(RealPostgres primary, Path data) throws IOException {
    return ServerProcess.start(
        data,
        "-c",
        "primary_conninfo=host=127.0.0.1 port=%d user=postgres application_name=ours"
            .formatted(primary.port()));
  }

  /** It logs every transaction whose COMMIT was answered. */
  private static Process pgbench(
      RealPostgres primary, Path script, String level, long first, int seed) throws IOException {
    List<String> command = new ArrayList<>(List.of(RealPostgres.BIN.resolve("pgbench").toString()));
    command.addAll(List.of("-h", "127.0.0.1", "-p", "" + primary.port(), "-U", "postgres"));
    command.addAll(List.of("-n", "-c", "" + CLIENTS, "-T", "1800"));
    command.addAll(List.of("-D", "n=0", "-D", "first=" + first, "--random-seed=" + seed));
    command.addAll(List.of("-l", "--log-prefix=" + script.resolveSibling("log-" + level)));
    command.addAll(List.of("-f", script.toString(), "postgres"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PGOPTIONS", "-c synchronous_commit=" + level);
    return builder.redirectOutput(output(script.getParent(), level).toFile()).start();
  }

  private static Path output(Path folder, String level) {
    return folder.resolve("output-" + level);
  }

  /** Waits until enough was committed at each level. */
  private static void awaitCommits(
      RealPostgres primary, Path folder, List<Process> loads, long first) throws Exception {
    String enough =
        "select count(*) from (select 1 from told where id >= %d group by id / %d"
                .formatted(first, LEVEL)
            + " having count(*) >= %d) as levels".formatted(COMMITS_MIN);
    while (!primary.query(enough).equals("" + LEVELS.size())) {
      for (int i = 0; i < loads.size(); i++) {
        assertTrue(loads.get(i).isAlive(), Files.readString(output(folder, LEVELS.get(i))));
      }
      Thread.sleep(20);
    }
  }

  /** The xid of each row of a level, by its id. */
  private static Map<Long, Long> xids(RealPostgres primary, long first) throws SQLException {
    Map<Long, Long> xids = new HashMap<>();
    try (Connection connection = primary.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select id, xmin from told where id >= %d and id < %d"
                    .formatted(first, first + LEVEL))) {
      while (rows.next()) {
        xids.put(rows.getLong(1), rows.getLong(2));
      }
    }
    return xids;
  }

  /** The transactions of each client are numbered as it sends them; a log line is one answered. */
  private void readLog(Path folder, String level, long first, Map<Long, Long> xids)
      throws IOException {
    List<Path> logs;
    try (Stream<Path> files = Files.list(folder)) {
      logs =
          files.filter(f -> f.getFileName().toString().startsWith("log-" + level + ".")).toList();
    }
    int[] answered = new int[CLIENTS];
    for (String line : Files.readAllLines(logs.getFirst())) {
      int client = Integer.parseInt(line.split(" ")[0]);
      long id = first + client * CLIENT + ++answered[client];
      Long xid = xids.get(id);
      assertTrue(xid != null, "the primary itself has lost row " + id);
      told.add(new Told(id, xid, level));
    }
    assertTrue(Arrays.stream(answered).sum() > 0, "pgbench was told of nothing: " + level);
  }

  private AuditReport audit(NodeImage ours) {
    List<Event<UntypedCall>> events = new ArrayList<>();
    var client = new phaistos.histories.Process.Client(0);
    for (Told each : told) {
      UntypedCall call = new UntypedCall(Edn.keyword("insert"), Edn.of(each.id));
      Details details =
          Details.builder()
              .node("theirs")
              .timeline(1)
              .xid(each.xid)
              .marker(Edn.of(each.id))
              .synchronousCommit(each.level)
              .standbyNames("ours")
              .build();
      events.add(new Event.Invoke<>(events.size(), events.size(), client, call, Details.NONE));
      events.add(new Event.Ok<>(events.size(), events.size(), client, call, details));
    }
    return new DurabilityAudit<UntypedCall>(
            AuditInput.of(List.of(ours)).markerColumn(MarkerColumn.FIRST).build())
        .check(History.of(events), CheckContext.UNLIMITED);
  }

  /** Both recover, ours streams what it lacks, both stop; the bits of every xid are the same. */
  private void compareCommitLogs(RealPostgres primary, Path data) throws Exception {
    try (ServerProcess standby = start(primary, data)) {
      standby.ready();
      awaitReplay(primary);
      primary.stop();
      standby.signal("INT");
      assertEquals(0, standby.exit());
    }
    ControlFile control = ControlFile.read(new FolderDataDirectory(primary.data()));
    long next = control.checkpoint().nextXid().value();
    byte[] theirs = Files.readAllBytes(primary.data().resolve("pg_xact/0000"));
    byte[] ours = Files.readAllBytes(data.resolve("pg_xact/0000"));
    int bytes = (int) (next / 4);
    assertTrue(next < 1_048_576, "one segment is compared: " + next);
    for (Told each : told) {
      int status = ours[(int) (each.xid / 4)] >> each.xid % 4 * 2 & 3;
      assertEquals(1, status, "not committed in our commit log: " + each);
    }
    assertArrayEquals(Arrays.copyOf(theirs, bytes), Arrays.copyOf(ours, bytes));
    primary.start();
  }

  private static void awaitReplay(RealPostgres primary) throws Exception {
    String caughtUp =
        "select count(*) from pg_stat_replication where replay_lsn >= pg_current_wal_lsn()";
    for (int i = 0; i < 600; i++) {
      if (primary.query(caughtUp).equals("1")) {
        return;
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("our standby does not catch up");
  }
}
