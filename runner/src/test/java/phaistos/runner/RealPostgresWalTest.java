package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What is rare in WAL, made by a real PostgreSQL 15 that is killed: {@code inspect} must list what
 * pg_waldump lists, and tell of each transaction what the server tells once it has recovered; the
 * audit must find texts that do not stand in their rows as they are.
 */
@Tag("slow")
class RealPostgresWalTest {
  private static final int PORT = 15_720;
  private static final long IDS = 1L << 32;

  private Path folder;
  private RealPostgres a;
  private int images;

  @BeforeEach
  void prepare() throws Exception {
    Assumptions.assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres.missing());
    folder = RealPostgres.createFolder();
    a = new RealPostgres("a", folder, PORT);
    a.initialize();
  }

  @AfterEach
  void cleanUp() throws IOException {
    if (folder != null) {
      a.close();
      RealPostgres.deleteFolder(folder);
    }
  }

  /**
   * Over 2^32, where the epoch changes, and file 0000 follows 0FFF. In steps, as rows must be
   * frozen before they are 2^31 transactions old.
   */
  @Test
  void subtransactionsOverManyPagesAndTheWrapAround() throws Exception {
    for (long step : new long[] {2_100_000_000L, 4_200_000_000L}) {
      beginAt(step);
      a.start();
      a.execute("UPDATE pg_database SET datallowconn = true");
      a.command("vacuumdb", "-h127.0.0.1", "-p" + PORT, "-Upostgres", "-aqF");
      a.stop();
    }
    long first = IDS - 20_000;
    beginAt(first);
    a.start();
    a.execute("CREATE TABLE t (a int); CHECKPOINT");
    a.execute(block(70_000, "IF i % 3 = 0 THEN RAISE division_by_zero; END IF;", ""));
    assertThrows(SQLException.class, () -> a.execute(block(3_000, "", " RAISE data_exception;")));
    a.execute("BEGIN; INSERT INTO t VALUES (1); SAVEPOINT s; INSERT INTO t VALUES (2)");
    a.execute(
        "BEGIN; INSERT INTO t VALUES (3); SAVEPOINT s; INSERT INTO t VALUES (4);"
            + " PREPARE TRANSACTION 'waits'");
    try (Connection open = a.connect();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES (5); SAVEPOINT s; INSERT INTO t VALUES (6)");
      a.execute("INSERT INTO t VALUES (7)");
      a.kill();
    } catch (SQLException e) {
      // its server is gone
    }
    Path image = copy();
    a.start();
    long last = Long.parseLong(a.query("SELECT pg_current_xact_id()::text"));
    assertTrue(last > IDS + 50_000, "over the wrap-around: " + last);
    assertEqualListings(image);
    assertEqualStatuses(image, first + 1, last - 1);
  }

  /** A record over several pages is cut; the server says so in a record at the page's start. */
  @Test
  void aRecordWhoseContinuationIsMissing() throws Exception {
    a.start();
    a.execute("CREATE TABLE t (a int); CHECKPOINT; INSERT INTO t VALUES (1)");
    long first = Long.parseLong(a.query("SELECT pg_current_xact_id()::text"));
    a.execute("SELECT pg_switch_wal()");
    a.execute(
        "BEGIN; INSERT INTO t VALUES (2);"
            + " SELECT pg_logical_emit_message(true, 'long', repeat('z', 30000)); COMMIT");
    Path segment =
        a.data()
            .resolve(
                "pg_wal/"
                    + a.query("SELECT pg_walfile_name(lsn) FROM" + " pg_current_wal_lsn() lsn"));
    a.kill();
    try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
      file.seek(2 * 8192);
      file.write(new byte[(1 << 20) - 2 * 8192]);
    }
    Path torn = copy();
    Captured cut = Captured.run("inspect", "wal", torn);
    assertEquals(0, cut.exit(), cut.err());
    assertTrue(cut.err().contains("end of WAL: record goes on, but the page at"), cut.err());
    assertEqualListings(torn);
    a.start();
    a.execute("INSERT INTO t VALUES (3)");
    a.execute("BEGIN; INSERT INTO t VALUES (4); ROLLBACK");
    a.kill();
    Path image = copy();
    a.start();
    long last = Long.parseLong(a.query("SELECT pg_current_xact_id()::text"));
    Captured whole = Captured.run("inspect", "wal", image);
    assertEquals(0, whole.exit(), whole.err());
    assertTrue(whole.out().contains("desc: OVERWRITE_CONTRECORD lsn "), whole.out());
    assertEqualListings(image);
    assertEqualStatuses(image, first, last - 1);
  }

  /** Indexes of all kinds, row locks, two-phase commits, origins, databases, tablespaces. */
  @Test
  void everyKindOfRecordIsListedAsPgWaldumpDoes() throws Exception {
    Files.writeString(
        a.data().resolve("postgresql.conf"),
        "wal_level = logical\ntrack_commit_timestamp = on\nwal_compression = lz4\n",
        StandardOpenOption.APPEND);
    a.start();
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      for (String sql : KINDS.lines().toList()) {
        statement.execute(sql);
      }
    }
    a.kill();
    Set<String> kinds = new TreeSet<>();
    for (String line : assertEqualListings(a.data())) {
      kinds.add(line.substring("rmgr: ".length(), line.indexOf(" len ")).strip());
    }
    assertEquals(
        Set.of(
            ("XLOG Transaction Storage Database Tablespace MultiXact RelMap Standby Heap2 Heap"
                    + " Btree Hash Gin Gist Sequence SPGist BRIN ReplicationOrigin"
                    + " LogicalMessage")
                .split(" ")),
        kinds);
  }

  private static final String KINDS =
      """
      CREATE TABLE a (id int PRIMARY KEY, b text, p point, n int[], r int4range)
      CREATE INDEX ON a USING hash (id)
      CREATE INDEX ON a USING gin (n)
      CREATE INDEX ON a USING gist (p)
      CREATE INDEX ON a USING spgist (p)
      CREATE INDEX ON a USING spgist (b)
      CREATE INDEX ON a USING gist (r)
      CREATE INDEX ON a USING brin (id)
      INSERT INTO a SELECT i, 't' || i, point(i % 37, i % 91), ARRAY[i % 9, i], int4range(i, i + 9) FROM generate_series(1, 1500) i
      CHECKPOINT
      UPDATE a SET b = b || 'u' WHERE id % 10 = 0
      UPDATE a SET n = n || 99 WHERE id % 13 = 0
      DELETE FROM a WHERE id % 7 = 0
      VACUUM FREEZE a
      INSERT INTO a SELECT i, repeat('q', i % 3000), point(i, i), ARRAY[i], int4range(i, i + 9) FROM generate_series(7000, 7200) i
      CREATE INDEX CONCURRENTLY c ON a (b)
      DROP INDEX CONCURRENTLY c
      CREATE SEQUENCE s
      SELECT nextval('s') FROM generate_series(1, 50)
      CREATE DATABASE d1
      CREATE DATABASE d2 STRATEGY file_copy
      DROP DATABASE d1
      CREATE TABLE k (id int PRIMARY KEY)
      INSERT INTO k SELECT generate_series(1, 100)
      BEGIN; SELECT * FROM k WHERE id = 5 FOR SHARE; SAVEPOINT y; SELECT * FROM k WHERE id = 5 FOR UPDATE; UPDATE k SET id = 5 WHERE id = 5; COMMIT
      BEGIN; INSERT INTO k VALUES (200); SAVEPOINT x; INSERT INTO k VALUES (201); CREATE TABLE g (a int); PREPARE TRANSACTION 'one two'
      COMMIT PREPARED 'one two'
      BEGIN; DROP TABLE k; PREPARE TRANSACTION 'drop'
      ROLLBACK PREPARED 'drop'
      BEGIN; LOCK TABLE a IN ACCESS EXCLUSIVE MODE; DROP TABLE k; COMMIT
      SELECT pg_replication_origin_create('o')
      SELECT pg_replication_origin_session_setup('o')
      BEGIN; SELECT pg_replication_origin_xact_setup('0/1234', now()); INSERT INTO a (id) VALUES (-2); COMMIT
      SELECT pg_replication_origin_session_reset()
      SELECT pg_replication_origin_advance('o', '0/5555')
      SELECT pg_replication_origin_drop('o')
      SELECT pg_logical_emit_message(false, 'prefix', 'data')
      CREATE UNLOGGED TABLE u (a int)
      ALTER TABLE u SET LOGGED
      VACUUM FULL pg_class
      SET allow_in_place_tablespaces = on
      CREATE TABLESPACE ts LOCATION ''
      CREATE TABLE m (a int) TABLESPACE ts
      DROP TABLE m
      DROP TABLESPACE ts
      SELECT pg_create_restore_point('here')
      TRUNCATE a
      DROP TABLE a
      """;

  /** Compressed in the row, moved out of line, both; and of an xid that tells nothing. */
  @Test
  void theAuditFindsTextsThatDoNotStandInTheirRowsAsTheyAre() throws Exception {
    a.start();
    a.execute("CREATE TABLE t (a int, b text, c text); CREATE TABLE u (a int, b text)");
    a.execute("ALTER TABLE u ALTER b SET COMPRESSION lz4");
    Random random = new Random(7);
    StringBuilder mixed = new StringBuilder();
    for (int i = 0; i < 7_000; i++) {
      mixed.append((char) ('a' + random.nextInt(26)));
    }
    List<String> markers = new ArrayList<>();
    markers.add("short");
    markers.add("pglz in the row ".repeat(200));
    markers.add(mixed.toString());
    markers.add(mixed + " compressed and moved ".repeat(400));
    StringBuilder history = new StringBuilder();
    for (String marker : markers) {
      String xid = insert("INSERT INTO t VALUES (1, 'x', '" + marker + "')");
      history.append(operation(":xid " + xid + " ", marker));
      history.append(operation("", marker));
    }
    String small = "lz4 in the row ".repeat(300);
    history.append(operation(":xid " + insert("INSERT INTO u VALUES (1, '" + small + "')"), small));
    a.kill();
    assertEquals(0, audit(history).exit(), audit(history).out());
    // the same xids with other texts of the same lengths are other transactions
    for (String marker : markers) {
      String other = marker.substring(0, marker.length() - 1) + "#";
      String lost = history.toString().replace("\"" + marker + "\"", "\"" + other + "\"");
      Captured found = audit(lost);
      assertEquals(1, found.exit(), found.out());
      assertTrue(found.out().contains("2 lost"), found.out());
    }
    a.start();
    notJudgedWhereTheWalDoesNotTell();
  }

  /** Nothing is claimed: neither confirmed nor lost. */
  private void notJudgedWhereTheWalDoesNotTell() throws Exception {
    a.execute("CREATE TABLE v (a int, b text, c text, d text)");
    String text = "0123456789".repeat(30);
    a.execute("INSERT INTO v VALUES (1, '" + text + "', 'x', 'y'); CHECKPOINT");
    a.execute("INSERT INTO v VALUES (2, 'y', 'y', 'y')");
    // of the new row the WAL has only the bytes that differ
    String xid = insert("UPDATE v SET b = left(b, 299) || '#' WHERE a = 1");
    a.kill();
    for (String key : List.of(":xid " + xid + " ", "")) {
      Captured found = audit(operation(key, text.substring(0, 299) + "#"));
      assertEquals(2, found.exit(), found.out());
      assertTrue(found.out().contains("that may be it, but its marker "), found.out());
    }
  }

  private static String block(int count, String inside, String behind) {
    return "DO $$ BEGIN FOR i IN 1.."
        + count
        + " LOOP BEGIN INSERT INTO t VALUES (i); "
        + inside
        + " EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP;"
        + behind
        + " END $$";
  }

  private String insert(String sql) throws SQLException {
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(sql);
      String xid;
      try (ResultSet result = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
        result.next();
        xid = result.getString(1);
      }
      connection.commit();
      return xid;
    }
  }

  private static String operation(String keys, String marker) {
    return "{:type :invoke :process 0 :f :insert :value nil}\n"
        + "{:type :ok :process 0 :f :insert :value nil :synchronous-commit \"on\""
        + " :standby-names \"\" %s :marker \"%s\"}%n".formatted(keys, marker);
  }

  private Captured audit(CharSequence history) throws IOException {
    Path file = folder.resolve("history.edn");
    Files.writeString(file, history);
    return Captured.run("audit", "--history", file, "--primary", "a=" + a.data());
  }

  /** Makes {@code xid} the next one, in a commit log whose segment is there. */
  private void beginAt(long xid) throws IOException, InterruptedException {
    a.command("pg_resetwal", "-x", Long.toString(xid), a.data().toString());
    Path segment = a.data().resolve("pg_xact/%04X".formatted(xid >> 20));
    Files.write(segment, new byte[1 << 18]);
    Files.setPosixFilePermissions(segment, PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  private Path copy() throws IOException {
    Path image = folder.resolve("image" + images++);
    RealPostgres.copy(a.data(), image);
    return image;
  }

  private static List<String> assertEqualListings(Path image)
      throws IOException, InterruptedException {
    List<String> segments;
    try (Stream<Path> files = Files.list(image.resolve("pg_wal"))) {
      segments =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.matches("[0-9A-F]{24}"))
              .sorted()
              .toList();
    }
    List<String> expected =
        RealPostgres.waldump(image.resolve("pg_wal"), segments.getFirst(), segments.getLast());
    List<String> found = Captured.run("inspect", "wal", image).lines();
    assertTrue(expected.size() > 10, expected.toString());
    for (int i = 0; i < Math.min(expected.size(), found.size()); i++) {
      assertEquals(expected.get(i), found.get(i));
    }
    assertEquals(expected.size(), found.size());
    return found;
  }

  /** The image's answers after redo against those of the server, which has recovered by now. */
  private void assertEqualStatuses(Path image, long first, long last)
      throws IOException, SQLException {
    List<String> expected = new ArrayList<>();
    try (Connection connection = a.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT x, pg_xact_status(x::text::xid8)"
                    + " FROM generate_series(%d::numeric, %d::numeric) x".formatted(first, last))) {
      while (rows.next()) {
        long xid = rows.getLong(1) % IDS;
        if (xid >= 3) {
          expected.add(xid + "\t" + rows.getString(2));
        }
      }
    }
    Captured found =
        Captured.run("inspect", "xact", image, "--after-redo", "--xid", first + ".." + last);
    assertEquals(0, found.exit(), found.err());
    assertEquals(expected, found.lines());
  }
}
