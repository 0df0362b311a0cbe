package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code inspect} on the data directories of a real PostgreSQL 15 that lie beside the repository,
 * against pg_waldump's listings, the tables of truth and pg_controldata's output that came with
 * them. Skipped where they are not.
 */
class InspectCorpusTest {
  private static final Pattern LISTING = Pattern.compile("waldump\\.tl(\\d+)\\.txt\\.xz");
  private static final Map<String, String> BITS =
      Map.of(
          "in progress", "0",
          "committed", "1",
          "aborted", "2",
          "sub-committed", "3",
          "no page", "nopage",
          "no file", "nofile");

  @TempDir private static Path folder;

  @BeforeAll
  static void unpack() throws Exception {
    String shared =
        Optional.ofNullable(System.getProperty("phaistos.shared"))
            .or(() -> Optional.ofNullable(System.getenv("PHAISTOS_SHARED")))
            .orElse("../../shared");
    Path archives = Path.of(shared).resolve("data/postgres");
    Assumptions.assumeTrue(
        Files.isDirectory(archives), "no corpora at " + archives.toAbsolutePath());
    try (Stream<Path> files = Files.list(archives)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".tar.xz")).sorted().toList()) {
        output("tar", "xJf", file.toString(), "-C", folder.toString());
      }
    }
  }

  private static List<Path> states() throws IOException {
    try (Stream<Path> folders =
        Files.find(folder, 2, (path, _) -> Files.exists(path.resolve("truth.tsv")))) {
      List<Path> states = folders.sorted().toList();
      assertTrue(states.size() > 10, states.toString());
      return states;
    }
  }

  @Test
  void listsTheWalOfEachTimelineAsPgWaldumpDid() throws Exception {
    for (Path state : states()) {
      try (Stream<Path> files = Files.list(state)) {
        for (Path file : files.sorted().toList()) {
          Matcher name = LISTING.matcher(file.getFileName().toString());
          if (name.matches()) {
            String expected = output("xz", "-dc", file.toString());
            Captured found = Captured.run("inspect", "wal", state, "--timeline", name.group(1));
            assertEquals(0, found.exit(), state + ": " + found.err());
            assertSame(state + "/" + file.getFileName(), expected, found.out());
          }
        }
      }
    }
  }

  @Test
  void statusesAndBitsAreThoseOfTheTruth() throws Exception {
    for (Path state : states()) {
      List<String> expected = new ArrayList<>();
      List<String> expectedBits = new ArrayList<>();
      List<String[]> truth = rows(state.resolve("truth.tsv"));
      long first = Long.MAX_VALUE;
      long last = 0;
      for (String[] row : truth) {
        first = Math.min(first, Long.parseLong(row[0]));
        last = Math.max(last, Long.parseLong(row[0]));
        expected.add(row[0] + " " + row[1]);
        expectedBits.add(row[0] + " " + row[9]);
      }
      String range = first + ".." + last;
      Map<String, String> after = statuses(state, "--after-redo", "--xid", range);
      Map<String, String> bits = statuses(state, "--xid", range);
      assertEquals(
          expected,
          truth.stream().map(row -> row[0] + " " + after.get(row[0])).toList(),
          state.toString());
      assertEquals(
          expectedBits,
          truth.stream().map(row -> row[0] + " " + BITS.get(bits.get(row[0]))).toList(),
          state.toString());
    }
  }

  @Test
  void theControlFileIsPrintedAsPgControldataDid() throws Exception {
    for (Path state : states()) {
      Captured found = Captured.run("inspect", "control", state);
      assertEquals(0, found.exit(), found.err());
      assertEquals(
          Files.readString(state.resolve("pg_controldata.txt")), found.out(), state.toString());
    }
  }

  @Test
  void aPartialSegmentOfAReceiverOrAnArchiveIsRead() throws Exception {
    Path corpus = folder.resolve("06_promoted");
    String listing = output("xz", "-dc", corpus + "/old_primary/waldump.tl1.txt.xz");
    List<String> inSegment = listing.lines().filter(line -> line.contains("lsn: 0/00A")).toList();
    String name = "00000001000000000000000A.partial";
    Captured received = Captured.run("inspect", "wal", corpus.resolve("pg_receivewal/" + name));
    assertEquals(0, received.exit(), received.err());
    assertEquals(inSegment, received.lines());
    // the archive's was copied when timeline 1 ended there, at 0/A00848
    Captured archived = Captured.run("inspect", "wal", corpus.resolve("archive/" + name));
    assertEquals(0, archived.exit(), archived.err());
    assertEquals(inSegment.subList(0, archived.lines().size()), archived.lines());
    assertTrue(archived.err().contains("end of data at 0/A00848 "), archived.err());
    Captured history = Captured.run("inspect", "timeline", corpus.resolve("new_primary"));
    assertEquals(
        List.of(
            "timeline 1: no ancestors",
            "timeline 2",
            "  timeline 1 until 0/A00848: no recovery target specified"),
        history.lines());
  }

  private static Map<String, String> statuses(Path state, Object... options) {
    Object[] all = new Object[options.length + 3];
    all[0] = "inspect";
    all[1] = "xact";
    all[2] = state;
    System.arraycopy(options, 0, all, 3, options.length);
    Captured found = Captured.run(all);
    assertEquals(0, found.exit(), state + ": " + found.err());
    Map<String, String> statuses = new HashMap<>();
    for (String line : found.lines()) {
      int tab = line.indexOf('\t');
      statuses.put(line.substring(0, tab), line.substring(tab + 1));
    }
    return statuses;
  }

  /** Told by the first line that differs, as the listings have tens of thousands. */
  private static void assertSame(String what, String expected, String found) {
    if (!expected.equals(found)) {
      List<String> wanted = expected.lines().toList();
      List<String> lines = found.lines().toList();
      for (int i = 0; i < Math.min(wanted.size(), lines.size()); i++) {
        assertEquals(wanted.get(i), lines.get(i), what + ", line " + (i + 1));
      }
      assertEquals(wanted.size(), lines.size(), what);
    }
  }

  private static List<String[]> rows(Path file) throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      rows.add(line.split("\t", -1));
    }
    rows.removeFirst();
    return rows;
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (InputStream out = process.getInputStream()) {
      byte[] bytes = out.readAllBytes();
      Assumptions.assumeTrue(process.waitFor() == 0, "cannot run " + command[0]);
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }
}
