package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code check --checker list-append} and its like, as a user types them. */
class TransactionsFileCheckTest {
  private static final String SKEW =
      """
      {:index 0 :time 1 :process 0 :type :ok :f :txn :value [[:append :x 1] [:r :y nil]]}
      {:index 1 :time 2 :process 1 :type :ok :f :txn :value [[:append :y 1] [:r :x nil]]}
      """;
  private static final String STALE =
      """
      {:index 0 :time 1 :process 0 :type :ok :f :txn :value [[:w :x 1]]}
      {:index 1 :time 2 :process 1 :type :ok :f :txn :value [[:r :x 1] [:w :x 2] [:w :y 1]]}
      {:index 2 :time 3 :process 2 :type :ok :f :txn :value [[:r :x 1] [:r :y 1]]}
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(String history, String... options) throws IOException {
    Path file = Files.writeString(folder.resolve("h.edn"), history);
    String[] arguments = new String[options.length + 2];
    arguments[0] = "check";
    arguments[1] = file.toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    CommandLine line = Phaistos.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private String line() {
    return out.toString().strip().replace(folder.resolve("h.edn").toString(), "FILE");
  }

  @Test
  void printsAnomaliesAndModelsInColumns() throws IOException {
    assertEquals(1, execute(SKEW, "--checker", "list-append", "--consistency-model", "PL-3"));
    assertEquals(
        "FILE\tinvalid\tG2-item\trepeatable-read\t"
            + "serializable,strong-serializable,strong-session-serializable\t"
            + "rests on 2 transactions, all acknowledged",
        line());
  }

  @Test
  void printsDashesWhereThereIsNothing() throws IOException {
    assertEquals(
        0, execute(SKEW, "--checker", "list-append", "--consistency-models", "snapshot-isolation"));
    assertEquals("FILE\tvalid\t-\t-\t-\trests on 2 transactions, all acknowledged", line());
  }

  @Test
  void anomaliesAloneReplaceTheModel() throws IOException {
    assertEquals(0, execute(SKEW, "--checker", "list-append", "--anomalies", "G1"));
    assertEquals(1, execute(SKEW, "--checker", "list-append", "--anomalies", "G1,G2"));
  }

  @Test
  void keysOfRegistersOrderTheirVersions() throws IOException {
    assertEquals(
        0, execute(STALE, "--checker", "rw-register", "--consistency-model", "read-committed"));
    assertEquals(1, execute(STALE, "--checker", "rw-register"));
    assertEquals(1, execute(STALE, "--checker", "rw-register", "--wfr-keys"));
    assertTrue(line().contains("G-single-item"), line());
  }

  @Test
  void jsonHasTheProof() throws IOException {
    assertEquals(1, execute(SKEW, "--checker", "list-append", "--json"));
    assertTrue(out.toString().contains("\"anomaly-types\":[\"G2-item\"]"), out.toString());
    assertTrue(out.toString().contains("a contradiction!"), out.toString());
    assertTrue(out.toString().contains("\"edges\":[\"rw\",\"rw\"]"), out.toString());
  }

  @Test
  void reportsAreWritten() throws IOException {
    execute(SKEW, "--checker", "list-append", "--report", folder.resolve("r").toString());
    for (String name : new String[] {"G2-item.txt", "G2-item-1.svg", "component-1.svg"}) {
      assertTrue(Files.exists(folder.resolve("r/h.edn").resolve(name)), name);
    }
  }

  @Test
  void wrongNamesAreOneLine() throws IOException {
    assertEquals(254, execute(SKEW, "--checker", "list-append", "--consistency-model", "best"));
    assertTrue(err.toString().startsWith("phaistos: no consistency model best"), err.toString());
    assertEquals(254, execute(SKEW, "--checker", "list-append", "--anomalies", "G9"));
    assertEquals(254, execute(SKEW, "--checker", "list-append", "-O", "depth=3"));
    assertEquals(254, execute(SKEW, "--checker", "set", "-O", "depth=3"));
  }

  @Test
  void namesThatNothingSearchesForAreRefused() throws IOException {
    assertEquals(254, execute(SKEW, "--checker", "list-append", "--anomalies", "G-cursor"));
    assertTrue(
        err.toString().startsWith("phaistos: nothing searches for G-cursor; --checker list-append"),
        err.toString());
    assertTrue(err.toString().contains(" searches for G-nonadjacent-item, "), err.toString());
    assertEquals(254, execute(SKEW, "--checker", "list-append", "--anomalies", "cyclic-versions"));
    assertEquals(
        254, execute(SKEW, "--checker", "list-append", "--consistency-model", "linearizable"));
    assertTrue(err.toString().contains("searches for rules out linearizable"), err.toString());
  }

  @Test
  void anAnomalyMayBeAskedForByTheNameOfItsKind() throws IOException {
    assertEquals(
        0, execute(SKEW, "--checker", "list-append", "--consistency-model", "monotonic-view"));
    assertEquals(1, execute(SKEW, "--checker", "list-append", "--anomalies", "write-skew"));
    assertTrue(line().contains("\tinvalid\twrite-skew\trepeatable-read\t"), line());
  }

  @Test
  void theTimeLimitIsThatOfTheWholeFile() throws IOException {
    assertEquals(2, execute(SKEW, "--checker", "list-append", "--time-limit", "0.000000001"));
    assertEquals("FILE\tunknown\t-\t-\t-", line());
    assertTrue(err.toString().contains("the time limit ended the reading at line 1"), line());
  }

  @Test
  void explanationsFollowTheLine() throws IOException {
    execute(SKEW, "--checker", "list-append", "--explain");
    assertTrue(line().contains("\n\nG2-item #1\nLet:\n  T1 = "), line());
  }

  @Test
  void whatIsNoTransactionNamesItsLineAndIsUnknown() throws IOException {
    String bad = "{:index 0 :process 0 :type :ok :f :txn :value [[:r :x nil]\n [:w :x 1]]}";
    assertEquals(2, execute(bad, "--checker", "list-append", "--json"));
    assertTrue(out.toString().contains("h.edn:2: event 0: a step of list-append"), out.toString());
  }

  @Test
  void theSmallerCheckersRunByName() throws IOException {
    String set =
        """
        {:index 0 :time 1 :process 0 :type :invoke :f :add :value [7 1]}
        {:index 1 :time 2 :process 0 :type :ok :f :add :value [7 1]}
        {:index 2 :time 3 :process 0 :type :invoke :f :read :value [7 nil]}
        {:index 3 :time 4 :process 0 :type :ok :f :read :value [7 []]}
        """;
    assertEquals(
        1,
        execute(
            set,
            "--checker",
            "set",
            "-O",
            "independent=true",
            "--report",
            folder.resolve("r").toString()));
    assertTrue(line().contains("key 7: 1 acknowledged elements are not in the last read"), line());
    assertTrue(Files.exists(folder.resolve("r/h.edn/timeline.html")));
  }
}
