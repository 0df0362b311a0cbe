package phaistos.cluster.simulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import phaistos.cluster.Cluster;
import phaistos.cluster.Cluster.NodeId;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/**
 * What PostgreSQL documents as possible with synchronous replication, on our server as on
 * PostgreSQL 15: each test is one scenario, and its end is what PostgreSQL shows there. A primary
 * n1, standbys n2 and n3, a commit waits for any one of them.
 */
class DocumentedAnomaliesTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");
  private static final NodeId N3 = new NodeId("n3");
  private static final long MILLI = 1_000_000L;

  private interface Scenario {
    void play(Stage stage) throws SQLException;
  }

  private static void play(Scenario scenario) {
    Simulation.run(
            SimulationOptions.seed(Long.getLong("phaistos.seed", 1)),
            world -> {
              try (SimulatedCluster cluster =
                  new SimulatedCluster(world, SimulatedCluster.Options.defaults())) {
                cluster.start();
                Stage stage = new Stage(cluster);
                stage.run(N1, "create table t (v text)");
                stage.run(N1, "insert into t values ('base')");
                stage.settle();
                scenario.play(stage);
                return true;
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            })
        .valueOrThrow();
  }

  /** The cluster with short words for what a scenario does. */
  private record Stage(SimulatedCluster cluster) {
    Connection connect(NodeId node, String settings) throws SQLException {
      Properties options = new Properties();
      options.setProperty("socketTimeout", "20");
      if (!settings.isEmpty()) {
        options.setProperty("options", settings);
      }
      return cluster.connect(node, options);
    }

    void run(NodeId node, String sql) throws SQLException {
      try (Connection connection = connect(node, "");
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }

    String ask(NodeId node, String sql) throws SQLException {
      try (Connection connection = connect(node, "");
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(sql)) {
        List<String> values = new ArrayList<>();
        while (rows.next()) {
          values.add(rows.getString(1));
        }
        return String.join(" ", values);
      }
    }

    /** The rows that a node shows. */
    String rows(NodeId node) throws SQLException {
      return ask(node, "select v from t order by v");
    }

    /** Runs an insert by a session of its own; the answer says how it ended, once it has. */
    AtomicReference<String> insertBehind(String value, String settings) {
      AtomicReference<String> answer = new AtomicReference<>("");
      cluster
          .control()
          .tasks()
          .spawn("session of " + value, () -> answer.set(insert(value, settings)));
      sleep(200);
      return answer;
    }

    private String insert(String value, String settings) {
      try (Connection connection = connect(N1, settings);
          Statement statement = connection.createStatement()) {
        statement.execute("insert into t values ('" + value + "')");
        SQLWarning warning = statement.getWarnings();
        return warning == null ? "ok" : "ok, " + warning.getMessage();
      } catch (SQLException e) {
        return "error " + e.getSQLState();
      }
    }

    void sleep(long millis) {
      cluster.control().tasks().sleep(millis * MILLI);
    }

    /** Until the standbys have replayed everything. */
    void settle() {
      sleep(2_000);
    }

    void loseStandbys() {
      cluster.kill(N2);
      cluster.kill(N3);
    }

    void restartPrimary() {
      cluster.kill(N1);
      cluster.restart(N1);
    }

    void cancelWait() throws SQLException {
      ask(N1, "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'");
      sleep(200);
    }

    /** The standby n2, which was lost, comes back and goes on alone as the new primary. */
    void failOver() {
      cluster.kill(N1);
      cluster.restart(N2);
      cluster.promote(N2);
    }
  }

  @Test
  void aCommitAcknowledgedToNobodyIsReadAfterARestartAndLostByAFailover() {
    play(
        stage -> {
          stage.loseStandbys();
          AtomicReference<String> answer = stage.insertBehind("unacknowledged", "");
          assertEquals("", answer.get(), "it waits");
          assertEquals("base", stage.rows(N1), "and is not visible");
          stage.restartPrimary();
          assertEquals("base unacknowledged", stage.rows(N1));
          stage.failOver();
          assertEquals("base", stage.rows(N2));
        });
  }

  @Test
  void aCancelledWaitIsASuccessWithAWarningAndLostByAFailover() {
    play(
        stage -> {
          stage.loseStandbys();
          AtomicReference<String> answer = stage.insertBehind("cancelled", "");
          stage.cancelWait();
          assertEquals(
              "ok, canceling wait for synchronous replication due to user request", answer.get());
          assertEquals("base cancelled", stage.rows(N1));
          stage.failOver();
          assertEquals("base", stage.rows(N2));
        });
  }

  @Test
  void emptyStandbyNamesReleaseWaitersWithoutAWarning() {
    play(
        stage -> {
          stage.loseStandbys();
          AtomicReference<String> answer = stage.insertBehind("released", "");
          assertEquals("", answer.get());
          stage.run(N1, "alter system set synchronous_standby_names = ''");
          stage.ask(N1, "select pg_reload_conf()");
          stage.sleep(500);
          assertEquals("ok", answer.get());
          stage.failOver();
          assertEquals("base", stage.rows(N2));
        });
  }

  @Test
  void anAcknowledgementWithoutWalOfItsOwnIsLostByAFailover() {
    play(
        stage -> {
          stage.loseStandbys();
          stage.insertBehind("cancelled", "");
          stage.cancelWait();
          assertEquals("base cancelled", stage.rows(N1), "a read is answered without a wait");
          stage.failOver();
          assertEquals("base", stage.rows(N2), "what was read is gone");
        });
  }

  @Test
  void aCommitAtLevelLocalIsLostByAFailover() {
    play(
        stage -> {
          stage.loseStandbys();
          AtomicReference<String> answer =
              stage.insertBehind("local", "-c synchronous_commit=local");
          assertEquals("ok", answer.get());
          stage.restartPrimary();
          assertEquals("base local", stage.rows(N1), "a restart keeps it");
          stage.failOver();
          assertEquals("base", stage.rows(N2));
        });
  }

  @Test
  void aCommitAtLevelOffIsLostByAKillOfThePrimaryAndItsXidIsGivenOutAgain() {
    play(
        stage -> {
          String xid;
          try (Connection connection = stage.connect(N1, "-c synchronous_commit=off");
              Statement statement = connection.createStatement();
              ResultSet rows =
                  statement.executeQuery("insert into t values ('off') returning txid_current()")) {
            rows.next();
            xid = rows.getString(1);
          }
          stage.restartPrimary();
          assertEquals("base", stage.rows(N1));
          assertEquals(xid, stage.ask(N1, "select txid_current()"));
        });
  }

  @Test
  void aStandbyIsStaleThoughTheOtherOneHasAppliedAtRemoteApply() {
    play(
        stage -> {
          stage.cluster.links().orElseThrow().cut(new Cluster.Stream(Optional.of(N3), N1, false));
          assertEquals(
              "ok", stage.insertBehind("applied", "-c synchronous_commit=remote_apply").get());
          assertEquals("applied base", stage.rows(N2));
          assertEquals("base", stage.rows(N3));
        });
  }

  @Test
  void aStandbyAndThePrimaryShowTwoCommitsInDifferentOrders() {
    play(
        stage -> {
          stage.run(N1, "alter system set synchronous_standby_names = 'ANY 2 (n2, n3)'");
          stage.ask(N1, "select pg_reload_conf()");
          stage.cluster.kill(N3);
          stage.sleep(500);
          AtomicReference<String> answer = stage.insertBehind("1-on", "");
          stage.sleep(1_000);
          assertEquals("", answer.get(), "it waits for two");
          assertEquals("1-on base", stage.rows(N2), "the standby shows it");
          assertEquals("base", stage.rows(N1), "before the primary does");
          stage.cluster.pause(N2);
          assertEquals("ok", stage.insertBehind("2-local", "-c synchronous_commit=local").get());
          assertEquals("2-local base", stage.rows(N1));
          stage.cluster.kill(N1);
          stage.cluster.resume(N2);
          assertTrue(stage.rows(N2).startsWith("1-on"), "a long fork");
        });
  }
}
