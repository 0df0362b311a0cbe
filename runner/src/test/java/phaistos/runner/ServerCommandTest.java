package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.ControlFile;

/**
 * {@code phaistos server}: a user's mistake is one line that names it, without a stack, and exit
 * code 254; a server that cannot go on says why in its log and exits with 1; a signal stops it
 * cleanly.
 */
@Timeout(180)
class ServerCommandTest {
  private static final Pattern PANIC = Pattern.compile("PANIC: ");

  @TempDir private Path folder;
  private Path mounted;

  @AfterEach
  void unmount() throws Exception {
    if (mounted != null) {
      command("umount", "--lazy", mounted.toString());
    }
  }

  /** The exit code and what was said, with the folder's name left out. */
  private String run(String... arguments) {
    Captured end = Captured.run((Object[]) arguments);
    return end.exit() + " " + end.err().strip().replace(folder.toString() + "/", "");
  }

  private Path data() {
    return folder.resolve("data");
  }

  private String init(String... options) {
    return run(arguments("init", options));
  }

  private String start(String... options) {
    return run(arguments("start", options));
  }

  private String[] arguments(String command, String... options) {
    return Stream.concat(
            Stream.of("server", command, "--data", data().toString()), Stream.of(options))
        .toArray(String[]::new);
  }

  private void configure(String text) throws IOException {
    Files.writeString(data().resolve("postgresql.conf"), text);
  }

  // ---- data directories that are none ----

  @Test
  void namesADirectoryThatIsMissingOrIsNone() throws IOException {
    assertEquals(
        "254 phaistos: Missing required option: '--data=DIR' (see ./phaistos server start --help)",
        run("server", "start"));
    assertEquals(
        "254 phaistos: no such directory: data (make one with ./phaistos server init)", start());
    Files.writeString(data(), "");
    assertEquals("254 phaistos: is no directory: data", start());
    assertEquals("254 phaistos: a file is in the way of a directory: data", init());
    Files.delete(data());
    Files.createDirectory(data());
    assertEquals(
        "254 phaistos: data is no data directory: it holds no PG_VERSION (make one with"
            + " ./phaistos server init)",
        start());
  }

  @Test
  void initTakesAnEmptyDirectoryAndNoOther() throws IOException {
    Files.createDirectory(data());
    assertEquals("0 ", init());
    assertEquals("254 phaistos: directory data exists but is not empty", init());
    assertEquals(
        "254 phaistos: --wal-segsize 3: expected a power of two from 1 to 1024",
        init("--wal-segsize", "3"));
  }

  @Test
  void namesADataDirectoryOfAnotherVersionOrWithoutItsControlFile() throws IOException {
    init();
    Files.writeString(data().resolve("PG_VERSION"), "14\n");
    assertEquals(
        "254 phaistos: data: the data directory was initialized by PostgreSQL version 14, which is"
            + " not compatible with this version 15.18",
        start("-p", "0"));
    Files.writeString(data().resolve("PG_VERSION"), "15\n");
    byte[] control = Files.readAllBytes(data().resolve(ControlFile.PATH));
    control[20] ^= 1;
    Files.write(data().resolve(ControlFile.PATH), control);
    String damaged = start("-p", "0");
    assertTrue(damaged.startsWith("254 phaistos: data: ") && damaged.contains("CRC"), damaged);
    Files.delete(data().resolve(ControlFile.PATH));
    assertEquals(
        "254 phaistos: data: file \"data/global/pg_control\" is missing", start("-p", "0"));
  }

  // ---- settings ----

  @Test
  void namesTheSettingThatIsWrong() {
    init();
    assertEquals("254 phaistos: -c port: expected name=value", start("-c", "port"));
    assertEquals(
        "254 phaistos: -c work=1: unrecognized configuration parameter \"work\"",
        start("-c", "work=1"));
    assertEquals(
        "254 phaistos: -c fsync=maybe: parameter \"fsync\" requires a Boolean value",
        start("-c", "fsync=maybe"));
    assertEquals(
        "254 phaistos: -c block_size=8192: parameter \"block_size\" cannot be changed",
        start("-c", "block_size=8192"));
    assertEquals(
        "254 phaistos: --port 70000: 70000 is outside the valid range for parameter \"port\" (0 .."
            + " 65535)",
        start("--port", "70000"));
    assertEquals(
        "254 phaistos: Invalid value for option '--port': 'x' is not an int (see ./phaistos server"
            + " start --help)",
        start("--port", "x"));
  }

