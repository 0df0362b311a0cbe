package phaistos.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import phaistos.environment.Network;
import phaistos.server.defects.Defects;
import phaistos.simulator.UnsyncedWrites;

/** What each setting changes, seen from outside: two values, two behaviours. */
final class SettingProbes {
  private static final long SECOND = SimulatedNodes.SECOND;

  /** Fails if the setting has no effect. */
  @FunctionalInterface
  interface Probe {
    void run(SimulatedNodes nodes) throws Exception;
  }

  /** What one server with one value shows. */
  @FunctionalInterface
  private interface Shown {
    String of(SimulatedNodes nodes) throws Exception;
  }

  private SettingProbes() {}

  static Map<String, Probe> all() {
    Map<String, Probe> probes = new TreeMap<>();
    sessions(probes);
    timeouts(probes);
    commits(probes);
    checkpoints(probes);
    logs(probes);
    standbys(probes);
    return probes;
  }

  /** A primary n1 with these settings, new. */
  private static void primary(SimulatedNodes nodes, String... settings) {
    if (nodes.world().machine("n1").isRunning()) {
      nodes.world().machine("n1").kill();
    }
    if (nodes.server("n1") == null) {
      nodes.initialize("n1");
    }
    nodes.log("n1").clear();
    nodes.start("n1", "", Defects.none(), settings);
    nodes.clients().tasks().sleep(SECOND / 10);
  }

  /** With one value this is shown, with another that. */
  private static Probe shows(
      String name, String one, String shownOne, String two, String shownTwo, Shown shown) {
    return nodes -> {
      primary(nodes, name, one);
      assertEquals(shownOne, shown.of(nodes), name + "=" + one);
      primary(nodes, name, two);
      assertEquals(shownTwo, shown.of(nodes), name + "=" + two);
    };
  }

  /** The same with a setting of the session. */
  private static Probe inSession(
      String name, String one, String shownOne, String two, String shownTwo, String sql) {
    return nodes -> {
      primary(nodes);
      assertEquals(shownOne, session(nodes, "set %s = '%s'".formatted(name, one), sql), name);
      assertEquals(shownTwo, session(nodes, "set %s = '%s'".formatted(name, two), sql), name);
    };
  }

