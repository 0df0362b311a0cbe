package phaistos.workloads.commits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.histories.Details;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.workloads.Client;
import phaistos.workloads.CommitCommand;
import phaistos.workloads.Completion;
import phaistos.workloads.JdbcOptions;
import phaistos.workloads.SqlOutcome;
import phaistos.workloads.commits.CommitsCall.FinalRead;
import phaistos.workloads.commits.CommitsCall.InsertMany;
import phaistos.workloads.commits.CommitsCall.InsertOne;
import phaistos.workloads.commits.CommitsCall.Rollback;
import phaistos.workloads.commits.CommitsCall.StandbyRead;

/** The client against PostgreSQL 15 itself, where this machine has one. */
@Timeout(300)
class CommitsClientTest {
  private static final int PORT = 15610;

  /** Transactions under a rain of cancels, at most, and those of them that are to be hit. */
  private static final int CANCELLED = Boolean.getBoolean("phaistos.long") ? 20_000 : 2_000;

  private static final int HIT = CANCELLED / 100;

  private static RealPostgres server;

  private final JdbcOptions options = new JdbcOptions(2, 3, Optional.empty());

  @BeforeAll
  static void start() throws Exception {
    server = RealPostgres.start(PORT, "wal_level=replica", "fsync=on");
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void clear() throws Exception {
    set("synchronous_standby_names", "");
    new CommitsClient(cluster(), options).setup();
  }

  /** A cluster of which n1 is this server, and n2 nobody. */
  private static Cluster cluster() {
    NodeId n1 = new NodeId("n1");
    NodeId n2 = new NodeId("n2");
    return (Cluster)
        Proxy.newProxyInstance(
            Cluster.class.getClassLoader(),
            new Class<?>[] {Cluster.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "nodes" -> List.of(n1, n2);
                  case "primary" -> n2;
                  case "control" ->
                      SystemEnvironment.of(
                          "control",
                          new SystemDisk(Path.of(".")),
                          1,
                          (task, failure) -> {
                            throw new IllegalStateException(task.name(), failure);
                          });
                  case "connect" -> {
                    Properties properties = (Properties) arguments[1];
                    String url = server.url();
                    yield DriverManager.getConnection(
                        arguments[0].equals(n1) ? url : url.replace(":" + PORT, ":1"), properties);
                  }
                  default -> throw new IllegalStateException(method.getName());
                });
  }

  private static void set(String setting, String value) throws SQLException {
    try (Connection admin = DriverManager.getConnection(server.url());
        Statement statement = admin.createStatement()) {
      statement.execute("alter system set " + setting + " = '" + value + "'");
      statement.execute("select pg_reload_conf()");
    }
    await(() -> ask("show " + setting).equals(value));
  }

  private static String ask(String sql) {
    try (Connection admin = DriverManager.getConnection(server.url());
        Statement statement = admin.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "nothing";
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "waited for 10 s");
      Thread.onSpinWait();
    }
  }

  private static Completion<CommitsCall> invoke(
      Client.Session<CommitsCall> session, CommitsCall call) throws Exception {
    return session.invoke(new Event.Invoke<>(-1, 0, new Process.Client(0), call, Details.NONE));
  }

  private Client.Session<CommitsCall> session() {
    return new CommitsClient(cluster(), options).open(0, new Process.Client(0));
  }

  @Test
  void transactionsAreCommittedAndRolledBackAndSayWhatTheyWere() throws Exception {
    Client.Session<CommitsCall> session = session();
    Completion<CommitsCall> one = invoke(session, new InsertOne(1));
    assertInstanceOf(Completion.Ok.class, one);
    assertEquals(Optional.of("n1"), one.details().node());
    assertEquals(OptionalInt.of(1), one.details().timeline());
    assertEquals(Optional.of("on"), one.details().synchronousCommit());
    assertEquals(Optional.of(""), one.details().standbyNames());
    assertFalse(one.details().unreplicated());
    long xid = one.details().xid().orElseThrow();
    assertEquals("committed", ask("select txid_status(" + xid + ")"));
    assertInstanceOf(Completion.Ok.class, invoke(session, new InsertMany(CommitsCall.run(10, 10))));
    Completion<CommitsCall> undone = invoke(session, new Rollback(List.of(20L)));
    assertInstanceOf(Completion.Fail.class, undone);
    assertEquals(
        "aborted", ask("select txid_status(" + undone.details().xid().orElseThrow() + ")"));
    Completion<CommitsCall> read = invoke(session, new FinalRead(List.of()));
    assertEquals(11, read.call().read().size());
    assertEquals(1L, read.call().read().getFirst());
    session.close();
  }

  @Test
  void aDuplicateIsAFailAndTheSessionGoesOn() throws Exception {
    Client.Session<CommitsCall> session = session();
    invoke(session, new InsertOne(1));
    Completion<CommitsCall> again = invoke(session, new InsertOne(1));
    assertInstanceOf(Completion.Fail.class, again);
    assertTrue(again.details().error().orElseThrow().toString().contains("23505"));
    assertInstanceOf(Completion.Ok.class, invoke(session, new InsertOne(2)));
    session.close();
  }

