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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.formats.Lsn;
import phaistos.formats.TimelineHistory;
import phaistos.formats.Version;
import phaistos.formats.Xid;
import phaistos.formats.record.TransactionBody;
import phaistos.formats.wal.PageHeader;
import phaistos.formats.wal.WalLayout;
import phaistos.server.defects.Defects;
import phaistos.server.errors.PgError;
import phaistos.server.recovery.RecordReader;
import phaistos.server.steps.Act;
import phaistos.server.steps.CommitSteps;
import phaistos.server.steps.ReplicationSteps;
import phaistos.server.steps.Step;
import phaistos.server.steps.Steps;
import phaistos.server.wal.WalFiles;
import phaistos.simulator.SimulatedWorld;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/**
 * An error at every step that a commit takes, on the primary and on its synchronous standby, before
 * the act and behind it, in both protocols. Whatever becomes of the transaction, primary, standby,
 * client and WAL must agree on it.
 *
 * <p>CI takes autocommit; {@code -Dphaistos.long=true} takes BEGIN and COMMIT too.
 */
@Timeout(300)
class ErrorAtEveryStepTest {
  private static final long SECOND = SimulatedNodes.SECOND;
  private static final int SEGMENT = 1 << 20;

  private enum When {
    BEFORE,
    BEHIND
  }

  /** How the client sends its row. */
  private record Way(String protocol, boolean block) {}

  /**
   * What everybody says in the end.
   *
   * @param hit whether the step was taken
   * @param answer "ok", or what the driver threw
   * @param alive whether the connection still answers
   * @param outcomes records of the primary's WAL that end the row's transaction
   */
  private record Found(
      boolean hit,
      String answer,
      boolean alive,
      boolean onPrimary,
      boolean onStandby,
      List<String> outcomes,
      List<String> log) {
    /** What is wrong with it; empty if nothing is. */
    String contradiction() {
      boolean committed = outcomes.equals(List.of("commit"));
      if (outcomes.contains("commit") && outcomes.contains("abort")) {
        return "the WAL has a commit and an abort";
      }
      if (onPrimary != onStandby) {
        return "the nodes disagree";
      }
      if (onPrimary != committed) {
        return "the primary and its WAL disagree";
      }
      if (answer.equals("ok") && !onPrimary) {
        return "acknowledged and lost";
      }
      if (!answer.equals("ok") && alive && onPrimary) {
        return "an error was answered for a transaction that has committed";
      }
      return "";
    }
  }

  private static SimulationOptions options() {
    return SimulationOptions.seed(1).withLimit(Duration.ofMinutes(5));
  }

  /** Throws once, when armed. */
  private static final class Trap {
    private final When when;
    boolean armed;
    boolean hit;

    Trap(When when) {
      this.when = when;
    }

    <A, R> void attach(Step<A, R> step, Steps steps) {
      steps.attach(step, (A _, Act<R, Exception> act) -> at(step, act));
    }

    private <R> R at(Step<?, R> step, Act<R, Exception> act) throws Exception {
      if (!armed || hit) {
        return act.run();
      }
      hit = true;
      if (when == When.BEHIND) {
        act.run();
      }
      throw PgError.error("58030", "error at step " + step);
    }
  }

  private static SimulatedNodes pair(SimulatedWorld world) {
    SimulatedNodes nodes = new SimulatedNodes(world);
    nodes.initialize("n1");
    nodes.initialize("n2");
    nodes.start("n1", "", Defects.none(), "synchronous_standby_names", "n2");
    nodes.start("n2", "n1", Defects.none());
    nodes.clients().tasks().sleep(2 * SECOND);
    nodes.ask("n1", "create table t(id int)");
    nodes.ask("n1", "insert into t values (1)");
    return nodes;
  }

  private static Found run(SimulatedWorld world, Step<?, ?> step, When when, Way way) {
    try (SimulatedNodes nodes = pair(world)) {
      Trap trap = new Trap(when);
      trap.attach(step, nodes.server("n1").steps());
      trap.attach(step, nodes.server("n2").steps());
      String answer;
      boolean alive = false;
      try (Connection connection = nodes.connect("n1", "preferQueryMode", way.protocol())) {
        answer = insert(connection, way, trap);
        alive = connection.isValid(5);
      } catch (SQLException e) {
        answer = e.getSQLState() + " " + e.getMessage();
      }
      boolean hit = trap.hit;
      trap.hit = true;
      nodes.clients().tasks().sleep(SECOND);
      restart(world, nodes, "n1", "");
      restart(world, nodes, "n2", "n1");
      nodes.clients().tasks().sleep(8 * SECOND);
      List<String> log = new ArrayList<>(nodes.log("n1"));
      log.addAll(nodes.log("n2"));
      return new Found(
          hit,
          answer,
          alive,
          nodes.ask("n1", "select id from t").equals("1 2"),
          nodes.ask("n2", "select id from t").equals("1 2"),
          outcomes(world),
          log);
    }
  }