  /** Runs statements in one session; the answer or error of the last, and its warnings. */
  private static String session(SimulatedNodes nodes, String... statements) {
    try (Connection connection = nodes.connect("n1");
        Statement statement = connection.createStatement()) {
      String last = "";
      for (String sql : statements) {
        statement.clearWarnings();
        last = "";
        if (statement.execute(sql)) {
          var rows = statement.getResultSet();
          while (rows.next()) {
            last += rows.getString(1);
          }
        }
        for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
          last += " " + w.getSQLState();
        }
      }
      return last;
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  /** Whether the log has a line with this text. */
  private static String logged(SimulatedNodes nodes, String text) {
    return Boolean.toString(nodes.log("n1").stream().anyMatch(line -> line.contains(text)));
  }

  private static long seconds(SimulatedNodes nodes, Runnable act) {
    long began = nodes.clients().clock().monotonicNanos();
    act.run();
    return (nodes.clients().clock().monotonicNanos() - began) / SECOND;
  }

  private static void sessions(Map<String, Probe> probes) {
    probes.put(
        "application_name",
        inSession(
            "application_name",
            "one",
            "one",
            "two",
            "two",
            "select application_name from pg_stat_activity where pid = pg_backend_pid()"));
    probes.put(
        "client_encoding",
        inSession("client_encoding", "latin1", "0A000", "unicode", "1", "select 1"));
    probes.put(
        "client_min_messages",
        inSession("client_min_messages", "warning", " 25P01", "error", "", "rollback"));
    probes.put("DateStyle", inSession("datestyle", "german", "0A000", "iso, dmy", "1", "select 1"));
    probes.put(
        "default_transaction_isolation",
        inSession(
            "default_transaction_isolation",
            "repeatable read",
            "repeatable read",
            "read committed",
            "read committed",
            "show transaction_isolation"));
    probes.put(
        "default_transaction_read_only",
        inSession(
            "default_transaction_read_only", "on", "25006", "off", "", "create table t (a int)"));
    probes.put(
        "transaction_isolation",
        nodes -> {
          primary(nodes);
          session(nodes, "create table t (a int)");
          assertEquals(
              "25001",
              session(
                  nodes,
                  "begin",
                  "select count(*) from t",
                  "set transaction_isolation = 'repeatable read'"));
          assertEquals(
              "repeatable read",
              session(
                  nodes,
                  "begin",
                  "set transaction_isolation = 'repeatable read'",
                  "show transaction_isolation"));
        });
    probes.put(
        "transaction_read_only",
        nodes -> {
          primary(nodes);
          assertEquals(
              "25006",
              session(nodes, "begin", "set transaction_read_only = on", "create table t (a int)"));
        });
    probes.put(
        "max_connections",
        shows("max_connections", "1", "53300", "2", "1", SettingProbes::whileOthersAreConnected));
    probes.put(
        "track_activities",
        shows(
            "track_activities",
            "on",
            "idle select 1",
            "off",
            "disabled ",
            nodes -> otherSession(nodes, "select 1")));
    probes.put(
        "track_activity_query_size",
        shows(
            "track_activity_query_size",
            "100",
            "104",
            "1000",
            "304",
            nodes ->
                Integer.toString(otherSession(nodes, "select 1 as " + "a".repeat(287)).length())));
    probes.put(
        "listen_addresses",
        nodes -> {
          nodes.initialize("n1");
          assertEquals("n1", nodes.start("n1", "", Defects.none()).address().host());
        });
    probes.put(
        "port",
        nodes -> {
          nodes.initialize("n1");
          assertEquals(5433, nodes.start("n1", "", Defects.none(), "port", "5433").port());
        });
  }

  private static String whileOthersAreConnected(SimulatedNodes nodes) throws SQLException {
    try (Connection _ = nodes.connect("n1")) {
      return session(nodes, "select 1");
    }
  }

  private static String otherSession(SimulatedNodes nodes, String sql) throws SQLException {
    try (Connection other = nodes.connect("n1", "preferQueryMode", "simple");
        Statement statement = other.createStatement()) {
      statement.execute(sql);
      return session(
          nodes,
          "select state || ' ' || query from pg_stat_activity where pid <> pg_backend_pid()"
              + " and backend_type = 'client backend'");
    }
  }

  private static void timeouts(Map<String, Probe> probes) {
    probes.put(
        "statement_timeout",
        inSession("statement_timeout", "1s", "57014", "0", "", "select pg_sleep(3)"));
    probes.put(
        "lock_timeout",
        nodes -> {
          primary(nodes);
          session(nodes, "create table t (k int primary key)", "insert into t values (1)");
          try (Connection holder = nodes.connect("n1");
              Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("delete from t");
            assertEquals("55P03", session(nodes, "set lock_timeout = '1s'", "delete from t"));
            assertEquals("57014", session(nodes, "set statement_timeout = '2s'", "delete from t"));
          }
        });
    probes.put(
        "idle_in_transaction_session_timeout",
        nodes -> idle(nodes, "idle_in_transaction_session_timeout", false, "25P03"));
    probes.put("idle_session_timeout", nodes -> idle(nodes, "idle_session_timeout", true, "57P05"));
    probes.put(
        "authentication_timeout",
        nodes -> {
          primary(nodes, "authentication_timeout", "2s");
          try (Network.Connection silent =
              nodes.clients().network().connect(new Network.Address("n1", 5432), SECOND)) {
            assertEquals(2, seconds(nodes, () -> assertEquals(-1, read(silent))));
          }
        });
  }

  private static int read(Network.Connection connection) {
    try {
      return connection.read(new byte[1], 0, 1);
    } catch (java.io.IOException e) {
      return -1;
    }
  }

  private static void idle(SimulatedNodes nodes, String name, boolean autoCommit, String state)
      throws SQLException {
    primary(nodes);
    try (Connection connection = nodes.connect("n1");
        Statement statement = connection.createStatement()) {
      statement.execute("set %s = '1s'".formatted(name));
      connection.setAutoCommit(autoCommit);
      statement.execute("select 1");
      nodes.clients().tasks().sleep(SECOND / 2);
      statement.execute("select 1");
      nodes.clients().tasks().sleep(2 * SECOND);
      SQLException error =
          org.junit.jupiter.api.Assertions.assertThrows(
              SQLException.class, () -> statement.execute("select 1"));
      assertEquals(state, error.getSQLState());
    }
  }

  private static void commits(Map<String, Probe> probes) {
    probes.put(
        "synchronous_commit",
        nodes -> {
          primary(nodes, "synchronous_standby_names", "nobody");
          assertEquals(
              " 01000", session(nodes, "set statement_timeout = '1s'", "create table t (a int)"));
          assertEquals(
              "",
              session(
                  nodes,
                  "set synchronous_commit = local",
                  "set statement_timeout = '1s'",
                  "create table u (a int)"));
        });
    probes.put(
        "synchronous_standby_names",
        shows(
            "synchronous_standby_names",
            "nobody",
            " 01000",
            "",
            "",
            nodes ->
                session(
                    nodes,
                    "drop table if exists t",
                    "set statement_timeout = '1s'",
                    "create table t (a int)")));
    probes.put(
        "commit_delay",
        nodes -> {
          primary(nodes, "commit_siblings", "0");
          assertEquals(0, commitMillis(nodes, "set commit_delay = 0") / 100);
          assertEquals(1, commitMillis(nodes, "set commit_delay = 100000") / 100);
        });
    probes.put(
        "commit_siblings",
        nodes -> {
          primary(nodes, "commit_delay", "100000");
          assertEquals(0, commitMillis(nodes, "set commit_siblings = 1") / 100);
          assertEquals(1, commitMillis(nodes, "set commit_siblings = 0") / 100);
        });
    probes.put("fsync", shows("fsync", "on", "1", "off", "0", SettingProbes::afterAPowerCut));
    probes.put(
        "wal_buffers",
        shows(
            "wal_buffers",
            "8MB",
            "0",
            "1MB",
            "more",
            nodes -> {
              session(nodes, "drop table if exists t", "create table t (v text)");
              long before =
                  Long.parseLong(nodes.ask("n1", "select wal_buffers_full from pg_stat_wal"));
              String row = "('" + "x".repeat(4000) + "'),";
              session(nodes, "insert into t values " + row.repeat(400) + "('')");
              long after =
                  Long.parseLong(nodes.ask("n1", "select wal_buffers_full from pg_stat_wal"));
              return after == before ? "0" : "more";
            }));
    probes.put(
        "wal_writer_delay",
        shows(
            "wal_writer_delay",
            "100ms",
            "true",
            "10s",
            "false",
            nodes -> {
              session(
                  nodes,
                  "drop table if exists t",
                  "set synchronous_commit = off",
                  "create table t (a int)");
              nodes.clients().tasks().sleep(SECOND);
              return flushedAll(nodes);
            }));
    probes.put(
        "wal_writer_flush_after",
        nodes -> {
          primary(nodes, "wal_writer_flush_after", "1", "wal_writer_delay", "10s");
          assertTrue(syncsOfAsyncCommits(nodes) > 10);
          primary(nodes, "wal_writer_flush_after", "1GB", "wal_writer_delay", "10s");
          assertTrue(syncsOfAsyncCommits(nodes) < 5);
        });
  }

  private static String flushedAll(SimulatedNodes nodes) {
    String sql = "select pg_current_wal_flush_lsn() = pg_current_wal_insert_lsn()";
    return Boolean.toString(nodes.ask("n1", sql).startsWith("t"));
  }

  private static long syncsOfAsyncCommits(SimulatedNodes nodes) {
    session(nodes, "drop table if exists t", "create table t (v text)");
    long before = Long.parseLong(nodes.ask("n1", "select wal_sync from pg_stat_wal"));
    String[] inserts = new String[100];
    java.util.Arrays.fill(inserts, "insert into t values ('" + "x".repeat(4000) + "')");
    inserts[0] = "set synchronous_commit = off";
    session(nodes, inserts);
    return Long.parseLong(nodes.ask("n1", "select wal_sync from pg_stat_wal")) - before;
  }

  private static long commitMillis(SimulatedNodes nodes, String set) throws SQLException {
    session(nodes, "drop table if exists t", "create table t (a int)");
    try (Connection connection = nodes.connect("n1");
        Statement statement = connection.createStatement()) {
      statement.execute(set);
      long began = nodes.clients().clock().monotonicNanos();
      statement.execute("insert into t values (1)");
      return (nodes.clients().clock().monotonicNanos() - began) / 1_000_000;
    }
  }

  private static String afterAPowerCut(SimulatedNodes nodes) {
    String table = "t_" + nodes.ask("n1", "show fsync");
    session(nodes, "create table %s (a int)".formatted(table));
    session(nodes, "insert into %s values (1)".formatted(table));
    nodes.world().machine("n1").crash(UnsyncedWrites.LOSE_ALL);
    try {
      nodes.start("n1", "", Defects.none());
    } catch (phaistos.server.errors.StartupException e) {
      return "0";
    }
    nodes.clients().tasks().sleep(SECOND);
    return nodes.ask("n1", "select count(*) from " + table).equals("1") ? "1" : "0";
  }

  private static void checkpoints(Map<String, Probe> probes) {
    probes.put(
        "checkpoint_timeout",
        shows(
            "checkpoint_timeout",
            "30s",
            "true",
            "10min",
            "false",
            nodes -> {
              session(nodes, "drop table if exists t", "create table t (a int)");
              nodes.clients().tasks().sleep(32 * SECOND);
              return logged(nodes, "checkpoint starting: time");
            }));
    probes.put(
        "checkpoint_completion_target",
        nodes -> {
          for (String target : new String[] {"0", "0.9"}) {
            primary(nodes, "checkpoint_timeout", "30s", "checkpoint_completion_target", target);
            session(
                nodes,
                "drop table if exists t",
                "create table t (a int)",
                "insert into t values (1)");
            nodes.log("n1").clear();
            nodes.clients().tasks().sleep(33 * SECOND);
            assertEquals(
                Boolean.toString(target.equals("0")), logged(nodes, "checkpoint complete"), target);
          }
        });
    probes.put(
        "max_wal_size",
        shows(
            "max_wal_size",
            "2MB",
            "true",
            "1GB",
            "false",
            nodes -> {
              writeMegabytes(nodes, 4);
              return logged(nodes, "checkpoint starting: wal");
            }));
    probes.put(
        "checkpoint_warning",
        nodes -> {
          for (String limit : new String[] {"30s", "0"}) {
            primary(nodes, "max_wal_size", "2MB", "checkpoint_warning", limit);
            writeMegabytes(nodes, 4);
            assertEquals(
                Boolean.toString(limit.equals("30s")),
                logged(nodes, "checkpoints are occurring too frequently"));
          }
        });
    probes.put(
        "full_page_writes",
        shows(
            "full_page_writes",
            "on",
            "more",
            "off",
            "0",
            nodes -> {
              session(
                  nodes,
                  "drop table if exists t",
                  "create table t (a int)",
                  "insert into t values (1)",
                  "checkpoint");
              String before = nodes.ask("n1", "select wal_fpi from pg_stat_wal");
              session(nodes, "update t set a = 2");
              return nodes.ask("n1", "select wal_fpi from pg_stat_wal").equals(before)
                  ? "0"
                  : "more";
            }));
  }

  private static void writeMegabytes(SimulatedNodes nodes, int megabytes) {
    session(nodes, "drop table if exists t", "create table t (v text)");
    String insert =
        "insert into t values ('"
            + "x".repeat(4000)
            + "')"
            + (",('" + "x".repeat(4000) + "')").repeat(127);
    for (int i = 0; i < 2 * megabytes; i++) {
      session(nodes, insert);
    }
    nodes.clients().tasks().sleep(SECOND);
  }

  private static void logs(Map<String, Probe> probes) {
    probes.put("log_checkpoints", log("log_checkpoints", "on", "off", "checkpoint starting"));
    probes.put("log_connections", log("log_connections", "on", "off", "connection authorized:"));
    probes.put("log_disconnections", log("log_disconnections", "on", "off", "disconnection:"));
    probes.put("log_statement", log("log_statement", "all", "none", "statement: checkpoint"));
    probes.put(
        "log_min_duration_statement", log("log_min_duration_statement", "0", "1h", "duration: "));
    probes.put(
        "log_replication_commands",
        nodes -> {
          for (String value : new String[] {"on", "off"}) {
            primary(nodes, "log_replication_commands", value);
            standby(nodes);
            assertEquals(
                Boolean.toString(value.equals("on")),
                logged(nodes, "received replication command: START_REPLICATION"));
          }
        });
  }

  private static Probe log(String name, String one, String two, String text) {
    return shows(
        name,
        one,
        "true",
        two,
        "false",
        nodes -> {
          session(nodes, "checkpoint");
          nodes.clients().tasks().sleep(SECOND / 10);
          return logged(nodes, text);
        });
  }

  /** A standby n2 of n1 with these settings, new, after two seconds. */
  private static void standby(SimulatedNodes nodes, String... settings) {
    if (nodes.world().machine("n2").isRunning()) {
      nodes.world().machine("n2").kill();
    }
    if (nodes.server("n2") == null) {
      nodes.initialize("n2");
    }
    nodes.log("n2").clear();
    nodes.start("n2", "n1", Defects.none(), settings);
    nodes.clients().tasks().sleep(2 * SECOND);
  }

  private static long standbyLogs(SimulatedNodes nodes, String text) {
    return nodes.log("n2").stream().filter(line -> line.contains(text)).count();
  }

  private static void standbys(Map<String, Probe> probes) {
    String names = "select application_name from pg_stat_replication";
    probes.put(
        "max_wal_senders",
        shows(
            "max_wal_senders",
            "0",
            "",
            "1",
            "n2",
            nodes -> {
              standby(nodes);
              return nodes.ask("n1", names);
            }));
    probes.put(
        "cluster_name",
        nodes -> {
          primary(nodes);
          standby(nodes, "cluster_name", "crete", "primary_conninfo", "host=n1 port=5432");
          assertEquals("crete", nodes.ask("n1", names));
        });
    probes.put(
        "primary_conninfo",
        nodes -> {
          primary(nodes);
          standby(nodes, "primary_conninfo", "host=n1 port=5432 application_name=one");
          assertEquals("one", nodes.ask("n1", names));
          standby(nodes, "primary_conninfo", "host=n1 port=1");
          assertEquals("", nodes.ask("n1", names));
          assertTrue(standbyLogs(nodes, "could not connect to the primary server") > 0);
        });
    probes.put(
        "hot_standby",
        nodes -> {
          primary(nodes);
          standby(nodes, "hot_standby", "off");
          assertEquals("57P03", nodes.ask("n2", "select 1").substring(0, 5));
          standby(nodes, "hot_standby", "on");
          assertEquals("1", nodes.ask("n2", "select 1"));
        });
    probes.put(
        "recovery_min_apply_delay",
        nodes -> {
          primary(nodes);
          standby(nodes, "recovery_min_apply_delay", "10s");
          session(nodes, "create table t (a int)");
          nodes.clients().tasks().sleep(5 * SECOND);
          assertEquals("42P01", nodes.ask("n2", "select count(*) from t").substring(0, 5));
          nodes.clients().tasks().sleep(6 * SECOND);
          assertEquals("0", nodes.ask("n2", "select count(*) from t"));
        });
    probes.put(
        "wal_receiver_status_interval",
        nodes -> {
          primary(nodes);
          standby(nodes, "wal_receiver_status_interval", "1s");
          assertTrue(replies(nodes) > 0);
          standby(nodes, "wal_receiver_status_interval", "1h", "wal_receiver_timeout", "0");
          assertEquals(0, replies(nodes));
        });
    probes.put(
        "wal_retrieve_retry_interval",
        nodes -> {
          primary(nodes);
          standby(nodes);
          nodes.world().machine("n1").kill();
          for (String interval : new String[] {"1s", "5s"}) {
            standby(nodes, "wal_retrieve_retry_interval", interval);
            nodes.clients().tasks().sleep(8 * SECOND);
            long attempts = standbyLogs(nodes, "could not connect to the primary server");
            assertTrue(interval.equals("1s") == attempts > 5, interval + ": " + attempts);
          }
        });
    probes.put("wal_receiver_timeout", nodes -> cutOff(nodes, "wal_receiver_timeout"));
    probes.put("wal_sender_timeout", nodes -> cutOff(nodes, "wal_sender_timeout"));
  }

  /** How often the standby has replied in three quiet seconds, at least. */
  private static int replies(SimulatedNodes nodes) {
    int replies = 0;
    String ask = "select reply_time from pg_stat_replication";
    nodes.clients().tasks().sleep(3 * SECOND);
    String last = nodes.ask("n1", ask);
    for (int i = 0; i < 3; i++) {
      nodes.clients().tasks().sleep(SECOND);
      String now = nodes.ask("n1", ask);
      replies += now.equals(last) ? 0 : 1;
      last = now;
    }
    return replies;
  }

  /** One side hears nothing more of the other: it gives up after this time and says so. */
  private static void cutOff(SimulatedNodes nodes, String name) {
    boolean ofStandby = name.equals("wal_receiver_timeout");
    for (String limit : new String[] {"3s", "1h"}) {
      nodes.world().network().restore();
      primary(nodes, "wal_sender_timeout", ofStandby ? "1h" : limit);
      standby(nodes, "wal_receiver_timeout", ofStandby ? limit : "1h");
      nodes.world().network().link("n1", "n2").cut();
      nodes.world().network().link("n2", "n1").cut();
      nodes.clients().tasks().sleep(10 * SECOND);
      String text =
          ofStandby
              ? "terminating walreceiver due to timeout"
              : "terminating walsender process due to replication timeout";
      boolean said =
          nodes.log(ofStandby ? "n2" : "n1").stream().anyMatch(line -> line.contains(text));
      assertEquals(limit.equals("3s"), said, name + "=" + limit);
    }
  }
}
