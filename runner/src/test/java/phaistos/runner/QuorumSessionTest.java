package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The session of the quorum commit document, with PostgreSQL 15's psql and pgbench: a primary with
 * two standbys under ANY 1, batches of 10,000 rows, one standby lost, both lost, one back. What is
 * shown is the same on ours and on a real PostgreSQL 15, numbers apart.
 */
@Timeout(300)
@Tag("slow")
class QuorumSessionTest {
  private static final int CLIENTS = 4;

  @TempDir private Path folder;

  /** A primary and its standbys "s1" and "s2". */
  private interface Cluster {
    int port();

    void stop(int standby) throws Exception;

    void startAgain(int standby) throws Exception;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Process start(String program, int port, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(RealPostgres.BIN.resolve(program).toString());
    command.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(port), "-U", "postgres"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    return builder.start();
  }

  private static String output(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output + "exit " + process.waitFor() + "\n";
  }

  private static String psql(int port, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("-X", "-d", "postgres"));
    all.addAll(List.of(arguments));
    return output(start("psql", port, all.toArray(String[]::new)));
  }

  private static void until(String what, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(Duration.ofMinutes(1)).until(condition);
  }

  /** One value. */
  private static String ask(int port, String sql) throws Exception {
    return psql(port, "-Atc", sql).replaceAll("\nexit 0\n$", "");
  }

  private static void awaitStreaming(int port, int standbys) {
    until(
        standbys + " standbys stream",
        () ->
            ask(port, "select count(*) from pg_stat_replication where state = 'streaming'")
                .equals("" + standbys));
  }

  /** Numbers differ from server to server, and lags from moment to moment. */
  private static String masked(String text) {
    return text.lines()
        .map(line -> line.replaceAll("^(.*_lag +\\|).*$", "$1 LAG"))
        .map(line -> line.replaceAll("^(delay_wal_size +\\|).*$", "$1 SIZE"))
        .map(line -> line.replaceAll("^(client_addr +\\|).*$", "$1 ADDRESS"))
        .map(line -> line.replaceAll("[0-9A-F]+/[0-9A-F]+", "LSN"))
        .map(line -> line.replaceAll("\\d{4}-\\d\\d-\\d\\d [0-9:.]+\\+\\d\\d", "TIME"))
        .map(line -> line.replaceAll("^((client_port|pid|usesysid) +\\| *)\\d+$", "$1N"))
        .map(line -> line.replaceAll("-{3,}", "---"))
        .reduce("", (all, line) -> all + line.stripTrailing() + "\n");
  }

  private static final String DELAY =
      "select pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_flush_lsn(),write_lsn))"
          + " delay_wal_size,* from pg_stat_replication order by application_name";

  private String batches(int port, int perClient) throws Exception {
    Path script = Files.writeString(folder.resolve("test.sql"), SCRIPT);
    String said =
        output(
            start(
                "pgbench",
                port,
                "-M",
                "prepared",
                "-n",
                "-r",
                "-f",
                script.toString(),
                "-c",
                "" + CLIENTS,
                "-j",
                "2",
                "-t",
                "" + perClient,
                "postgres"));
    return said.lines()
        .filter(line -> line.startsWith("number of ") || line.startsWith("exit"))
        .reduce("", (all, line) -> all + line + "\n");
  }

  private static final String SCRIPT =
      """
      \\set id random(1,20000000000)
      select dyn_pre(:id);
      """;