  private static String insert(Connection connection, Way way, Trap trap) {
    try (Statement statement = connection.createStatement()) {
      connection.setAutoCommit(!way.block());
      trap.armed = true;
      statement.executeUpdate("insert into t values (2)");
      if (way.block()) {
        connection.commit();
      }
      return "ok";
    } catch (SQLException e) {
      return e.getSQLState() + " " + e.getMessage();
    }
  }

  private static void restart(
      SimulatedWorld world, SimulatedNodes nodes, String node, String primary) {
    if (nodes.server(node).hasPanicked() || !world.machine(node).isRunning()) {
      world.machine(node).kill();
      nodes.start(node, primary, Defects.none());
    }
  }

  /** What the WAL says of the third transaction: the first has made the table. */
  private static List<String> outcomes(SimulatedWorld world) {
    List<String> found = new ArrayList<>();
    Xid third = new Xid(Xid.FIRST_NORMAL.value() + 2);
    WalFiles files = new WalFiles(world.machine("n1").disk(), new WalLayout(SEGMENT));
    try (RecordReader reader =
        new RecordReader(world.machine("n1").disk(), files, TimelineHistory.root(1))) {
      reader.seek(new Lsn(SEGMENT).plus(PageHeader.LONG_BYTES), Lsn.INVALID);
      while (reader.next() instanceof RecordReader.Result.Read read) {
        if (!read.record().xid().equals(third)) {
          continue;
        }
        switch (Version.WRITTEN.records().decode(read.record())) {
          case TransactionBody.Commit _ -> found.add("commit");
          case TransactionBody.Abort _ -> found.add("abort");
          default -> {
            // the row itself
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /** The steps that such a commit takes, on either node, from its statement to its end. */
  private static Set<Step<?, ?>> taken() {
    Set<Step<?, ?>> taken = new LinkedHashSet<>();
    Simulation.run(
            options(),
            world -> {
              try (SimulatedNodes nodes = pair(world);
                  Connection connection = nodes.connect("n1")) {
                for (Step<?, ?> step : Step.all()) {
                  note(step, nodes.server("n1").steps(), taken);
                  note(step, nodes.server("n2").steps(), taken);
                }
                Trap none = new Trap(When.BEFORE);
                none.hit = true;
                return insert(connection, new Way("extended", false), none);
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            })
        .valueOrThrow();
    return taken;
  }

  private static <A, R> void note(Step<A, R> step, Steps steps, Set<Step<?, ?>> taken) {
    steps.attach(
        step,
        (A _, Act<R, Exception> act) -> {
          taken.add(step);
          return act.run();
        });
  }

  @Test
  void nobodyDisagreesWhereverACommitFails() {
    Set<Step<?, ?>> taken = taken();
    assertTrue(
        taken.containsAll(
            List.of(
                CommitSteps.COMMIT_RECORD,
                CommitSteps.COMMIT_FLUSH,
                CommitSteps.COMMIT_LOG_SET,
                CommitSteps.SYNC_REP_WAIT,
                CommitSteps.PROC_ARRAY_END,
                CommitSteps.CLIENT_ANSWER,
                ReplicationSteps.STANDBY_WRITE,
                ReplicationSteps.STANDBY_SYNC,
                ReplicationSteps.STANDBY_REPLY)),
        taken.toString());
    List<Way> ways = new ArrayList<>(List.of(new Way("simple", false), new Way("extended", false)));
    if (Boolean.getBoolean("phaistos.long")) {
      ways.addAll(List.of(new Way("simple", true), new Way("extended", true)));
    }
    Set<String> wrong = new TreeSet<>();
    for (Step<?, ?> step : taken) {
      for (When when : When.values()) {
        for (Way way : ways) {
          Found found =
              Simulation.run(options(), world -> run(world, step, when, way)).valueOrThrow();
          String contradiction = found.contradiction();
          if (!contradiction.isEmpty()) {
            wrong.add("%s %s %s: %s\n%s".formatted(step, when, way, contradiction, found));
          }
          assertTrue(found.hit(), step + " " + when + " " + way + ": " + found);
        }
      }
    }
    assertEquals(Set.of(), wrong);
  }
}
