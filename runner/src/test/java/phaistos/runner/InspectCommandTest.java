package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.ControlFile;
import phaistos.formats.Xid;
import phaistos.formats.heap.HeapPage;
import phaistos.formats.heap.TupleHeader;

/**
 * {@code inspect} on files of our own writers: a data directory of one checkpoint and three
 * transactions, whose listing is what pg_waldump 15 says of it.
 */
class InspectCommandTest {
  private static final String SEGMENT = "000000010000000000000001";
  private static final String INSERT =
      "rmgr: Heap        len (rec/tot):     63/    63, tx:        701, lsn: 0/00100108,"
          + " prev 0/001000E0, desc: INSERT off 1 flags 0x00, blkref #0: rel 1663/5/16384 blk 0";
  private static final String COMMIT =
      "rmgr: Transaction len (rec/tot):     34/    34, tx:        701, lsn: 0/00100148,"
          + " prev 0/00100108, desc: COMMIT 2000-01-01 00:00:00.000000 UTC";

  @TempDir private Path data;
  private Path segment;

  @BeforeEach
  void write() throws IOException {
    TinyDataDirectory.write(data, 700, 1, 2, 3);
    segment = data.resolve("pg_wal").resolve(SEGMENT);
  }

  @Test
  void aDataDirectoryAFolderAndASegmentListTheSameRecords() {
    Captured whole = inspect(0, "wal", data);
    assertEquals(7, whole.lines().size());
    assertEquals(List.of(INSERT, COMMIT), whole.lines().subList(3, 5));
    assertEquals(
        "phaistos: end of WAL: end of data at 0/1001D8 (pg_wal/%s, offset 472)%n"
            .formatted(SEGMENT),
        whole.err());
    assertEquals(whole.out(), inspect(0, "wal", segment.getParent()).out());
    assertEquals(whole.out(), inspect(0, "wal", segment).out());
    assertEquals(whole.out(), inspect(0, "wal", segment, segment).out());
    assertEquals(whole.out(), inspect(0, "wal", data, "--timeline", 1).out());
  }

  @Test
  void aPartialSegmentIsReadWhenItIsNamed() throws IOException {
    String whole = inspect(0, "wal", segment).out();
    Path partial = Files.move(segment, segment.resolveSibling(SEGMENT + ".partial"));
    assertEquals(whole, inspect(0, "wal", partial).out());
    says(inspect(1, "wal", segment.getParent()), "to read a .partial file, name it");
  }

  @Test
  void listsOneTransactionAndARange() {
    assertEquals(List.of(INSERT, COMMIT), inspect(0, "wal", data, "--xid", 701).lines());
    Captured range = inspect(0, "wal", data, "--start", "0/100108", "--end", "0/100170");
    assertEquals(List.of(INSERT, COMMIT), range.lines());
    assertEquals("", range.err());
    // as pg_waldump: a record that reaches behind the end is not listed, a start within one is told
    range = inspect(0, "wal", data, "--start", "0/1000E1", "--end", "0/100169");
    assertEquals(
        List.of("first record is after 0/1000E1, at 0/100108, skipping over 39 bytes", INSERT),
        range.lines());
  }

  @Test
  void countsAndSizesComeWithoutAnEqualsSignBeforeThePath() {
    String counts = inspect(0, "wal", "--stats", data).out();
    assertTrue(
        counts.contains("\nTransaction                                    3 ( 42.86)"), counts);
    assertEquals(counts, inspect(0, "wal", data, "-z").out());
    String kinds = inspect(0, "wal", data, "--stats=record").out();
    assertTrue(
        kinds.contains("\nTransaction/COMMIT                             3 ( 42.86)"), kinds);
  }

