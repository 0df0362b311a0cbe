package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.environment.Task;
import phaistos.formats.FullXid;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Version;
import phaistos.formats.record.HeapBody;
import phaistos.formats.record.StandbyBody;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.wal.PageHeader;
import phaistos.formats.wal.WalLayout;
import phaistos.formats.wal.WalRecord;
import phaistos.server.defects.Defects;
import phaistos.server.recovery.RecordReader;
import phaistos.server.wal.WalFiles;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.UnsyncedWrites;

/** Savepoints: their ids, records, snapshots and locks, on a primary and on its standby. */
class SubtransactionsTest {
  private static final int SEGMENT = 1 << 20;

  /** What happens in a simulation of a primary n1 and its standby n2 with a table t(id int). */
  @FunctionalInterface
  private interface Scene {
    void play(SimulatedWorld world, SimulatedNodes nodes) throws SQLException;
  }

  private static void play(Scene scene) {
    play(InitOptions.Ids.FIRST, scene);
  }

  private static void play(InitOptions.Ids ids, Scene scene) {
    var result =
        Simulation.run(
            SimulationOptions.seed(1).withLimit(Duration.ofMinutes(5)),
            world -> {
              try (SimulatedNodes nodes = new SimulatedNodes(world)) {
                nodes.initialize("n1", ids);
                nodes.initialize("n2", ids);
                nodes.start("n1", "", Defects.none());
                nodes.start("n2", "n1", Defects.none());
                nodes.clients().tasks().sleep(2 * SimulatedNodes.SECOND);
                nodes.ask("n1", "create table t(id int)");
                scene.play(world, nodes);
                return "done";
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    assertEquals("done", result.valueOrThrow());
    assertEquals(List.of(), result.failures());
  }

  private static void run(Statement statement, String... commands) throws SQLException {
    for (String command : commands) {
      statement.execute(command);
    }
  }

  private static Statement block(SimulatedNodes nodes, String... commands) throws SQLException {
    Connection connection = nodes.connect("n1");
    connection.setAutoCommit(false);
    Statement statement = connection.createStatement();
    run(statement, commands);
    return statement;
  }

  private static void savepoints(Statement statement, int count) throws SQLException {
    for (int i = 1; i <= count; i++) {
      run(statement, "savepoint s" + i, "insert into t values (" + i + ")");
    }
  }

  /** The records of transactions and rows from the third transaction on, as short text. */
  private static List<String> records(SimulatedWorld world) {
    List<String> found = new ArrayList<>();
    WalFiles files = new WalFiles(world.machine("n1").disk(), new WalLayout(SEGMENT));
    try (RecordReader reader =
        new RecordReader(world.machine("n1").disk(), files, TimelineHistory.root(1))) {
      reader.seek(new Lsn(SEGMENT).plus(PageHeader.LONG_BYTES), Lsn.INVALID);
      while (reader.next() instanceof RecordReader.Result.Read read) {
        WalRecord record = read.record();
        String text =
            switch (Version.WRITTEN.records().decode(record)) {
              case TransactionBody.Commit commit -> "commit " + commit.outcome().subxids();
              case TransactionBody.Abort abort -> "abort " + abort.outcome().subxids();
              case TransactionBody.Assignment assignment ->
                  "assignment of %s: %d".formatted(assignment.top(), assignment.subxids().size());
              case HeapBody.Insert _ -> "insert";
              case StandbyBody.RunningXacts running when running.overflow() -> "overflow";
              default -> "";
            };
        if (!text.isEmpty() && (record.xid().value() > 3 || text.equals("overflow"))) {
          found.add(
              "%s %s".formatted(record.xid(), text).replace("Xid[value=", "").replace("]", ""));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  @Test
  void everyLevelEndsWithItsOwnRecordAndItsReleasedChildren() {
    play(
        (world, nodes) -> {
          Statement s =
              block(
                  nodes,
                  "savepoint a",
                  "savepoint b",
                  "insert into t values (1)",
                  "release b",
                  "savepoint c",
                  "insert into t values (2)",
                  "rollback to a",
                  "insert into t values (3)",
                  "savepoint d",
                  "savepoint unused",
                  "release unused",
                  "savepoint e",
                  "insert into t values (4)",
                  "commit");
          s.close();
          run(
              block(nodes, "savepoint f", "insert into t values (5)", "savepoint g"),
              "insert into t values (6)",
              "rollback");
          assertEquals("3 4", nodes.ask("n1", "select id from t order by id"));
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          assertEquals("3 4", nodes.ask("n2", "select id from t order by id"));
          assertEquals(
              List.of(
                  // 4 is the transaction, 5 a, 6 b, 7 c; after the rollback 8 is a, 9 d, 10 e
                  "6 insert",
                  "7 insert",
                  "7 abort [",
                  "5 abort [6",
                  "8 insert",
                  "10 insert",
                  "4 commit [8, 9, 10",
                  "12 insert",
                  "13 insert",
                  "13 abort [",
                  "12 abort [",
                  "11 abort ["),
              records(world));
        });
  }

  @Test
  void sixtyFourSubtransactionsAreAssignedInOneRecord() {
    play(
        (world, nodes) -> {
          run(block(nodes, "insert into t values (0)"), "savepoint s");
          Statement s = block(nodes, "insert into t values (0)");
          savepoints(s, 130);
          run(s, "commit");
          List<String> assignments =
              records(world).stream().filter(text -> text.contains("assignment")).toList();
          assertEquals(List.of("69 assignment of 5: 64", "133 assignment of 5: 64"), assignments);
        });
  }

  @Test
  void snapshotsThatHaveOverflowedSeeTheSameAsOthers() {
    play(
        (world, nodes) -> {
          Statement open = block(nodes, "savepoint x");
          savepoints(open, 100);
          run(open, "rollback to s90");
          Connection old = nodes.connect("n2");
          old.setAutoCommit(false);
          Statement repeatable = old.createStatement();
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          run(repeatable, "set transaction isolation level repeatable read");
          repeatable.executeQuery("select count(*) from t").close();
          for (String node : List.of("n1", "n2")) {
            assertEquals("0", nodes.ask(node, "select count(*) from t"), node);
          }
          run(open, "commit");
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          for (String node : List.of("n1", "n2")) {
            assertEquals("89", nodes.ask(node, "select count(*) from t"), node);
          }
          var rows = repeatable.executeQuery("select count(*) from t");
          rows.next();
          assertEquals(0, rows.getInt(1), "the snapshot from before the commit");
        });
  }

  /** A standby that starts while such a transaction runs takes snapshots once it is over. */
  @Test
  void aStandbyWaitsForTheEndOfATransactionWithTooManySubtransactions() {
    play(
        (world, nodes) -> {
          Statement open = block(nodes, "insert into t values (0)");
          savepoints(open, 100);
          nodes.ask("n1", "checkpoint");
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          nodes.ask("n2", "checkpoint");
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          world.machine("n2").kill();
          nodes.start("n2", "n1", Defects.none());
          nodes.clients().tasks().sleep(5 * SimulatedNodes.SECOND);
          String during = nodes.ask("n2", "select count(*) from t");
          assertTrue(during.startsWith("57P03"), during);
          run(open, "commit");
          nodes.ask("n1", "insert into t values (-1)");
          nodes.ask("n1", "checkpoint");
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          assertEquals("102", nodes.ask("n2", "select count(*) from t"));
          assertTrue(records(world).stream().anyMatch(text -> text.endsWith("overflow")));
        });
  }

  @Test
  void anAbortedSubtransactionGivesUpItsLocks() {
    play(
        (world, nodes) -> {
          nodes.ask("n1", "insert into t values (1)");
          Statement first = block(nodes, "savepoint a", "update t set id = 2");
          List<String> done = new ArrayList<>();
          Task second =
              nodes
                  .clients()
                  .tasks()
                  .spawn("second", () -> done.add(nodes.ask("n1", "update t set id = 3")));
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          assertEquals(List.of(), done);
          run(first, "rollback to a");
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          assertEquals(List.of("1"), done);
          second.join();
          run(first, "commit");
          assertEquals("3", nodes.ask("n1", "select id from t"));
        });
  }

  @Test
  void anErrorAloneAbortsTheSubtransaction() {
    play(
        (world, nodes) -> {
          nodes.ask("n1", "insert into t values (1)");
          Statement first = block(nodes, "savepoint a", "update t set id = 2");
          try {
            run(first, "select 1/0");
          } catch (SQLException e) {
            assertEquals("22012", e.getSQLState());
          }
          assertEquals("1", nodes.ask("n1", "update t set id = 3"));
          run(first, "rollback to a", "insert into t values (4)", "commit");
          assertEquals("3 4", nodes.ask("n1", "select id from t order by id"));
        });
  }

  /** The file of a table goes with the subtransaction that has made it, and with no other. */
  @Test
  void filesFollowTheirSubtransaction() {
    play(
        (world, nodes) -> {
          nodes.ask("n1", "insert into t values (1)");
          Statement s =
              block(
                  nodes,
                  "savepoint a",
                  "drop table t",
                  "rollback to a",
                  "create table u(id int)",
                  "rollback to a");
          run(s, "commit");
          assertEquals("1", nodes.ask("n1", "select id from t"));
          nodes.ask("n1", "checkpoint");
          world.machine("n1").crash(UnsyncedWrites.LOSE_ALL);
          nodes.start("n1", "", Defects.none());
          nodes.clients().tasks().sleep(SimulatedNodes.SECOND);
          assertEquals("1", nodes.ask("n1", "select id from t"));
        });
  }

  /** Subtransactions on both sides of a page, of a segment, and of the wrap-around; a crash. */
  @Test
  void theTreeIsCommittedOverTwoPages() {
    for (long border : new long[] {32_768, 1_048_576, 1L << 32, 3L << 32}) {
      InitOptions.Ids ids =
          new InitOptions.Ids(new FullXid(border - 20), new FullXid(border - 20).xid());
      play(
          ids,
          (world, nodes) -> {
            Statement s = block(nodes, "insert into t values (0)");
            savepoints(s, 80);
            run(s, "rollback to s70", "commit");
            String seen = "border=" + border;
            assertEquals("70", nodes.ask("n1", "select count(*) from t"), seen);
            world.machine("n1").crash(UnsyncedWrites.LOSE_ALL);
            nodes.start("n1", "", Defects.none());
            nodes.clients().tasks().sleep(5 * SimulatedNodes.SECOND);
            assertEquals("70", nodes.ask("n1", "select count(*) from t"), seen);
            assertEquals("70", nodes.ask("n2", "select count(*) from t"), seen);
            String next = nodes.ask("n1", "select txid_current()");
            assertTrue(Long.parseLong(next) > border, seen + " next=" + next);
          });
    }
  }
}
