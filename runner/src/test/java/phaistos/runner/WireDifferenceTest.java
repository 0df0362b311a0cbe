package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static phaistos.runner.WireScript.empty;
import static phaistos.runner.WireScript.session;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same bytes to PostgreSQL 15 and to our server: both must answer with the same messages, field
 * for field, but for what {@link #normal} takes out.
 */
@Timeout(180)
class WireDifferenceTest {
  private static final int PORT = 15650;

  @TempDir private Path folder;

  @Test
  void answersAsPostgresDoesToTheSameBytes() throws Exception {
    assumeTrue(RealPostgres.missing().isEmpty(), RealPostgres::missing);
    Path home = RealPostgres.createFolder();
    StringBuilder differences = new StringBuilder();
    try (RealPostgres real = new RealPostgres("wire", home, PORT);
        LocalServer ours = LocalServer.start(folder)) {
      real.initialize();
      real.start();
      for (Map.Entry<String, WireScript> script : scripts().entrySet()) {
        List<String> theirs = answer(script.getValue(), PORT);
        List<String> mine = answer(script.getValue(), ours.port());
        if (!theirs.equals(mine)) {
          differences.append(difference(script.getKey(), theirs, mine));
        }
      }
    } finally {
      RealPostgres.deleteFolder(home);
    }
    assertEquals("", differences.toString());
  }

  /** What follows from the first difference on. */
  private static String difference(String name, List<String> theirs, List<String> mine) {
    int same = 0;
    while (same < Math.min(theirs.size(), mine.size()) && theirs.get(same).equals(mine.get(same))) {
      same++;
    }
    return "%n== %s%n-- PostgreSQL%n%s%n-- ours%n%s%n"
        .formatted(name, rest(theirs, same), rest(mine, same));
  }

  private static String rest(List<String> lines, int from) {
    return String.join("\n", lines.subList(Math.min(from, lines.size()), lines.size()));
  }

  /** Without what the distribution adds to the version, and with one name for the time zone. */
  private static List<String> answer(WireScript script, int port) throws IOException {
    return withoutLoneDescriptions(script.play(port)).stream()
        .map(line -> line.replaceAll("(ParameterStatus server_version=[0-9.]+).*", "$1"))
        .map(
            line -> line.replaceAll("ParameterStatus TimeZone=GMT", "ParameterStatus TimeZone=UTC"))
        .toList();
  }

  /** PostgreSQL describes rows that then fail; we compute them first. */
  private static List<String> withoutLoneDescriptions(List<String> lines) {
    List<String> kept = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("Error ") && !kept.isEmpty() && kept.getLast().startsWith("RowDesc")) {
        kept.removeLast();
      }
      kept.add(line);
    }
    return kept;
  }

  private static Map<String, WireScript> scripts() {
    Map<String, WireScript> scripts = new LinkedHashMap<>();
    startups(scripts);
    simple(scripts);
    blocks(scripts);
    extended(scripts);
    broken(scripts);
    return scripts;
  }

  private static void startups(Map<String, WireScript> all) {
    all.put("start", session().terminate());
    all.put(
        "data after a request for SSL",
        empty().int32(8).int32(80_877_103).startup(3, 0, "user", "postgres").terminate());
    all.put("later minor version", empty().startup(3, 2, "user", "postgres").terminate());
    all.put(
        "unknown protocol option",
        empty().startup(3, 0, "user", "postgres", "_pq_.colour", "blue").terminate());
    all.put("protocol 2", empty().startup(2, 0, "user", "postgres"));
    all.put("protocol 4", empty().startup(4, 1, "user", "postgres"));
    all.put("no user", empty().startup(3, 0, "database", "postgres"));
    all.put("empty user", empty().startup(3, 0, "user", ""));
    all.put("no terminator", empty().int32(14).int32(3 << 16).raw("user\0x"));
    all.put(
        "bytes after the terminator", empty().int32(24).int32(3 << 16).raw("user\0postgres\0\0x"));
    all.put("too long a packet", empty().int32(20_000).int32(3 << 16));
    all.put("too short a packet", empty().int32(7).raw("abc"));
    all.put("HTTP", empty().raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    all.put(
        "setting",
        empty()
            .startup(
                3,
                0,
                "user",
                "postgres",
                "synchronous_commit",
                "off",
                "options",
                "-c lock_timeout=7s")
            .query("show synchronous_commit")
            .query("show lock_timeout")
            .terminate());
    all.put("unknown setting", empty().startup(3, 0, "user", "postgres", "colour", "blue"));
    all.put("bad value", empty().startup(3, 0, "user", "postgres", "synchronous_commit", "maybe"));
    all.put("bad replication", empty().startup(3, 0, "user", "postgres", "replication", "maybe"));
    all.put(
        "setting of the postmaster",
        empty().startup(3, 0, "user", "postgres", "options", "-c fsync=off"));
  }

  private static void simple(Map<String, WireScript> all) {
    all.put(
        "empty queries", session().query("").query(";").query(" ; ;").query("-- x").terminate());
    all.put(
        "select", session().query("select 1").query("select 1 as a, 'x' as b, true").terminate());
    all.put(
        "several statements",
        session().query("select 1; select 2; select 3 where false").terminate());
    all.put(
        "tags",
        session()
            .query("create table tags (k bigint primary key, note text)")
            .query("insert into tags values (1, 'a'), (2, null)")
            .query("update tags set note = 'b' where k = 1")
            .query("update tags set note = 'b' where k = 9")
            .query("select * from tags order by k")
            .query("select k, note from tags where k = 2")
            .query("delete from tags where k = 2")
            .query("truncate tags")
            .query("select count(*) from tags")
            .query("checkpoint")
            .query("drop table tags")
            .query("drop table if exists tags")
            .query("create table if not exists tags2 (k int primary key)")
            .query("create table if not exists tags2 (k int primary key)")
            .query("drop table tags2")
            .terminate());
    all.put(
        "errors",
        session()
            .query("select * from nowhere")
            .query("selec 1")
            .query("select 'open")
            .query("select nocolumn from pg_stat_wal")
            .query("select nofunction(1)")
            .query("insert into nowhere values (1)")
            .query("drop table nowhere")
            .query("set colour = 'blue'")
            .query("set synchronous_commit = 'maybe'")
            .query("set fsync = off")
            .query("set block_size = 1")
            .query("show colour")
            .query("select 1/0")
            .query("select 'x'::int")
            .query("select 99999999999::int")
            .terminate());
    all.put(
        "constraints",
        session()
            .query("create table c (k bigint primary key, n int not null, t varchar(3))")
            .query("insert into c values (1, 1, 'abc')")
            .query("insert into c values (1, 1, 'abc')")
            .query("insert into c values (2, null, 'abc')")
            .query("insert into c values (2, 2, 'abcd')")
            .query("insert into c values (2, 2, 'a', 5)")
            .query("insert into c (k, nocolumn) values (2, 2)")
            .query("create table c (k int)")
            .query("update c set nocolumn = 1")
            .query("insert into c values ('x', 1, 'a')")
            .query("drop table c")
            .terminate());
    all.put(
        "settings",
        session()
            .query("set application_name = 'a b'")
            .query("show application_name")
            .query("set application_name to default")
            .query("set intervalstyle = 'postgres'")
            .query("set datestyle = 'ISO, MDY'")
            .query("set client_encoding = 'UTF8'")
            .query("begin; set application_name = 'inside'; rollback")
            .query("begin; set application_name = 'kept'; commit")
            .query("begin; set local application_name = 'local'")
            .query("commit")
            .query("reset application_name")
            .query("show transaction isolation level")
            .query("show synchronous_commit")
            .query("set statement_timeout = '90s'; show statement_timeout")
            .query("reset all")
            .query("discard all")
            .terminate());
    all.put(
        "functions",
        session()
            .query("select pg_is_in_recovery()")
            .query("select pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()")
            .query("select pg_promote()")
            .query("select txid_status(txid_current()) as s")
            .query("select txid_status(99999999)")
            .query("select pg_wal_lsn_diff('0/20', '0/10')")
            .query("select current_setting('fsync'), current_database(), current_user")
            .terminate());
  }

  private static void blocks(Map<String, WireScript> all) {
    all.put(
        "states of a block",
        session()
            .query("begin")
            .query("select 1")
            .query("selec")
            .query("select 1")
            .query("begin")
            .query("commit")
            .query("start transaction")
            .query("rollback")
            .terminate());
    all.put(
        "outside of a block",
        session()
            .query("commit")
            .query("rollback")
            .query("savepoint a")
            .query("release a")
            .query("rollback to a")
            .query("begin; begin")
            .query("end")
            .query("abort")
            .terminate());
    all.put(
        "an implicit transaction is one",
        session()
            .query("create table i (k int primary key)")
            .query("insert into i values (1); insert into i values (2); select 1/0; select 5")
            .query("select count(*) from i")
            .query("insert into i values (1); select count(*) from i; insert into i values (2)")
            .query("insert into i values (3); begin; insert into i values (4); select 1/0")
            .query("select 1")
            .query("rollback; select count(*) from i")
            .query("begin; insert into i values (5); commit; insert into i values (6); select 1/0")
            .query("select k from i order by k")
            .query("insert into i values (7); commit; select 1/0")
            .query("insert into i values (8); rollback; select count(*) from i")
            .query("drop table i")
            .terminate());
    all.put(
        "savepoints",
        session()
            .query("create table s (k int primary key)")
            .query("begin; insert into s values (1); savepoint a; insert into s values (2)")
            .query("rollback to b")
            .query("rollback to a")
            .query("insert into s values (3); release a")
            .query("release a")
            .query("rollback to savepoint a")
            .query("commit")
            .query("select count(*) from s")
            .query("drop table s")
            .terminate());
    all.put(
        "read only",
        session()
            .query("create table r (k int primary key)")
            .query("begin read only; select count(*) from r")
            .query("insert into r values (1)")
            .query("rollback")
            .query("set default_transaction_read_only = on")
            .query("insert into r values (1)")
            .query("create table r2 (k int)")
            .query("drop table r")
            .query("set default_transaction_read_only = off")
            .query("begin isolation level repeatable read; show transaction_isolation; commit")
            .query("drop table r")
            .terminate());
  }

  private static void extended(Map<String, WireScript> all) {
    all.put(
        "one round",
        session()
            .parse("", "select 1 as one")
            .describe('S', "")
            .bind("", "", 0)
            .describe('P', "")
            .execute("", 0)
            .sync()
            .terminate());
    all.put(
        "parameters",
        session()
            .query("create table e (k bigint primary key, n int, b boolean, t text, f float8)")
            .parse("ins", "insert into e values ($1, $2, $3, $4, $5)")
            .describe('S', "ins")
            .bind("", "ins", 0, "1", "2", "t", "text", "1.5")
            .describe('P', "")
            .execute("", 0)
            .bind("", "ins", 0, "2", null, null, null, null)
            .execute("", 0)
            .sync()
            .parse("sel", "select k, n, b, t, f from e where k = $1")
            .describe('S', "sel")
            .bind("", "sel", 1, "1")
            .describe('P', "")
            .execute("", 0)
            .bind("", "sel", 0, "2")
            .execute("", 0)
            .sync()
            .parse("typed", "select $1, $2::int", 25, 0)
            .describe('S', "typed")
            .bind("", "typed", 0, "x", "7")
            .execute("", 0)
            .sync()
            .query("drop table e")
            .terminate());
    all.put(
        "an error until Sync",
        session()
            .parse("", "select 1/(txid_current() - txid_current())")
            .bind("", "", 0)
            .execute("", 0)
            .parse("", "select 1")
            .query("select 2")
            .sync()
            .parse("", "select 3")
            .bind("", "", 0)
            .execute("", 0)
            .sync()
            .terminate());
    all.put(
        "portals that pause",
        session()
            .query("create table p (k int primary key)")
            .query("insert into p values (1), (2), (3), (4), (5)")
            .query("begin")
            .parse("", "select k from p order by k")
            .bind("c", "", 0)
            .execute("c", 2)
            .execute("c", 2)
            .sync()
            .execute("c", 2)
            .execute("c", 2)
            .sync()
            .bind("d", "", 0)
            .execute("d", 5)
            .execute("d", 1)
            .close('P', "d")
            .sync()
            .query("commit")
            .execute("c", 1)
            .sync()
            .query("drop table p")
            .terminate());
    all.put(
        "an answer twice",
        session()
            .query("create table q (k int primary key)")
            .parse("", "insert into q values (1)")
            .bind("", "", 0)
            .execute("", 0)
            .execute("", 0)
            .sync()
            .query("select count(*) from q")
            .query("drop table q")
            .terminate());
    all.put(
        "names that are not there",
        session()
            .bind("", "none", 0)
            .sync()
            .describe('S', "none")
            .sync()
            .describe('P', "none")
            .sync()
            .execute("none", 0)
            .sync()
            .close('S', "none")
            .close('P', "none")
            .sync()
            .bind("", "", 0)
            .sync()
            .terminate());
    all.put(
        "statements that cannot be prepared, or bound",
        session()
            .parse("", "select 1; select 2")
            .sync()
            .parse("a", "select 1")
            .parse("a", "select 2")
            .sync()
            .bind("", "a", 0, "1")
            .sync()
            .parse("", "select $1::int")
            .bind("", "", 0, "x")
            .sync()
            .parse("", "selec")
            .sync()
            .parse("", "")
            .describe('S', "")
            .bind("", "", 0)
            .describe('P', "")
            .execute("", 0)
            .sync()
            .terminate());
    all.put(
        "blocks",
        session()
            .query("create table b (k int primary key)")
            .parse("", "begin")
            .bind("", "", 0)
            .describe('P', "")
            .execute("", 0)
            .sync()
            .parse("", "insert into b values (1)")
            .bind("", "", 0)
            .execute("", 0)
            .sync()
            .parse("", "insert into b values (1), (1)")
            .bind("", "", 0)
            .execute("", 0)
            .sync()
            .parse("", "select 1")
            .sync()
            .parse("", "commit")
            .bind("", "", 0)
            .execute("", 0)
            .sync()
            .query("select count(*) from b")
            .parse("", "insert into b values (2)")
            .bind("", "", 0)
            .execute("", 0)
            .parse("", "insert into b values (1), (1)")
            .bind("", "", 0)
            .execute("", 0)
            .sync()
            .query("select count(*) from b")
            .query("drop table b")
            .terminate());
    all.put(
        "flush, and a simple query between",
        session()
            .parse("", "select 1")
            .message('H')
            .query("select 2")
            .bind("", "", 0)
            .sync()
            .terminate());
    all.put("sync alone", session().sync().sync().terminate());
  }

  private static void broken(Map<String, WireScript> all) {
    all.put("unknown message", session().message('y', "x"));
    all.put("too short a length", session().raw("Q").int32(3));
    all.put("negative length", session().raw("Q").int32(-1));
    all.put(
        "leftovers of COPY",
        session().message('d', "x").message('c').message('f', "x").query("select 1").terminate());
    all.put("query without its end", session().raw("Q").int32(8).raw("sele").terminate());
    all.put("parse cut short", session().message('P', "a").sync().terminate());
    all.put("bind cut short", session().parse("", "select 1").message('B', "").sync().terminate());
    all.put("describe of what", session().describe('Z', "").sync().terminate());
    all.put("close of what", session().close('Z', "").sync().terminate());
    all.put(
        "bytes after a query",
        session().message('Q', "select 1", 'x').query("select 2").terminate());
    all.put(
        "negative number of parameters",
        session().message('P', "", "select 1", (short) -1).sync().terminate());
  }
}
