package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.formats.ControlFile;
import picocli.CommandLine;

/**
 * The command line, on a data directory of one checkpoint and three inserts that it writes itself.
 */
class AuditCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path history;

  @BeforeEach
  void write() throws IOException {
    TinyDataDirectory.write(folder.resolve("a"), 700, 1, 2, 3);
    history = folder.resolve("history.edn");
    Files.writeString(history, line(0, "invoke", "") + ok(1, 700, 1));
  }

  @Test
  void aCommitThatIsThereIsConfirmed() {
    assertEquals(0, audit("--primary", "a=" + folder.resolve("a")), err.toString());
    assertTrue(
        out.toString().startsWith("VALID  durability audit: 1 acknowledged"), out.toString());
  }

  @Test
  void aCommitThatIsNotThereIsInvalidAndNamed() throws IOException {
    Files.writeString(history, line(0, "invoke", "") + ok(1, 703, 4));
    assertEquals(1, audit("--primary", "a=" + folder.resolve("a")), err.toString());
    assertTrue(out.toString().contains("value 4 (xid 703"), out.toString());
  }

  @Test
  void theMarkerTellsAReusedXidApart() throws IOException {
    Files.writeString(history, line(0, "invoke", "") + ok(1, 701, 77));
    assertEquals(1, audit("--primary", "a=" + folder.resolve("a")), err.toString());
    assertTrue(out.toString().contains("xid belongs to another transaction"), out.toString());
  }

  @Test
  void whatNothingIdentifiesIsUnknown() throws IOException {
    Files.writeString(
        history, line(0, "invoke", "") + line(1, "ok", " :xid 700 :standby-names \"\""));
    assertEquals(2, audit("--primary", "a=" + folder.resolve("a")), err.toString());
  }

  @Test
  void valuesMayServeAsMarkers() throws IOException {
    String text =
        Files.readString(history).replace(":marker 1", "").replace(":value nil", ":value 1");
    Files.writeString(history, text);
    assertEquals(2, audit("--primary", "a=" + folder.resolve("a")));
    assertEquals(
        0,
        audit("--primary", "a=" + folder.resolve("a"), "--marker-from", "value"),
        out.toString());
  }

  @Test
  void writesJsonAndAPageThatNeedsNothingElse() throws IOException {
    Path page = folder.resolve("report.html");
    assertEquals(0, audit("--primary", "a=" + folder.resolve("a"), "--json", "--html", page + ""));
    assertTrue(out.toString().startsWith("{"), out.toString());
    assertTrue(out.toString().contains("\"crc\""), out.toString());
    String html = Files.readString(page);
    assertTrue(html.contains("The acknowledged commit is where it"), html);
    String reference = "(?s).*((src|href)=.?(https?:)?//|url\\((?!data:)|@import).*";
    assertFalse(html.matches(reference), "the page refers to something outside");
  }

  @Test
  void mistakesAreOneLineAndExit254() throws IOException {
    wrong("needs at least one --node");
    wrong("no such directory: " + folder.resolve("b"), "--node", "b=" + folder.resolve("b"));
    wrong("expects NAME=DATADIR", "--node", folder.toString());
    wrong("is no data directory", "--node", "b=" + folder);
    String a = "a=" + folder.resolve("a");
    wrong("two images of one node: a", "--node", a, "--primary", a);
    wrong("no image of the promoted node: z", "--node", a, "--promoted", "z");
    wrong("no length of time: '-1'", "--node", a, "--time-limit", "-1");
    wrong("no length of time: '-1'", "--node", a, "--wal-writer-delay", "-1");
    wrong("not a synchronous_commit level", "--node", a, "--synchronous-commit", "maybe");
    Files.writeString(history, line(0, "invoke", "") + line(1, "ok", " :marker {} :xid 1"));
    wrong(history + ":2: a marker is", "--node", a);
    Files.delete(history);
    wrong("no such file", "--node", a);
    byte[] control = Files.readAllBytes(folder.resolve("a/" + ControlFile.PATH));
    control[9] += 3;
    Files.write(folder.resolve("a/" + ControlFile.PATH), control);
    wrong("PostgreSQL 13 to 18 are supported", "--node", a);
  }

  private void wrong(String message, String... arguments) {
    err.getBuffer().setLength(0);
    assertEquals(254, audit(arguments));
    assertTrue(err.toString().contains(message), err.toString());
    assertEquals(1, err.toString().lines().count(), err.toString());
  }

  private int audit(String... arguments) {
    CommandLine line = Phaistos.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    String[] all = new String[arguments.length + 3];
    all[0] = "audit";
    all[1] = "--history";
    all[2] = history.toString();
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return line.execute(all);
  }

  private static String ok(int index, int xid, int marker) {
    String keys =
        " :xid %d :marker %d :synchronous-commit \"on\" :standby-names \"\"".formatted(xid, marker);
    return line(index, "ok", keys);
  }

  private static String line(int index, String type, String keys) {
    return "{:index %d :time %d :type :%s :process 0 :f :insert :value nil%s}\n"
        .formatted(index, index, type, keys);
  }
}