  private String session(Cluster cluster) throws Exception {
    int port = cluster.port();
    StringBuilder seen = new StringBuilder();
    seen.append(
        psql(
            port,
            "-c",
            "create table test (id int8, info text, crt_time timestamp)",
            "-c",
            "create function dyn_pre(int8) returns void language sql strict as $$ insert into test"
                + " (id, info) select $1 + i, 'digoal' from generate_series(1, 10000) i $$",
            "-c",
            "alter system set synchronous_standby_names = 'ANY 1 (*)'",
            "-c",
            "select pg_reload_conf()"));
    until(
        "the standbys are candidates",
        () ->
            ask(port, "select count(*) from pg_stat_replication where sync_state = 'quorum'")
                .equals("2"));
    seen.append("both standbys\n").append(batches(port, 3));
    seen.append(masked(psql(port, "-xc", DELAY)));
    cluster.stop(1);
    awaitStreaming(port, 1);
    seen.append("one standby\n").append(batches(port, 3));
    seen.append(masked(psql(port, "-xc", DELAY)));
    cluster.stop(2);
    awaitStreaming(port, 0);
    seen.append("no standby\n").append(masked(psql(port, "-xc", DELAY)));
    List<Process> waiting = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      waiting.add(start("psql", port, "-X", "-d", "postgres", "-c", "select dyn_pre(1)"));
    }
    String waits = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
    until("all wait", () -> ask(port, waits).equals("" + CLIENTS));
    seen.append(
        psql(
            port,
            "-c",
            "select usename,datname,wait_event_type,wait_event,query from pg_stat_activity where"
                + " backend_type = 'client backend' order by query"));
    seen.append(ask(port, "select count(*) from test")).append(" rows are seen\n");
    cluster.startAgain(1);
    for (Process process : waiting) {
      seen.append("released: ").append(output(process));
    }
    seen.append(ask(port, "select count(*) from test")).append(" rows are seen\n");
    return seen.toString();
  }

  private record Real(RealPostgres primary, RealPostgres one, RealPostgres two, int port)
      implements Cluster {
    @Override
    public void stop(int standby) throws Exception {
      (standby == 1 ? one : two).stop();
    }

    @Override
    public void startAgain(int standby) throws Exception {
      (standby == 1 ? one : two).start();
    }
  }

  private String onPostgres() throws Exception {
    Path home = RealPostgres.createFolder();
    int port = freePort();
    try (RealPostgres primary = new RealPostgres("p", home, port);
        RealPostgres one = new RealPostgres("s1", home, freePort());
        RealPostgres two = new RealPostgres("s2", home, freePort())) {
      primary.initialize();
      primary.start();
      one.copyFrom(primary);
      two.copyFrom(primary);
      one.start();
      two.start();
      awaitStreaming(port, 2);
      return session(new Real(primary, one, two, port));
    } finally {
      RealPostgres.deleteFolder(home);
    }
  }

  /** Ours, in processes of their own. */
  private final class Ours implements Cluster, AutoCloseable {
    private final ServerProcess primary;
    private final int port;
    private final ServerProcess[] standbys = new ServerProcess[3];

    Ours() throws Exception {
      initialize("p");
      primary = ServerProcess.start(folder.resolve("p"));
      port = primary.ready();
      for (int i = 1; i <= 2; i++) {
        initialize("s" + i, "--standby");
        startAgain(i);
      }
    }

    private void initialize(String name, String... options) {
      List<Object> all = new ArrayList<>(List.of("server", "init", "-D"));
      all.add(folder.resolve(name).toString());
      all.addAll(List.of("--system-identifier", "77"));
      all.addAll(List.of(options));
      Captured end = Captured.run(all.toArray());
      assertEquals(0, end.exit(), end.err());
    }

    @Override
    public int port() {
      return port;
    }

    @Override
    public void stop(int standby) throws Exception {
      standbys[standby].signal("TERM");
      assertEquals(0, standbys[standby].exit());
    }

    @Override
    public void startAgain(int standby) throws Exception {
      standbys[standby] =
          ServerProcess.start(
              folder.resolve("s" + standby),
              "-c",
              "primary_conninfo=host=127.0.0.1 port=%d application_name=s%d"
                  .formatted(port, standby));
    }

    @Override
    public void close() {
      for (int i = 1; i <= 2; i++) {
        if (standbys[i] != null) {
          standbys[i].close();
        }
      }
      primary.close();
    }
  }

  @Test
  void readsAsOnPostgres() throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    assumeTrue(Files.isExecutable(RealPostgres.BIN.resolve("pgbench")), "no pgbench");
    String real = onPostgres();
    assertTrue(real.contains("SyncRep"), real);
    String ours;
    try (Ours cluster = new Ours()) {
      awaitStreaming(cluster.port(), 2);
      ours = session(cluster);
    }
    assertEquals(real, ours);
  }
}