  @Test
  void jsonHasALineForEachRecordAndOneForTheEnd() throws IOException {
    List<JsonNode> lines = json(inspect(0, "wal", data, "--json"));
    assertEquals(8, lines.size());
    JsonNode insert = lines.get(3);
    assertEquals("0/100108", insert.get("lsn").asText());
    assertEquals("0/100148", insert.get("end").asText());
    assertEquals(701, insert.get("xid").asLong());
    assertEquals("1663/5/16384", insert.get("blocks").get(0).get("rel").asText());
    assertEquals("EndOfData", lines.get(7).get("kind").asText());
    assertEquals(false, lines.get(7).get("damaged").asBoolean());
  }

  @Test
  void damageEndsTheListingWithOneAndItsPlace() throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    bytes[0x162] ^= 1;
    Files.write(segment, bytes);
    Captured found = inspect(1, "wal", data);
    assertEquals(4, found.lines().size());
    says(found, "WAL is damaged: record has CRC ");
    says(found, "at 0/100148 (pg_wal/%s, offset 328)".formatted(SEGMENT));
    JsonNode end = json(inspect(1, "wal", data, "--json")).getLast();
    assertEquals(true, end.get("damaged").asBoolean());
    assertEquals("0/100148", end.get("end_of_wal").asText());
    inspect(1, "wal", data, "--stats");
    // recovery would end there too, so that the later commits did not happen
    assertEquals(
        List.of("700\tcommitted", "701\taborted"),
        inspect(1, "xact", data, "--after-redo", "--xid", "700..701").lines());
  }

  @Test
  void aFileThatWasCutIsDamaged() throws IOException {
    Files.write(segment, java.util.Arrays.copyOf(Files.readAllBytes(segment), 5000));
    says(inspect(1, "wal", data), "file ends within a page, after 5000 bytes of it");
  }

  @Test
  void otherVersionsAreNamed() throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    bytes[0] = 0x20;
    Files.write(segment, bytes);
    says(inspect(1, "wal", data), "page magic D120 is later than PostgreSQL 18's D118");
    says(inspect(1, "wal", segment), "page magic D120 is later than PostgreSQL 18's D118");
    Path control = data.resolve(ControlFile.PATH);
    bytes = Files.readAllBytes(control);
    java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(8, 1900);
    Files.write(control, bytes);
    for (String kind : List.of("control", "wal", "xact")) {
      says(inspect(1, kind, data), ": PostgreSQL 19 or later; PostgreSQL 13 to 18");
    }
  }

  @Test
  void statusesAreTheBitsOrWhatReplayMakesOfThem() throws IOException {
    String range = "699..703";
    assertEquals(
        List.of(
            "699\tin progress",
            "700\tin progress",
            "701\tin progress",
            "702\tin progress",
            "703\tin progress"),
        inspect(0, "xact", data, "--xid", range).lines());
    assertEquals(
        List.of(
            "699\taborted", "700\tcommitted", "701\tcommitted", "702\tcommitted", "703\tfuture"),
        inspect(0, "xact", data, "--after-redo", "--xid", range).lines());
    assertEquals(700, inspect(0, "xact", data).lines().size());
    JsonNode line = json(inspect(0, "xact", data, "--json", "--xid", "701")).getFirst();
    assertEquals("{\"xid\":701,\"status\":\"in progress\"}", line.toString());
    // the whole of a page, by the folder or the file
    assertEquals(32_765, inspect(0, "xact", data.resolve("pg_xact")).lines().size());
    assertEquals(32_765, inspect(0, "xact", data.resolve("pg_xact/0000")).lines().size());
  }

  @Test
  void aRangeMayGoOverTheWrapAroundButNotBackwards() {
    List<String> lines = inspect(0, "xact", data, "--xid", "4294967294..4").lines();
    assertEquals(
        List.of("4294967294\tno file", "4294967295\tno file", "3\tin progress", "4\tin progress"),
        lines);
    says(inspect(254, "xact", data, "--xid", "800..700"), "\"800..700\" goes backwards");
    says(inspect(254, "xact", data, "--xid", "4294968000..4294967999"), "goes backwards");
  }

  @Test
  void missingOrCutCommitLogIsUnknownNotAborted() throws IOException {
    Path log = data.resolve("pg_xact/0000");
    Files.write(log, new byte[8000]);
    says(inspect(1, "xact", data, "--xid", "700"), "segment 0000 is damaged: it has 8000 bytes");
    Files.delete(log);
    assertEquals("700\tno file\n", inspect(0, "xact", data, "--xid", "700").out());
    // replay of three commits makes the page anew, as PostgreSQL's does
    assertEquals("699\taborted\n", inspect(0, "xact", data, "--after-redo", "--xid", "699").out());
    Path other = data.resolve("other");
    TinyDataDirectory.write(other, 40_000, 1);
    Files.delete(other.resolve("pg_xact/0000"));
    Captured found = inspect(1, "xact", other, "--after-redo", "--xid", "32767..32768");
    assertEquals(List.of("32767\tunknown", "32768\taborted"), found.lines());
    says(found, "1 transactions are unknown: pages of the commit log are missing");
  }

  @Test
  void theControlFileIsPrintedAndItsDamageTold() throws IOException {
    List<String> lines = inspect(0, "control", data).lines();
    assertEquals("pg_control version number:            1300", lines.getFirst());
    assertTrue(lines.contains("Latest checkpoint's NextXID:          0:700"), lines.toString());
    assertEquals(lines, inspect(0, "control", data.resolve(ControlFile.PATH)).lines());
    JsonNode json = json(inspect(0, "control", data, "--json")).getFirst();
    assertEquals(lines.size(), json.size());
    assertEquals("0:700", json.get("Latest checkpoint's NextXID").asText());
    byte[] bytes = Files.readAllBytes(data.resolve(ControlFile.PATH));
    bytes[100] ^= 1;
    Files.write(data.resolve(ControlFile.PATH), bytes);
    Captured damaged = inspect(1, "control", data);
    says(damaged, "control file is damaged: CRC is");
    says(damaged, "cannot be trusted");
    assertEquals(lines.size(), damaged.lines().size(), "the fields are listed all the same");
  }

  @Test
  void historiesOfTimelinesAreToldWithTheirAncestors() throws IOException {
    Path file = segment.resolveSibling("00000003.history");
    Files.writeString(file, "1\t0/1001D8\tfirst\n2\t0/200000\tsecond\n");
    List<String> expected =
        List.of(
            "timeline 3",
            "  timeline 1 until 0/1001D8: first",
            "  timeline 2 until 0/200000: second");
    assertEquals(expected, inspect(0, "timeline", file).lines());
    List<String> all = new ArrayList<>(List.of("timeline 1: no ancestors"));
    all.addAll(expected);
    assertEquals(all, inspect(0, "timeline", data).lines());
    JsonNode json = json(inspect(0, "timeline", data, "--json")).getLast();
    assertEquals("0/200000", json.get("ancestors").get(1).get("end").asText());
    Files.writeString(file, "1\tnowhere\tfirst\n");
    says(inspect(1, "timeline", file), "00000003.history, line 1");
    // WAL of a timeline whose history is there is not mixed up with the others'
    says(inspect(254, "wal", data, "--timeline", 2), "timeline 2 is not there; there are [1, 3]");
  }

  @Test
  void heapPagesShowLinePointersAndTupleHeaders() throws IOException {
    byte[] bytes = new byte[HeapPage.BYTES];
    HeapPage page = HeapPage.initialize(bytes);
    TupleHeader header = new TupleHeader(new Xid(700), new Xid(701), 0, 0, 1, 1, 0x100, 24);
    byte[] tuple = new byte[32];
    System.arraycopy(header.encode(), 0, tuple, 0, TupleHeader.BYTES);
    tuple[24] = 0x2A;
    page.insert(tuple);
    page.insert(tuple);
    page.setLine(2, HeapPage.LineState.REDIRECT, 1, 0);
    Path file = data.resolve("16384");
    Files.write(file, java.util.Arrays.copyOf(bytes, 2 * HeapPage.BYTES));
    List<String> lines = inspect(0, "heap", file, "--data").lines();
    assertEquals(4, lines.size());
    assertTrue(lines.get(1).contains("xmin 700 xmax 701 command 0 ctid (0,1)"), lines.get(1));
    assertTrue(lines.get(1).endsWith("data 002a00000000000000"), lines.get(1));
    assertEquals("    2 redirect to 1", lines.get(2));
    assertEquals("page 1: new (zeros)", lines.get(3));
    assertEquals(lines.subList(3, 4), inspect(0, "heap", file, "--block", 1).lines());
    List<JsonNode> json = json(inspect(0, "heap", file, "--json"));
    assertEquals(701, json.get(0).get("xmax").asLong());
    assertEquals("redirect", json.get(1).get("state").asText());
    bytes[16] ^= 1;
    Files.write(file, bytes);
    says(inspect(1, "heap", file), "page 0: page header is damaged");
    Files.write(file, Files.readAllBytes(segment));
    says(inspect(1, "heap", file), "upper is 0, but the page is not empty");
  }

  @Test
  void outputThatCannotBeWrittenIsAnError() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "there is no /dev/full");
    Path err = data.resolve("err");
    List<String> command =
        ChildProcess.command(List.of(), List.of("inspect", "control", data.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(full.toFile())
            .redirectError(err.toFile())
            .start();
    assertEquals(255, process.waitFor());
    assertEquals(
        "phaistos: standard output could not be written: No space left on device",
        Files.readString(err).strip());
  }

  @Test
  void mistakesAreOneLineAndExit254() throws IOException {
    Path none = data.resolve("none");
    for (String kind : List.of("wal", "xact", "control", "heap", "timeline")) {
      wrong("no such file or directory: " + none, kind, none);
      wrong("--no-such-option", kind, data, "--no-such-option");
    }
    wrong("say what to inspect");
    wrong("is no WAL segment's name", "wal", data.resolve(ControlFile.PATH));
    wrong("--start: not an LSN", "wal", data, "--start", "here");
    wrong(
        "start 0/100108 lies behind end", "wal", data, "--start", "0/100108", "--end", "0/100028");
    wrong("the segments hold 0/100000 to 0/200000", "wal", data, "--start", "0/200000");
    wrong("--xid: not a transaction id", "wal", data, "--xid", "-1");
    wrong("--threads is not above 0: 0", "wal", data, "--threads", 0);
    wrong("timeline 7 is not there", "wal", data, "--timeline", 7);
    wrong("'x' is not an int", "wal", data, "--timeline", "x");
    wrong("--timeline goes with a folder", "wal", segment, "--timeline", 1);
    wrong("neither record nor rmgr", "wal", data, "--stats=all");
    wrong("do not go together", "wal", data, "--stats", "--json");
    wrong("a second path goes with segment files", "wal", data, segment);
    Path earlier = segment.resolveSibling("000000010000000000000000");
    Files.write(earlier, new byte[0]);
    wrong("comes after", "wal", segment, earlier);
    wrong("neither a transaction id nor a range", "xact", data, "--xid", "7..x");
    wrong("needs a whole data directory", "xact", data.resolve("pg_xact"), "--after-redo");
    wrong("is no commit log segment's name", "xact", data.resolve(ControlFile.PATH));
    wrong("is no history file's name", "timeline", data.resolve(ControlFile.PATH));
    wrong("is a directory", "heap", data);
    wrong("the file has 128 pages", "heap", segment, "--block", 128);
  }

  private static void wrong(String message, Object... arguments) {
    Captured found = inspect(254, arguments);
    says(found, message);
    assertEquals(1, found.err().lines().count(), found.err());
    assertEquals("", found.out());
  }

  private static void says(Captured found, String message) {
    assertTrue(found.err().contains(message), found.err());
  }

  private static Captured inspect(int exit, Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = "inspect";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    Captured found = Captured.run(all);
    assertEquals(exit, found.exit(), found.err());
    return found;
  }

  private static List<JsonNode> json(Captured found) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : found.lines()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }
}
