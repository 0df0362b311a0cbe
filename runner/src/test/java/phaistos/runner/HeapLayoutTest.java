package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;
import phaistos.server.InitOptions;
import phaistos.server.Server;
import phaistos.server.defects.Defects;
import phaistos.server.settings.Settings;

/**
 * The same statements on our server and on a real PostgreSQL 15 leave the same heap pages: line
 * pointers, headers, infomasks, bytes. Not compared: LSNs, and the flag of a page that is all
 * visible, since our server has no visibility map. Skipped where there is no PostgreSQL 15.
 *
 * <p>{@code -Dphaistos.long=true} runs more random scripts; {@code -Dphaistos.prefixes=SEED} all
 * beginnings of one, to find the statement at which the pages part.
 */
@Timeout(300)
@Tag("slow")
class HeapLayoutTest {
  private static final String TABLE = "create table t (id int primary key, v int, filler text)";

  /** Pages of a table as text, ids by their order: a VACUUM that truncates takes one there. */
  private static String pages(Path file) throws IOException {
    byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    List<HeapPage> pages = new ArrayList<>();
    for (int at = 0; at + HeapPage.BYTES <= bytes.length; at += HeapPage.BYTES) {
      pages.add(HeapPage.of(Arrays.copyOfRange(bytes, at, at + HeapPage.BYTES)));
    }
    TreeSet<Long> ids = new TreeSet<>();
    for (HeapPage page : pages) {
      ids.add(page.pruneXid().toLong());
      for (HeapPage.Line line : page.lines()) {
        if (line.state() == HeapPage.LineState.NORMAL) {
          ids.add(page.header(line.offset()).xmin().toLong());
          ids.add(page.header(line.offset()).xmax().toLong());
        }
      }
    }
    List<String> shown = new ArrayList<>();
    pages.forEach(page -> shown.add(show(page, ids)));
    return String.join("\n", shown);
  }

  private static String show(HeapPage page, TreeSet<Long> ids) {
    if (page.isNew()) {
      return "new";
    }
    StringBuilder out = new StringBuilder();
    out.append(
        "flags %d lower %d upper %d special %d prune %s"
            .formatted(
                page.flags() & ~HeapPage.ALL_VISIBLE,
                page.lower(),
                page.upper(),
                page.special(),
                rank(page.pruneXid(), ids)));
    for (HeapPage.Line line : page.lines()) {
      out.append(
          "\n  %d %s at %d length %d"
              .formatted(line.offset(), line.state(), line.at(), line.length()));
      if (line.state() == HeapPage.LineState.NORMAL) {
        TupleHeader header = page.header(line.offset());
        byte[] tuple = page.tuple(line.offset());
        out.append(
            " xmin %s xmax %s cid %d ctid (%d,%d) %s attributes %d header %d "
                .formatted(
                    rank(header.xmin(), ids),
                    rank(header.xmax(), ids),
                    header.command(),
                    header.ctidBlock(),
                    header.ctidOffset(),
                    header.flagNames(),
                    header.attributes(),
                    header.headerBytes()));
        out.append(HexFormat.of().formatHex(tuple, TupleHeader.BYTES, tuple.length));
      }
    }
    return out.toString();
  }

  private static String rank(Xid xid, TreeSet<Long> ids) {
    return xid.isNormal() ? "+" + ids.headSet(xid.toLong()).size() : xid.toString();
  }

  /** Ours looks a row up by key if it is given, and otherwise scans: so must PostgreSQL. */
  private static String plans(String sql) {
    boolean byKey = sql.matches(".* where id = \\d+.*");
    return "set enable_bitmapscan = off; set enable_indexonlyscan = off; set enable_indexscan = %s; set enable_seqscan = %s"
        .formatted(byKey, !byKey);
  }

