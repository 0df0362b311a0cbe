package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import phaistos.formats.Lsn;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.HistoryWriter;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import picocli.CommandLine;

/**
 * A real primary with two standbys under load, all killed at once, audited through the command
 * line: first as the crash left them, then with damage done by hand.
 */
@Tag("slow")
class RealPostgresAuditTest {
  private static final int FIRST_PORT = 15_710;
  private static final int CLIENTS = 6;
  private static final long PHASE_MILLIS = 2_500;
  private static final String STANDBYS = "ANY 1 (b, c)";

  private final AtomicLong values = new AtomicLong(1_000_000);
  private final AtomicLong processes = new AtomicLong();
  private final long startNanos = System.nanoTime();
  private Path folder;
  private RealPostgres a;
  private RealPostgres b;
  private RealPostgres c;
  private HistoryWriter history;
  private long index;

  @BeforeEach
  void prepare() throws Exception {
    Assumptions.assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres.missing());
    folder = RealPostgres.createFolder();
    a = new RealPostgres("a", folder, FIRST_PORT);
    b = new RealPostgres("b", folder, FIRST_PORT + 1);
    c = new RealPostgres("c", folder, FIRST_PORT + 2);
    history = HistoryWriter.create(folder.resolve("history.edn"));
  }

  @AfterEach
  void cleanUp() throws IOException {
    if (folder != null) {
      a.close();
      b.close();
      c.close();
      history.close();
      RealPostgres.deleteFolder(folder);
    }
  }

  @Test
  void confirmsEveryAcknowledgedCommitOfACrashAndNamesEveryOneThatDamageTook() throws Exception {
    startCluster();
    load();
    a.execute("checkpoint");
    String end = a.query("select pg_current_wal_lsn()");
    for (RealPostgres standby : List.of(b, c)) {
      await(standby, "select pg_last_wal_replay_lsn() >= '" + end + "'");
      standby.execute("checkpoint");
    }
    long oldBelow = Long.parseLong(a.query("select pg_snapshot_xmax(pg_current_snapshot())"));
    loadUntilKilled();

    JsonNode sound = audit(0, "a", "b", "c");
    int acknowledged = sound.at("/counts/acknowledged").asInt();
    assertTrue(acknowledged > 500, () -> "only " + acknowledged + " acknowledged commits");
    assertEquals(acknowledged, sound.at("/counts/confirmed").asInt(), sound.toString());
    assertTrue(sound.at("/counts/rolled-back").asInt() > 10, "nothing was rolled back");
    assertEquals(0, sound.at("/defects").size(), () -> sound.at("/defects").toString());
    audit(0, "b", "c");

    bitFlipsInBothCommitLogsLoseExactlyThoseTransactions(sound, oldBelow);
    aGarbledCommitRecordLosesItAndAllBehindIt(sound, oldBelow);
  }

  private void bitFlipsInBothCommitLogsLoseExactlyThoseTransactions(JsonNode sound, long oldBelow)
      throws IOException {
    copyStandbys("flip");
    List<Long> old =
        transactions(sound).stream()
            .filter(t -> t.get("judgement").asText().equals("confirmed"))
            .map(t -> t.get("xid").asLong())
            .filter(xid -> xid < oldBelow)
            .toList();
    Set<Long> flipped = new TreeSet<>();
    for (int i = 1; i <= 5; i++) {
      flipped.add(old.get(old.size() * i / 6));
    }
    for (String node : List.of("flip-b", "flip-c")) {
      Path file = folder.resolve(node).resolve("pg_xact/0000");
      try (RandomAccessFile bits = new RandomAccessFile(file.toFile(), "rw")) {
        for (long xid : flipped) {
          bits.seek(xid / 4);
          int value = bits.read();
          bits.seek(xid / 4);
          bits.write(value ^ 3 << (int) (xid % 4) * 2);
        }
      }
    }
    JsonNode report = audit(1, "b=flip-b", "c=flip-c");
    assertEquals(flipped, lostXids(report));
    for (JsonNode defect : report.at("/defects")) {
      String what = defect.get("what").asText();
      assertTrue(
          flipped.stream()
              .anyMatch(xid -> what.contains("transaction " + xid) || what.contains("xid " + xid)),
          what);
    }
  }

  private void aGarbledCommitRecordLosesItAndAllBehindIt(JsonNode sound, long oldBelow)
      throws IOException {
    copyStandbys("garble");
    List<JsonNode> late =
        transactions(sound).stream()
            .filter(t -> t.get("judgement").asText().equals("confirmed"))
            .filter(t -> t.get("xid").asLong() >= oldBelow)
            .sorted((x, y) -> Lsn.parse(lsn(x)).compareTo(Lsn.parse(lsn(y))))
            .toList();
    JsonNode victim = late.get(late.size() / 2);
    JsonNode place = copyOn(victim, "b");
    for (String node : List.of("garble-b", "garble-c")) {
      Path file = folder.resolve(node).resolve(place.get("file").asText());
      try (RandomAccessFile wal = new RandomAccessFile(file.toFile(), "rw")) {
        wal.seek(place.get("offset").asLong() + 20);
        int value = wal.read();
        wal.seek(place.get("offset").asLong() + 20);
        wal.write(value ^ 0x10);
      }
    }
    Set<Long> expected = new TreeSet<>();
    late.subList(late.size() / 2, late.size()).forEach(t -> expected.add(t.get("xid").asLong()));
    JsonNode report = audit(1, "b=garble-b", "c=garble-c");
    assertEquals(expected, lostXids(report));
    String reason = report.at("/nodes/0/wal-end-reason").asText();
    assertTrue(reason.contains("CRC"), reason);
    assertEquals(lsn(victim), report.at("/nodes/0/wal-end").asText());
  }

  private void startCluster() throws Exception {
    a.initialize();
    a.start();
    a.execute("create table commits(value bigint primary key, client int, info text)");
    for (RealPostgres standby : List.of(b, c)) {
      standby.copyFrom(a);
      standby.start();
    }
    await(a, "select count(*) = 2 from pg_stat_replication where state = 'streaming'");
    a.execute("alter system set synchronous_standby_names = '" + STANDBYS + "'");
    a.execute("select pg_reload_conf()");
    await(a, "select current_setting('synchronous_standby_names') <> ''");
    await(a, "select count(*) = 2 from pg_stat_replication where sync_state = 'quorum'");
  }

  private static void await(RealPostgres node, String condition) throws Exception {
    for (int i = 0; i < 300; i++) {
      if (node.query(condition).equals("t")) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("never true: " + condition);
  }

  private void load() throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> clients = clients(stop);
    Thread.sleep(PHASE_MILLIS);
    stop.set(true);
    for (Thread client : clients) {
      client.join();
    }
  }

  private void loadUntilKilled() throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> clients = clients(stop);
    Thread.sleep(PHASE_MILLIS);
    List<Thread> killers =
        List.of(a, b, c).stream().map(node -> Thread.ofPlatform().start(node::kill)).toList();
    for (Thread killer : killers) {
      killer.join();
    }
    stop.set(true);
    for (Thread client : clients) {
      client.join();
    }
    history.close();
  }

  private List<Thread> clients(AtomicBoolean stop) {
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      int number = i;
      clients.add(Thread.ofPlatform().start(() -> client(number, stop)));
    }
    return clients;
  }

  /** Single inserts, ten at a time, subtransactions, and every seventh rolled back. */
  private void client(int number, AtomicBoolean stop) {
    try (Connection connection = a.connect()) {
      connection.setAutoCommit(false);
      for (int round = number; !stop.get(); round++) {
        transaction(connection, number, round);
      }
    } catch (SQLException e) {
      // the server was killed; the transaction has told so
    }
  }

  private void transaction(Connection connection, int number, int round) throws SQLException {
    int rows = round % 5 == 0 ? 10 : 1;
    List<Edn> markers = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      markers.add(Edn.of(values.incrementAndGet()));
    }
    Process process = new Process.Client(processes.incrementAndGet());
    Details.Builder details =
        Details.builder()
            .node("a")
            .timeline(1)
            .synchronousCommit("on")
            .standbyNames(STANDBYS)
            .marker(new Edn.Vector(markers));
    write(new Event.Invoke<>(0, now(), process, call(), details.build()));
    boolean rollback = round % 7 == 0;
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into commits values (?, ?, ?) returning pg_current_xact_id()::text")) {
      for (Edn marker : markers) {
        insert.setLong(1, ((Edn.Int) marker).value());
        insert.setInt(2, number);
        insert.setString(3, "round " + round);
        var savepoint = round % 11 == 0 ? connection.setSavepoint() : null;
        try (ResultSet xid = insert.executeQuery()) {
          xid.next();
          details.xid(Long.parseLong(xid.getString(1)));
        }
        if (savepoint != null) {
          connection.releaseSavepoint(savepoint);
        }
      }
      if (rollback) {
        connection.rollback();
        write(new Event.Fail<>(0, now(), process, call(), details.build()));
      } else {
        connection.commit();
        write(new Event.Ok<>(0, now(), process, call(), details.build()));
      }
    } catch (SQLException e) {
      write(new Event.Info<>(0, now(), process, call(), details.build()));
      throw e;
    }
  }

  private static UntypedCall call() {
    return new UntypedCall(Edn.keyword("insert"), Edn.NIL);
  }

  private long now() {
    return System.nanoTime() - startNanos;
  }

  private final java.util.concurrent.locks.ReentrantLock writing =
      new java.util.concurrent.locks.ReentrantLock();

  private void write(Event<UntypedCall> event) {
    writing.lock();
    try {
      history.write(event.withIndex(index++));
    } finally {
      writing.unlock();
    }
  }

  private void copyStandbys(String prefix) {
    RealPostgres.copy(b.data(), folder.resolve(prefix + "-b"));
    RealPostgres.copy(c.data(), folder.resolve(prefix + "-c"));
  }

  /** Nodes as {@code name} or {@code name=folder}; a is the primary. */
  private JsonNode audit(int expectedExit, String... nodes) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("audit", "--json", "--history", folder.resolve("history.edn").toString()));
    for (String node : nodes) {
      String name = node.substring(0, 1);
      Path data = folder.resolve(node.contains("=") ? node.substring(2) : node);
      arguments.add(name.equals("a") ? "--primary" : "--node");
      arguments.add(name + "=" + data);
    }
    CommandLine line = Phaistos.commandLine();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int exit = line.execute(arguments.toArray(String[]::new));
    String told = out.toString();
    assertEquals(expectedExit, exit, () -> err + told.substring(0, Math.min(4000, told.length())));
    return new ObjectMapper().readTree(told);
  }

  private static List<JsonNode> transactions(JsonNode report) {
    return StreamSupport.stream(report.get("transactions").spliterator(), false).toList();
  }

  private static Set<Long> lostXids(JsonNode report) {
    Set<Long> lost = new TreeSet<>();
    transactions(report).stream()
        .filter(t -> t.get("judgement").asText().equals("lost"))
        .forEach(t -> lost.add(t.get("xid").asLong()));
    return lost;
  }

  private static JsonNode copyOn(JsonNode transaction, String node) {
    return StreamSupport.stream(transaction.get("copies").spliterator(), false)
        .filter(copy -> copy.get("node").asText().equals(node))
        .findFirst()
        .orElseThrow();
  }

  /** Of the primary, which has every record. */
  private static String lsn(JsonNode transaction) {
    return copyOn(transaction, "a").get("lsn").asText();
  }
}