  @Test
  void theTagRollbackInAnswerToCommitIsAFail() throws Exception {
    try (Connection connection = DriverManager.getConnection(server.url());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (boolean isOurs : new boolean[] {false, true}) {
        try {
          statement.execute("select 1/0");
        } catch (SQLException _) {
          // What the client did not notice.
        }
        if (isOurs) {
          assertInstanceOf(SqlOutcome.Fail.class, CommitCommand.commit(connection));
        } else {
          connection.commit(); // pgjdbc says nothing
        }
      }
      statement.execute("insert into commits (value) values (1)");
      assertEquals(new SqlOutcome.Ok(false), CommitCommand.commit(connection));
    }
    assertEquals("1", ask("select count(*) from commits"));
  }

  @Test
  void aCommitThatNoStandbyConfirmsInTimeIsAnInfo() throws Exception {
    set("synchronous_standby_names", "nobody");
    Client.Session<CommitsCall> session = session();
    Completion<CommitsCall> completion = invoke(session, new InsertOne(1));
    assertInstanceOf(Completion.Info.class, completion);
    assertEquals(Optional.of("nobody"), completion.details().standbyNames());
    assertTrue(completion.details().xid().isPresent());
    session.close();
    set("synchronous_standby_names", "");
  }

  @Test
  void aCancelledWaitIsOkButUnreplicated() throws Exception {
    set("synchronous_standby_names", "nobody");
    Client.Session<CommitsCall> session = session();
    Thread canceller =
        Thread.startVirtualThread(
            () -> {
              String waiting = "from pg_stat_activity where wait_event = 'SyncRep'";
              await(() -> ask("select count(*) " + waiting).equals("1"));
              ask("select pg_cancel_backend(pid) " + waiting);
            });
    Completion<CommitsCall> completion = invoke(session, new InsertOne(1));
    canceller.join();
    assertInstanceOf(Completion.Ok.class, completion);
    assertTrue(completion.details().unreplicated());
    session.close();
    set("synchronous_standby_names", "");
  }

  @Test
  void aTerminatedWaitIsAnInfo() throws Exception {
    set("synchronous_standby_names", "nobody");
    Client.Session<CommitsCall> session = session();
    Thread terminator =
        Thread.startVirtualThread(
            () -> {
              String waiting = "from pg_stat_activity where wait_event = 'SyncRep'";
              await(() -> ask("select count(*) " + waiting).equals("1"));
              ask("select pg_terminate_backend(pid) " + waiting);
            });
    Completion<CommitsCall> completion = invoke(session, new InsertOne(1));
    terminator.join();
    assertInstanceOf(Completion.Info.class, completion);
    set("synchronous_standby_names", "");
    assertEquals("1", ask("select count(*) from commits"), "committed locally");
    session.close();
  }

  @Test
  void aConnectionLostBeforeCommitIsAFail() throws Exception {
    Client.Session<CommitsCall> session = session();
    invoke(session, new InsertOne(1));
    ask(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            + " where application_name = 'phaistos-client'");
    assertInstanceOf(Completion.Fail.class, invoke(session, new InsertOne(2)));
    assertInstanceOf(Completion.Ok.class, invoke(session, new InsertOne(3)), "a new connection");
    session.close();
  }

  /**
   * pgjdbc sends BEGIN and the first statement together, as two queries. If only BEGIN is
   * cancelled, the statement is a transaction of its own.
   */
  @Test
  @Timeout(300)
  void noFailIsInTheTableWhoeverIsCancelled() throws Exception {
    AtomicBoolean isDone = new AtomicBoolean();
    Thread canceller =
        Thread.startVirtualThread(
            () -> {
              try (Connection admin = DriverManager.getConnection(server.url());
                  Statement statement = admin.createStatement()) {
                while (!isDone.get()) {
                  statement.execute(
                      "select pg_cancel_backend(pid) from pg_stat_activity"
                          + " where application_name = 'phaistos-client'");
                }
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    Client.Session<CommitsCall> session = session();
    TreeSet<Long> failed = new TreeSet<>();
    int infos = 0;
    for (long value = 1; value <= CANCELLED && failed.size() + infos < HIT; value++) {
      Completion<CommitsCall> completion = invoke(session, new InsertOne(value));
      if (completion instanceof Completion.Fail) {
        failed.add(value);
      }
      infos += completion instanceof Completion.Info ? 1 : 0;
    }
    isDone.set(true);
    canceller.join();
    session.close();
    List<String> there = new ArrayList<>();
    failed.forEach(
        value -> {
          if (!ask("select 1 from commits where value = " + value).equals("nothing")) {
            there.add(value.toString());
          }
        });
    System.out.println(failed.size() + " failed, " + infos + " unknown");
    assertEquals(List.of(), there, "failed, and in the table");
  }

  @Test
  void aPrimaryIsNoStandbyAndNobodyIsAFail() throws Exception {
    Client.Session<CommitsCall> session = session();
    assertInstanceOf(Completion.Fail.class, invoke(session, new StandbyRead("n1", List.of())));
    assertInstanceOf(Completion.Fail.class, invoke(session, new StandbyRead("n2", List.of())));
    session.close();
  }

  @Test
  void theLevelIsSetForEverySession() throws Exception {
    Client.Session<CommitsCall> session =
        new CommitsClient(cluster(), new JdbcOptions(2, 3, Optional.of("remote_apply")))
            .open(0, new Process.Client(0));
    assertEquals(
        Optional.of("remote_apply"),
        invoke(session, new InsertOne(1)).details().synchronousCommit());
    session.close();
  }
}