  private static void run(Connection connection, List<String> script, boolean real)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : script) {
        try {
          if (real) {
            statement.execute(plans(sql));
          }
          statement.execute(sql);
        } catch (SQLException e) {
          if (!List.of("23505", "25P02").contains(e.getSQLState())) {
            throw new SQLException(sql + ": " + e.getMessage(), e);
          }
        }
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("rollback");
    }
  }

  private static List<String> onOurs(Path folder, List<List<String>> scripts)
      throws IOException, SQLException {
    SystemEnvironment environment =
        SystemEnvironment.of(
            "ours",
            new SystemDisk(folder),
            1,
            (task, failure) -> {
              throw new IllegalStateException(task.name(), failure);
            });
    Server.initialize(environment, InitOptions.defaults());
    Settings settings =
        Settings.defaults()
            .with("listen_addresses", "localhost")
            .with("port", "0")
            .with("autovacuum", "off");
    Server server = Server.start(environment, settings, Defects.none(), (_, _, _) -> {});
    List<String> all = new ArrayList<>();
    String url = "jdbc:postgresql://localhost:%d/postgres?user=postgres".formatted(server.port());
    try (Connection connection = connect(url)) {
      for (List<String> script : scripts) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("drop table if exists t");
        }
        run(connection, script, false);
        try (Statement statement = connection.createStatement()) {
          statement.execute("checkpoint");
        }
        all.add(pages(newest(folder.resolve("base/5"))));
      }
    }
    server.shutdown(Server.ShutdownMode.FAST);
    return all;
  }

  private static Connection connect(String url) throws SQLException {
    for (int i = 0; ; i++) {
      try {
        return DriverManager.getConnection(url);
      } catch (SQLException e) {
        if (i > 100) {
          throw e;
        }
        try {
          Thread.sleep(50);
        } catch (InterruptedException interrupted) {
          throw new IllegalStateException(interrupted);
        }
      }
    }
  }

  private static Path newest(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .max(java.util.Comparator.comparing(f -> Integer.parseInt(f.getFileName().toString())))
          .orElseThrow();
    }
  }

  private static List<String> onPostgres(List<List<String>> scripts)
      throws IOException, SQLException, InterruptedException {
    Path folder = RealPostgres.createFolder();
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    List<String> all = new ArrayList<>();
    try (RealPostgres postgres = new RealPostgres("a", folder, port)) {
      postgres.initialize();
      postgres.start();
      try (Connection connection = postgres.connect()) {
        for (List<String> script : scripts) {
          String path;
          try (Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists t");
            run(connection, script, true);
            statement.execute("checkpoint");
            try (var row = statement.executeQuery("select pg_relation_filepath('t')")) {
              row.next();
              path = row.getString(1);
            }
          }
          all.add(pages(postgres.data().resolve(path)));
        }
      }
      postgres.stop();
    } finally {
      RealPostgres.deleteFolder(folder);
    }
    return all;
  }

  private static final List<String> BY_HAND =
      List.of(
          TABLE,
          "insert into t select i, 0, 'row ' || i from generate_series(1, 300) as i",
          "update t set v = v + 1 where id <= 20",
          "update t set v = v + 1 where id = 5",
          "update t set v = v + 1 where id = 5",
          "update t set id = id + 1000 where id = 7",
          "delete from t where id in (9, 10)",
          "begin",
          "update t set v = -1 where id = 30",
          "insert into t values (500, 0, 'aborted')",
          "delete from t where id = 31",
          "rollback",
          "begin",
          "update t set v = 1 where id = 40",
          "update t set v = 2 where id = 40",
          "insert into t values (501, 0, 'twice')",
          "update t set v = 3 where id = 501",
          "delete from t where id = 501",
          "commit",
          "begin",
          "select * from t where id = 50 for update",
          "update t set v = 1 where id = 50",
          "select * from t where id = 51 for update",
          "commit",
          "insert into t values (1, 0, 'duplicate')",
          "vacuum t",
          "insert into t select i, 0, 'again' from generate_series(600, 660) as i",
          "update t set v = v + 1 where id > 100 and id < 400",
          "update t set v = v + 1 where id > 100 and id < 400",
          "select count(*) from t",
          "select count(*) from t",
          "delete from t where id > 150",
          "vacuum t",
          "vacuum freeze t",
          "update t set filler = 'longer than it was before' where id < 60",
          "vacuum t",
          "delete from t where id > 40",
          "vacuum freeze t");

  /**
   * A random script. It updates row by row: our server reads all rows before it changes the first,
   * PostgreSQL prunes the pages behind while it changes those before. Every second script keeps to
   * few rows and vacuums between; the others vacuum at the end only, since the free space map, and
   * not the heap, decides which of several pages takes a row after a VACUUM.
   */
  private static List<String> random(long seed) {
    Random random = new Random(seed);
    List<String> script = new ArrayList<>(List.of(TABLE));
    int next = 1;
    boolean inBlock = false;
    boolean few = seed % 2 == 0;
    for (int i = 0; i < 120; i++) {
      int id = 1 + random.nextInt(next);
      int span = 1 + random.nextInt(few ? 4 : 80);
      switch (random.nextInt(12)) {
        case 0, 1 -> {
          script.add(
              "insert into t select i, 0, '%s' from generate_series(%d, %d) as i"
                  .formatted("x".repeat(random.nextInt(60)), next, next + span));
          next += span + 1;
        }
        case 2, 3, 4 -> {
          for (int each = id; each < id + span % 12; each++) {
            script.add("update t set v = v + 1 where id = " + each);
          }
        }
        case 5 -> script.add("update t set v = v + 1 where id = " + id);
        case 6 ->
            script.add(
                "update t set filler = '%s' where id = %d"
                    .formatted("y".repeat(random.nextInt(few ? 60 : 200)), id));
        case 7 -> {
          script.add("update t set id = %d where id = %d".formatted(next++, id));
        }
        case 8 -> script.add("delete from t where id >= %d and id < %d".formatted(id, id + span));
        case 9 -> script.add("select count(*) from t");
        case 10 -> {
          script.add(inBlock ? random.nextBoolean() ? "commit" : "rollback" : "begin");
          inBlock = !inBlock;
        }
        default -> {
          if (!inBlock && few) {
            script.add(random.nextInt(3) == 0 ? "vacuum freeze t" : "vacuum t");
          }
        }
      }
    }
    if (inBlock) {
      script.add("commit");
    }
    int id = 1 + random.nextInt(next);
    script.addAll(
        List.of(
            "vacuum t",
            "delete from t where id > " + id,
            "select count(*) from t",
            random.nextBoolean() ? "vacuum t" : "vacuum freeze t"));
    return script;
  }

  @Test
  void pagesAreThoseOfPostgres(@org.junit.jupiter.api.io.TempDir Path folder) throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres.missing());
    List<List<String>> scripts = new ArrayList<>(List.of(BY_HAND));
    int count = Boolean.getBoolean("phaistos.long") ? 200 : 4;
    for (int seed = 1; seed <= count; seed++) {
      scripts.add(random(seed));
    }
    int prefixes = Integer.getInteger("phaistos.prefixes", -1);
    if (prefixes >= 0) {
      List<String> whole = scripts.get(prefixes);
      scripts.clear();
      for (int i = 1; i <= whole.size(); i++) {
        scripts.add(whole.subList(0, i));
      }
    }
    List<String> ours = onOurs(folder, scripts);
    List<String> theirs = onPostgres(scripts);
    assertTrue(theirs.getLast().contains("NORMAL"), "the pages of PostgreSQL were read");
    for (int i = 0; i < scripts.size(); i++) {
      assertEquals(
          "",
          difference(theirs.get(i), ours.get(i)),
          "seed=%d (0: by hand)\n%s".formatted(i, String.join(";\n", scripts.get(i))));
    }
  }

  /** The first line that differs. */
  private static String difference(String theirs, String ours) {
    List<String> one = theirs.lines().toList();
    List<String> other = ours.lines().toList();
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      String a = i < one.size() ? one.get(i) : "nothing";
      String b = i < other.size() ? other.get(i) : "nothing";
      if (!a.equals(b)) {
        return "line %d: PostgreSQL\n%s\nours\n%s".formatted(i + 1, a, b);
      }
    }
    return "";
  }
}