  @Test
  void namesTheFileAndTheLineOfAWrongSetting() throws IOException {
    init();
    configure("# first\nfsync = on\nport = hello\n");
    assertEquals(
        "254 phaistos: data: invalid value for parameter \"port\": \"hello\" in file"
            + " \"postgresql.conf\" line 3",
        start());
    configure("fsync = on # yes\nworking_mem = 4MB\n");
    assertEquals(
        "254 phaistos: data: unrecognized configuration parameter \"working_mem\" in file"
            + " \"postgresql.conf\" line 2",
        start());
    configure("fsync\n");
    assertEquals("254 phaistos: data: syntax error in file \"postgresql.conf\" line 1", start());
    configure("synchronous_standby_names = 'ANY x'\n");
    assertEquals(
        "254 phaistos: data: invalid value for parameter \"synchronous_standby_names\": \"ANY x\""
            + " in file \"postgresql.conf\" line 1",
        start());
    configure("primary_conninfo = 'host'\n");
    assertEquals(
        "254 phaistos: data: invalid value for parameter \"primary_conninfo\": \"host\" in file"
            + " \"postgresql.conf\" line 1",
        start());
    configure("phaistos.defect = 'no-such-defect'\n");
    assertTrue(
        start().startsWith("254 phaistos: data: unknown defect \"no-such-defect\" (known: "),
        start());
    Path other = folder.resolve("other.conf");
    assertEquals("254 phaistos: no such file: other.conf", start("--config", other.toString()));
    Files.writeString(other, "\nport = -1\n");
    assertEquals(
        "254 phaistos: -1 is outside the valid range for parameter \"port\" (0 .. 65535) in file"
            + " \"other.conf\" line 2",
        start("--config", other.toString()));
  }

  // ---- where to listen, who else runs ----

