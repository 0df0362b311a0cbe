package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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
import phaistos.formats.ControlFile;
import phaistos.formats.FolderDataDirectory;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * Our server is the only synchronous standby of a real PostgreSQL 15. Clients commit at the levels
 * on and remote_apply; both servers are killed at a drawn moment, the standby first, last or at
 * once. Every commit of which a client was told must then be in our WAL and committed in our commit
 * log; and after both have recovered, our commit log must equal PostgreSQL's.
 *
 * <p>One round by default; {@code -Dphaistos.cross-replication.rounds=10} for the long form, and
 * {@code phaistos.cross-replication.seed} repeats one.
 */
@Timeout(1_800)
final class CrossReplicationTest {
  private static final int ROUNDS = Integer.getInteger("phaistos.cross-replication.rounds", 1);
  private static final long SEED =
      Long.getLong("phaistos.cross-replication.seed", System.nanoTime());
  private static final int CLIENTS = 4;
  private static final int COMMITS_MIN = 40;
  private static final long FIRST = 1_000_000_000L;

  private final ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
  private final AtomicLong ids = new AtomicLong(FIRST);

  /** A commit of which a client was told. */
  private record Told(long id, long xid, String level) {}

  @Test
  void everyCommitThatAClientWasToldOfIsOnOurStandby() throws Exception {
    String missing = RealPostgres.missing();
    assumeTrue(missing.isEmpty(), missing);
    System.out.println("seed " + SEED + ", rounds " + ROUNDS);
    Random random = new Random(SEED);
    Path folder = RealPostgres.createFolder();
    try (RealPostgres primary = new RealPostgres("theirs", folder, freePort())) {
      primary.initialize();
      // ours has no two-phase commit
      Files.writeString(
          primary.data().resolve("postgresql.conf"),
          "max_prepared_transactions = 0\n",
          StandardOpenOption.APPEND);
      primary.start();
      primary.execute("create table t (id bigint primary key, note text)");
      RealPostgres backup = new RealPostgres("ours", folder, freePort());
      backup.copyFrom(primary);
      Files.writeString(backup.data().resolve("postgresql.conf"), "max_connections = 30\n");
      primary.execute("alter system set synchronous_standby_names = 'ours'");
      primary.execute("select pg_reload_conf()");
      for (int round = 1; round <= ROUNDS; round++) {
        round(primary, backup.data(), random, round);
      }
    } finally {
      RealPostgres.deleteFolder(folder);
    }
  }

  private void round(RealPostgres primary, Path data, Random random, int round) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> clients = new ArrayList<>();
    int before = told.size();
    try (ServerProcess standby = start(primary, data)) {
      standby.ready();
      for (int i = 0; i < CLIENTS; i++) {
        String level = i % 2 == 0 ? "on" : "remote_apply";
        clients.add(Thread.ofVirtual().start(() -> load(primary, level, over)));
      }
      while (told.size() < before + COMMITS_MIN) {
        Thread.sleep(1 + random.nextInt(20));
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
    }
    over.set(true);
    for (Thread client : clients) {
      client.join();
    }
    AuditReport report = audit(primary.data(), data);
    String screen = String.join("\n", TextReport.firstScreen(report));
    assertEquals(Verdict.VALID, report.verdict(), screen);
    assertEquals(told.size(), report.counts().acknowledged(), screen);
    compareCommitLogs(primary, data);
    System.out.printf("round %d: %d commits%n", round, told.size() - before);
  }

  private static ServerProcess start(RealPostgres primary, Path data) throws IOException {
    return ServerProcess.start(
        data,
        "-c",
        "primary_conninfo=host=127.0.0.1 port=%d user=postgres application_name=ours"
            .formatted(primary.port()));
  }

  private void load(RealPostgres primary, String level, AtomicBoolean over) {
    try (Connection connection = primary.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("set synchronous_commit = " + level);
      while (!over.get()) {
        long id = ids.incrementAndGet();
        connection.setAutoCommit(false);
        long xid;
        try (ResultSet row =
            statement.executeQuery(
                "insert into t values (%d, 'x') returning txid_current()".formatted(id))) {
          row.next();
          xid = row.getLong(1);
        }
        connection.commit();
        told.add(new Told(id, xid, level));
      }
    } catch (SQLException _) {
      // the end of the round: what it was not told of is not owed
      return;
    }
  }

  private AuditReport audit(Path primary, Path standby) {
    List<Event<UntypedCall>> events = new ArrayList<>();
    Process.Client client = new Process.Client(0);
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
    List<NodeImage> images =
        List.of(
            new NodeImage(
                "theirs",
                NodeImage.Role.PRIMARY,
                ImageKind.WRITTEN,
                new FolderDataDirectory(primary)),
            new NodeImage(
                "ours",
                NodeImage.Role.STANDBY,
                ImageKind.WRITTEN,
                new FolderDataDirectory(standby)));
    return new DurabilityAudit<UntypedCall>(
            AuditInput.of(images).markerColumn(MarkerColumn.FIRST).build())
        .check(History.of(events), CheckContext.UNLIMITED);
  }

  /** Both recover, ours streams what it lacks, both stop; the bits of every xid are the same. */
  private static void compareCommitLogs(RealPostgres primary, Path data) throws Exception {
    primary.start();
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

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
      return socket.getLocalPort();
    }
  }
}
