package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.HistoryWriter;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * Anomalies provoked on a real PostgreSQL 15 with a standby, each by a fixed order of statements,
 * at every isolation level; judged with the order of versions from the WAL that the killed server
 * leaves. Exactly those are found that the level allows.
 */
class RealPostgresVersionOrderTest {
  private static final int PORT = 15_730;

  private enum Level {
    READ_COMMITTED,
    REPEATABLE_READ,
    SERIALIZABLE;

    String words() {
      return name().replace('_', ' ');
    }
  }

  private interface Scenario {
    void play(Play play) throws Exception;
  }

  private Path folder;
  private RealPostgres a;
  private RealPostgres b;

  @BeforeEach
  void prepare() throws Exception {
    Assumptions.assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres.missing());
    folder = RealPostgres.createFolder();
    a = new RealPostgres("a", folder, PORT);
    b = new RealPostgres("b", folder, PORT + 1);
    a.initialize();
    a.start();
    b.copyFrom(a);
    b.start();
  }

  @AfterEach
  void cleanUp() throws IOException {
    if (folder != null) {
      a.close();
      b.close();
      RealPostgres.deleteFolder(folder);
    }
  }

  @Test
  void findsExactlyWhatEachLevelAllows() throws Exception {
    Map<String, Scenario> scenarios = new LinkedHashMap<>();
    scenarios.put("write-skew", RealPostgresVersionOrderTest::writeSkew);
    scenarios.put("read-skew", RealPostgresVersionOrderTest::readSkew);
    scenarios.put("lost-update", RealPostgresVersionOrderTest::lostUpdate);
    scenarios.put("phantom", RealPostgresVersionOrderTest::phantom);
    scenarios.put("phantom-row", RealPostgresVersionOrderTest::phantomRow);
    scenarios.put("phantom-skew", RealPostgresVersionOrderTest::phantomSkew);
    scenarios.put("long-fork", this::longFork);
    scenarios.put("none", RealPostgresVersionOrderTest::oneAfterTheOther);
    for (Level level : Level.values()) {
      for (Map.Entry<String, Scenario> each : scenarios.entrySet()) {
        String name = each.getKey() + "-" + level.name().toLowerCase(java.util.Locale.ROOT);
        try (Play play = new Play(name, level)) {
          each.getValue().play(play);
        }
      }
    }
    a.kill();
    b.kill();
    Map<String, String> found = new LinkedHashMap<>();
    for (Level level : Level.values()) {
      for (String scenario : scenarios.keySet()) {
        String name = scenario + "-" + level.name().toLowerCase(java.util.Locale.ROOT);
        found.put(name, anomalies(name, "serializable"));
      }
    }
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("write-skew-read_committed", "invalid G2-item");
    expected.put("read-skew-read_committed", "invalid G-single-item");
    expected.put("lost-update-read_committed", "invalid G-single-item,lost-update");
    expected.put("phantom-read_committed", "invalid G-single");
    expected.put("phantom-row-read_committed", "invalid internal");
    expected.put("phantom-skew-read_committed", "invalid G2");
    expected.put("long-fork-read_committed", "invalid G-nonadjacent-item");
    expected.put("none-read_committed", "valid -");
    expected.put("write-skew-repeatable_read", "invalid G2-item");
    expected.put("read-skew-repeatable_read", "valid -");
    expected.put("lost-update-repeatable_read", "valid -");
    expected.put("phantom-repeatable_read", "valid -");
    expected.put("phantom-row-repeatable_read", "valid -");
    expected.put("phantom-skew-repeatable_read", "invalid G2");
    expected.put("long-fork-repeatable_read", "invalid G-nonadjacent-item");
    expected.put("none-repeatable_read", "valid -");
    for (String scenario : scenarios.keySet()) {
      expected.put(scenario + "-serializable", "valid -");
    }
    assertEquals(lines(expected), lines(found));
    for (String scenario : scenarios.keySet()) {
      String below = scenario.equals("long-fork") ? "read-committed" : "snapshot-isolation";
      assertEquals("valid -", anomalies(scenario + "-repeatable_read", below), scenario);
      assertEquals("valid -", anomalies(scenario + "-read_committed", "read-committed"), scenario);
    }
  }

  private static String lines(Map<String, String> results) {
    StringBuilder text = new StringBuilder();
    results.forEach((name, result) -> text.append(name).append(": ").append(result).append('\n'));
    return text.toString();
  }

  private String anomalies(String name, String model) {
    Captured run =
        Captured.run(
            "check",
            "--checker",
            "rw-register",
            "--wal",
            a.data(),
            "--wal",
            b.data(),
            "--consistency-model",
            model,
            folder.resolve(name + ".edn"));
    assertTrue(run.err().contains("order of versions by "), run.err());
    assertEquals(
        !name.endsWith("read_committed"), run.err().contains("; snapshots recorded: "), run.err());
    String[] columns = run.out().strip().split("\t");
    return columns.length < 3 ? run.out() + run.err() : columns[1] + " " + columns[2];
  }

  private static void writeSkew(Play play) throws Exception {
    play.setUp("w x 1", "w y 1");
    Txn one = play.begin("r x", "r y", "w x 2");
    Txn two = play.begin("r x", "r y", "w y 2");
    one.steps(2);
    two.steps(2);
    one.steps(1);
    two.steps(1);
    one.commit();
    two.commit();
  }

  private static void readSkew(Play play) throws Exception {
    play.setUp("w x 1", "w y 1");
    Txn one = play.begin("r x", "r y");
    one.steps(1);
    play.setUp("w x 2", "w y 2");
    one.steps(1);
    one.commit();
  }

  private static void lostUpdate(Play play) throws Exception {
    play.setUp("w x 1");
    Txn one = play.begin("r x", "w x 2");
    Txn two = play.begin("r x", "w x 3");
    one.steps(1);
    two.steps(1);
    one.steps(1);
    one.commit();
    two.steps(1);
    two.commit();
  }

  private static void phantom(Play play) throws Exception {
    play.setUp("w y 1");
    Txn one = play.begin("rp 7", "r y");
    one.steps(1);
    play.setUp("w x 7", "w y 2");
    one.steps(1);
    one.commit();
  }

  private static void phantomRow(Play play) throws Exception {
    Txn one = play.begin("rp", "rp");
    one.steps(1);
    play.setUp("w x 1");
    one.steps(1);
    one.commit();
  }

  private static void phantomSkew(Play play) throws Exception {
    Txn one = play.begin("rp", "w x 1");
    Txn two = play.begin("rp", "w y 1");
    one.steps(1);
    two.steps(1);
    one.steps(1);
    two.steps(1);
    one.commit();
    two.commit();
  }

  /** What is ordinary is not accused; its blind writes have an order all the same. */
  private static void oneAfterTheOther(Play play) throws Exception {
    play.setUp("w x 1", "w x 2", "w y 1");
    play.setUp("w x 3");
    Txn one = play.begin("r x", "rp", "w y 2");
    one.steps(3);
    one.commit();
    Txn gone = play.begin("w x 4");
    gone.steps(1);
    gone.rollBack();
    Txn last = play.begin("rp");
    last.steps(1);
    last.commit();
  }

  /**
   * A commit that waits for a synchronous standby is in the WAL, and so seen on any standby, but
   * not yet on the primary. A standby refuses serializable transactions.
   */
  private void longFork(Play play) throws Exception {
    play.setUp("w x 1", "w y 1");
    await(a, "select count(*) = 1 from pg_stat_replication where state = 'streaming'");
    synchronousStandbys("nobody");
    Txn one = play.begin("w x 2");
    one.execute("set local synchronous_commit = on");
    one.steps(1);
    Thread waiting = Thread.ofPlatform().start(one::tryCommit);
    await(
        b, "select coalesce((select v = 2 from \"%s\" where k = 'x'), false)".formatted(play.name));
    Txn fromStandby = play.begin(b, "r x", "r y");
    fromStandby.steps(2);
    fromStandby.commit();
    play.setUp("w y 2");
    Txn fromPrimary = play.begin("r x", "r y");
    fromPrimary.steps(2);
    fromPrimary.commit();
    synchronousStandbys("");
    waiting.join();
    one.complete();
  }

  private void synchronousStandbys(String names) throws Exception {
    a.execute("alter system set synchronous_standby_names = '" + names + "'");
    a.execute("select pg_reload_conf()");
    await(a, "select current_setting('synchronous_standby_names') = '" + names + "'");
  }

  private static void await(RealPostgres node, String condition) throws Exception {
    for (int i = 0; i < 600; i++) {
      if (node.query(condition).equals("t")) {
        return;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("never true: " + condition);
  }

  /** One scenario at one level: a table and a history of its own. */
  private final class Play implements AutoCloseable {
    private final String name;
    private final Level level;
    private final HistoryWriter history;
    private long index;
    private long processes;

    Play(String name, Level level) throws SQLException {
      this.name = name;
      this.level = level;
      history = HistoryWriter.create(folder.resolve(name + ".edn"));
      a.execute("create table \"%s\" (k text primary key, v int)".formatted(name));
    }

    Txn begin(String... steps) throws SQLException {
      return begin(a, steps);
    }

    Txn begin(RealPostgres node, String... steps) throws SQLException {
      return new Txn(this, node.connect(), steps);
    }

    void setUp(String... steps) throws SQLException {
      Txn txn = begin(steps);
      txn.steps(steps.length);
      txn.commit();
    }

    @Override
    public void close() {
      history.close();
    }
  }

  /** A client's transaction. Where the database refuses it, it is rolled back, and failed. */
  private static final class Txn {
    private final Play play;
    private final Connection connection;
    private final List<String> planned;
    private final List<Edn> done = new ArrayList<>();
    private final Process process;
    private String xid = "";
    private String snapshot = "";
    private boolean isFailed;

    Txn(Play play, Connection connection, String... steps) throws SQLException {
      this.play = play;
      this.connection = connection;
      planned = List.of(steps);
      process = new Process.Client(play.processes++);
      List<Edn> asked = planned.stream().map(step -> step(step, Edn.NIL)).toList();
      play.history.write(new Event.Invoke<>(play.index++, -1, process, call(asked), Details.NONE));
      connection.setAutoCommit(false);
      execute("set transaction isolation level " + play.level.words());
      execute("set local synchronous_commit = local");
    }

    private static UntypedCall call(List<Edn> steps) {
      return new UntypedCall(Edn.keyword("txn"), new Edn.Vector(steps));
    }

    private static Edn step(String text, Edn seen) {
      String[] words = text.split(" ");
      return switch (words[0]) {
        case "w" ->
            Edn.vector(Edn.keyword("w"), Edn.keyword(words[1]), Edn.of(Long.parseLong(words[2])));
        case "r" -> Edn.vector(Edn.keyword("r"), Edn.keyword(words[1]), seen);
        default -> Edn.vector(Edn.keyword("rp"), predicate(words), seen);
      };
    }

    private static Edn predicate(String[] words) {
      return words.length == 1
          ? Edn.keyword("all")
          : Edn.vector(Edn.keyword("="), Edn.of(Long.parseLong(words[1])));
    }

    void execute(String sql) {
      attempt(
          () -> {
            try (Statement statement = connection.createStatement()) {
              statement.execute(sql);
            }
          });
    }

    private interface Action {
      void run() throws SQLException;
    }

    private void attempt(Action action) {
      if (isFailed) {
        return;
      }
      try {
        action.run();
      } catch (SQLException e) {
        isFailed = true;
      }
    }

    /** The next so many of its steps. */
    void steps(int count) {
      for (int i = 0; i < count; i++) {
        attempt(() -> done.add(run(planned.get(done.size()))));
      }
    }

    private Edn run(String text) throws SQLException {
      String[] words = text.split(" ");
      SequencedMap<Edn, Edn> rows = new LinkedHashMap<>();
      try (Statement statement = connection.createStatement()) {
        if (words[0].equals("w")) {
          statement.execute(
              "insert into \"%s\" values ('%s', %s) on conflict (k) do update set v = excluded.v"
                  .formatted(play.name, words[1], words[2]));
          xid = query("select pg_current_xact_id()::text");
          return step(text, Edn.NIL);
        }
        String where =
            words.length == 1
                ? ""
                : " where %s = '%s'".formatted(words[0].equals("r") ? "k" : "v", words[1]);
        try (ResultSet result =
            statement.executeQuery("select k, v from \"%s\"%s".formatted(play.name, where))) {
          while (result.next()) {
            rows.put(Edn.keyword(result.getString(1)), Edn.of(result.getLong(2)));
          }
        }
      }
      Edn seen =
          words[0].equals("r")
              ? rows.getOrDefault(Edn.keyword(words[1]), Edn.NIL)
              : new Edn.Table(rows);
      return step(text, seen);
    }

    void rollBack() throws SQLException {
      isFailed = true;
      commit();
    }

    void commit() throws SQLException {
      tryCommit();
      complete();
    }

    void tryCommit() {
      if (play.level != Level.READ_COMMITTED) {
        attempt(() -> snapshot = query("select pg_current_snapshot()::text"));
      }
      attempt(connection::commit);
    }

    private String query(String sql) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet result = statement.executeQuery(sql)) {
        result.next();
        return result.getString(1);
      }
    }

    /** Writes down how it ended. */
    void complete() throws SQLException {
      connection.close();
      Details.Builder details = Details.builder();
      if (!xid.isEmpty()) {
        details.xid(Long.parseLong(xid));
      }
      if (!snapshot.isEmpty()) {
        SequencedMap<Edn, Edn> more = new LinkedHashMap<>();
        more.put(Edn.keyword("snapshot"), Edn.of(snapshot));
        details.unknown(new Edn.Table(more));
      }
      List<Edn> asked = planned.stream().map(step -> step(step, Edn.NIL)).toList();
      play.history.write(
          isFailed
              ? new Event.Fail<>(play.index++, -1, process, call(asked), details.build())
              : new Event.Ok<>(play.index++, -1, process, call(done), details.build()));
    }
  }
}