  @Test
  void namesAPortThatIsInUseAndAnAddressThatIsNotOurs() throws IOException {
    init();
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
      int port = other.getLocalPort();
      assertEquals(
          "254 phaistos: data: could not bind to \"localhost\" port %d: Address already in use (is another server running there?)"
              .formatted(port),
          start("-p", Integer.toString(port)));
    }
    assertEquals(
        "254 phaistos: data: could not translate host name \"no.such.invalid\" to an address",
        start("-p", "0", "-c", "listen_addresses=no.such.invalid"));
  }

  @Test
  void listensBeyondLoopbackOnlyWhereThatIsWanted() throws Exception {
    init();
    for (String hosts : List.of("0.0.0.0", "*", "localhost, 0.0.0.0")) {
      String refused = start("-p", "0", "-c", "listen_addresses=" + hosts);
      assertTrue(
          refused.startsWith("254 phaistos: listen_addresses: ")
              && refused.contains("give --insecure"),
          refused);
    }
    try (ServerProcess server =
        ServerProcess.start(data(), "--insecure", "-c", "listen_addresses=0.0.0.0")) {
      server.await(Pattern.compile("WARNING: .*listening on 0.0.0.0 without authentication"));
      server.await(Pattern.compile("ready to accept connections"));
    }
  }

  @Test
  void takesConnectionsOnUnixSocketsOfTheDataDirectory() throws Exception {
    init();
    assumeTrue(Files.isExecutable(RealPostgres.BIN.resolve("psql")), "no psql");
    try (ServerProcess server = ServerProcess.start(data(), "-c", "unix_socket_directories=.")) {
      int port = server.ready();
      Process psql =
          new ProcessBuilder(
                  RealPostgres.BIN.resolve("psql").toString(),
                  "-XAt",
                  "-h",
                  data().toString(),
                  "-p",
                  Integer.toString(port),
                  "-U",
                  "postgres",
                  "-c",
                  "select client_port from pg_stat_activity where pid = pg_backend_pid()")
              .redirectErrorStream(true)
              .start();
      assertEquals("-1\n", new String(psql.getInputStream().readAllBytes()));
      assertTrue(Files.exists(data().resolve(".s.PGSQL." + port)));
      server.signal("TERM");
      server.exit();
      assertFalse(Files.exists(data().resolve(".s.PGSQL." + port)));
    }
  }

  // Each of these files of other versions and systems has names that do nothing here.
  @Test
  void startsWithAConfigurationFileOfAnotherTime() throws Exception {
    Path file = folder.resolve("old.conf");
    Files.writeString(
        file,
        """
        shared_buffers = 1TB		# min 128kB
        max_wal_size = 48GB
        wal_buffers = 16MB
        vacuum_cost_delay = 0
        bgwriter_lru_multiplier = 10.0
        work_mem 64MB
        log_line_prefix = '%m [%p] ''%u'' '
        datestyle = 'iso, mdy'
        """);
    assertEquals("0 ", init("--config", file.toString()));
    try (ServerProcess server = ServerProcess.start(data())) {
      int port = server.ready();
      List<String> warnings =
          server.log().stream()
              .filter(line -> line.contains("WARNING: "))
              .map(line -> line.substring(line.indexOf("WARNING: ")))
              .toList();
      assertEquals(4, warnings.size(), warnings.toString());
      assertTrue(
          warnings.getLast().matches(".*shared_buffers = 1TB is more than .*cut to \\d+MB.*"),
          warnings.getLast());
      try (Connection connection = ServerProcess.connect(port);
          Statement statement = connection.createStatement();
          ResultSet shown = statement.executeQuery("show log_line_prefix")) {
        shown.next();
        assertEquals("%m [%p] '%u' ", shown.getString(1));
      }
    }
  }

  @Test
  void profilesARunningNode() throws Exception {
    init();
    assertEquals(
        "254 phaistos: data: no node runs there (no postmaster.pid)",
        run("server", "profile", "-D", data().toString()));
    Path svg = folder.resolve("flame.svg");
    try (ServerProcess server = ServerProcess.start(data());
        Connection connection = ServerProcess.connect(server.ready());
        Statement statement = connection.createStatement()) {
      statement.execute("create table t (k serial primary key)");
      Thread load =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (!Files.exists(svg)) {
                        statement.execute("insert into t default values");
                      }
                    } catch (SQLException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      Captured end =
          Captured.run(
              "server", "profile", "-D", data().toString(), "--seconds", "1", "-o", svg.toString());
      assertEquals(0, end.exit(), end.err());
      assertTrue(end.out().contains("  of it: fsync"), end.out());
      assertFalse(end.out().contains(": 0 commits"), end.out());
      assertTrue(Files.readString(svg).startsWith("<svg "), end.out());
      load.join();
    }
  }

  @Test
  void aDataDirectoryHasOneServer() throws IOException {
    init();
    Path file = data().resolve("postmaster.pid");
    try (FileChannel running =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      running.lock();
      assertEquals(
          "254 phaistos: lock file \"data/postmaster.pid\" is held: is another server running on"
              + " this data directory?",
          start("-p", "0"));
    }
  }

  // ---- disks that cannot be written ----

  private void mount(String options) throws Exception {
    assumeTrue(
        System.getProperty("user.name").equals("root"), "only root can mount a small file system");
    Path point = Files.createDirectory(folder.resolve("mounted"));
    assumeTrue(
        command("mount", "-t", "tmpfs", "-o", options, "tmpfs", point.toString()) == 0,
        "this machine lets nobody mount a tmpfs");
    mounted = point;
  }

  private static int command(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  @Test
  void initOnAFullDiskLeavesNothing() throws Exception {
    mount("size=600k");
    String[] arguments = {"server", "init", "--data", mounted + "/data"};
    assertEquals(
        "255 phaistos: mounted/data: could not make the data directory: No space left on device",
        run(arguments));
    assertFalse(Files.exists(mounted.resolve("data")));
    command("mount", "-o", "remount,size=40m", mounted.toString());
    assertEquals("0 ", run(arguments));
    command("mount", "-o", "remount,ro", mounted.toString());
    assertEquals(
        "255 phaistos: Read-only file system: mounted/data/postmaster.pid",
        run("server", "start", "--data", mounted + "/data", "-p", "0"));
  }

  // The WAL has no room for another segment: PANIC, exit code 1, and nothing acknowledged is lost.
  @Test
  void aDiskThatFillsUpEndsTheServerAndLosesNoCommit() throws Exception {
    mount("size=6m");
    Path data = mounted.resolve("data");
    assertEquals("0 ", run("server", "init", "--data", data.toString(), "--wal-segsize", "1"));
    int acknowledged = 0;
    try (ServerProcess server = ServerProcess.start(data);
        Connection connection = ServerProcess.connect(server.ready());
        Statement statement = connection.createStatement()) {
      statement.execute("create table t (k bigint primary key, v text)");
      try {
        for (; ; acknowledged++) {
          statement.execute(
              "insert into t values (%d, '%s')".formatted(acknowledged, "x".repeat(2000)));
        }
      } catch (SQLException e) {
        // the end of the connection
      }
      assertEquals(1, server.exit(), server.log().toString());
      assertTrue(
          server.log().stream().anyMatch(line -> line.contains("No space left on device")),
          server.log().toString());
      assertNoStack(server);
    }
    assertTrue(acknowledged > 100, "acknowledged=" + acknowledged);
    command("mount", "-o", "remount,size=40m", mounted.toString());
    try (ServerProcess server = ServerProcess.start(data);
        Connection connection = ServerProcess.connect(server.ready())) {
      long rows = number(connection, "select count(*) from t");
      assertTrue(rows >= acknowledged, rows + " of " + acknowledged);
    }
  }

  private static void assertNoStack(ServerProcess server) {
    assertFalse(
        server.log().stream().anyMatch(line -> line.startsWith("\tat ")),
        String.join("\n", server.log()));
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  // ---- stopping ----

  private ControlFile.State state() throws IOException {
    return ControlFile.decode(Files.readAllBytes(data().resolve(ControlFile.PATH))).state();
  }

  @Test
  void aSignalStopsCleanlyAndTheNextStartNeedsNoRedo() throws Exception {
    init("--wal-segsize", "1");
    long rows = 0;
    for (String signal : List.of("TERM", "INT")) {
      try (ServerProcess server = ServerProcess.start(data())) {
        try (Connection connection = ServerProcess.connect(server.ready());
            Statement statement = connection.createStatement()) {
          statement.execute("create table if not exists t (k bigint primary key)");
          assertEquals(rows, number(connection, "select count(*) from t"));
          statement.execute("insert into t values (%d)".formatted(rows++));
          server.signal(signal);
          assertEquals(0, server.exit(), server.log().toString());
        }
        assertEquals(ControlFile.State.SHUT_DOWN, state());
        assertFalse(
            server.log().stream()
                .anyMatch(line -> line.contains("redo") && !line.contains("checkpoint complete")),
            server.log().toString());
        assertFalse(Files.exists(data().resolve("postmaster.pid")));
        assertNoStack(server);
      }
    }
  }

  @Test
  void afterAKillTheNextStartRecovers() throws Exception {
    init("--wal-segsize", "1");
    try (ServerProcess server = ServerProcess.start(data());
        Connection connection = ServerProcess.connect(server.ready());
        Statement statement = connection.createStatement()) {
      statement.execute("create table t (k bigint primary key)");
      statement.execute("insert into t values (7)");
      server.signal("KILL");
      assertEquals(137, server.exit());
    }
    assertEquals(ControlFile.State.IN_PRODUCTION, state());
    try (ServerProcess server = ServerProcess.start(data());
        Connection connection = ServerProcess.connect(server.ready())) {
      assertTrue(
          server.log().stream().anyMatch(line -> line.contains("redo starts at")),
          server.log().toString());
      // who reads during a crash recovery does not see all that was acknowledged
      assertFalse(
          server.log().stream().anyMatch(line -> line.contains("read-only connections")),
          server.log().toString());
      assertEquals(7, number(connection, "select k from t"));
    }
  }

  // The WAL says how far OIDs may be given out, in PostgreSQL's own words.
  @Test
  void pgWaldumpReadsWhatACreatedTableLogs() throws Exception {
    Path waldump = RealPostgres.BIN.resolve("pg_waldump");
    assumeTrue(Files.isExecutable(waldump), () -> "no " + waldump);
    Path home = Files.createDirectory(folder.resolve("node"));
    try (LocalServer server = LocalServer.start(home);
        Connection connection = ServerProcess.connect(server.port());
        Statement statement = connection.createStatement()) {
      statement.execute("create table a (k int)");
      statement.execute("checkpoint");
      statement.execute("create table b (k int)");
    }
    Process process =
        new ProcessBuilder(
                waldump.toString(),
                "-p",
                home.resolve("pg_wal").toString(),
                "-r",
                "XLOG",
                "-s",
                "0/100028")
            .redirectErrorStream(true)
            .start();
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(
        List.of("24576"),
        lines.stream()
            .filter(l -> l.contains("NEXTOID"))
            .map(l -> l.replaceAll(".* ", ""))
            .toList(),
        lines.toString());
    assertEquals(
        List.of("16384", "24576", "16386"),
        lines.stream()
            .filter(l -> l.contains("CHECKPOINT"))
            .map(l -> l.replaceAll(".* oid (\\d+);.*", "$1"))
            .toList(),
        lines.toString());
  }

  @Test
  void aDirectoryWithoutItsWalEndsWithAPanicThatSaysSo() throws Exception {
    init();
    try (Stream<Path> segments = Files.list(data().resolve("pg_wal"))) {
      for (Path segment : segments.toList()) {
        Files.delete(segment);
      }
    }
    try (ServerProcess server = ServerProcess.start(data())) {
      String line = server.await(PANIC);
      assertTrue(line.endsWith("could not locate a valid checkpoint record"), line);
      assertEquals(1, server.exit());
      assertNoStack(server);
    }
  }
}
