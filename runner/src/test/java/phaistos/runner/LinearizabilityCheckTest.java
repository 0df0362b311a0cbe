package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code check --model NAME FILE...}, as a user types it. */
class LinearizabilityCheckTest {
  private static final String MODELS =
      "register, cas-register, multi-register, key-value, mutex, reentrant-mutex, owner-mutex,"
          + " fenced-mutex, semaphore, fifo-queue, unordered-queue, bounded-queue, deque,"
          + " stack, priority-queue, set, counter, etcd, bank, noop";

  /** Process 1 reads 2 after 1 was written. */
  private static final String BAD =
      """
      {:process 0, :type :invoke, :f :write, :value 1}
      {:process 0, :type :ok, :f :write, :value 1}
      {:process 1, :type :invoke, :f :read, :value nil}
      {:process 1, :type :ok, :f :read, :value 2}
      """;

  private static final String GOOD = BAD.replace("2}", "1}");
  private static final String WHY =
      "no order of the operations explains process 1's read 2 (invoked at 2, ok at 3)";

  /** No order of 22 writes and 22 crashed swaps gives 77, and there are many orders. */
  private static final String HARD =
      IntStream.range(0, 22)
              .mapToObj(
                  i ->
                      "{:process %d, :type :invoke, :f :cas, :value [%d %d]}\n"
                              .formatted(i, i, i + 1000)
                          + "{:process %d, :type :invoke, :f :write, :value %d}\n"
                              .formatted(100 + i, i))
              .collect(Collectors.joining())
          + IntStream.range(0, 22)
              .mapToObj(
                  i -> "{:process %d, :type :ok, :f :write, :value %d}\n".formatted(100 + i, i))
              .collect(Collectors.joining())
          + """
          {:process 500, :type :invoke, :f :read, :value nil}
          {:process 500, :type :ok, :f :read, :value 77}
          """;

  @TempDir private Path folder;
  private final List<Path> files = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private LinearizabilityCheckTest file(String name, String text) throws IOException {
    files.add(Files.writeString(folder.resolve(name), text));
    return this;
  }

  private int check(String... options) {
    List<String> arguments = new ArrayList<>(List.of("check"));
    arguments.addAll(Arrays.asList(options));
    files.forEach(file -> arguments.add(file.toString()));
    CommandLine line = Phaistos.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments.toArray(String[]::new));
  }

  /** Without what a valid verdict rests on, which a test of its own looks at. */
  private String printed() {
    String text = out.toString().replace(folder + "/", "").replaceAll("(?m)\\trests on .*$", "\t");
    out.getBuffer().setLength(0);
    return text;
  }

  private String complained() {
    String text = err.toString();
    err.getBuffer().setLength(0);
    return text;
  }

  /** The one line that {@code check} prints for this history. */
  private String verdict(String model, String history, String... options) throws IOException {
    files.clear();
    file("h", history);
    String[] all = Arrays.copyOf(options, options.length + 2);
    all[options.length] = "--model";
    all[options.length + 1] = model;
    check(all);
    return printed().strip();
  }

  @Test
  void printsPathVerdictAndReasonWithTabsForEachFile() throws IOException {
    assertEquals(0, file("good", GOOD).check("--model", "cas-register"));
    assertEquals("good\tvalid\t\n", printed());
    assertEquals(1, file("bad", BAD).check("--model", "cas-register"));
    assertEquals("good\tvalid\t\nbad\tinvalid\t" + WHY + "\n", printed());
  }

  @Test
  void theExitCodeIsThatOfTheWorstAndAMalformedFileKeepsNoOtherFromItsCheck() throws IOException {
    file("a", GOOD).file("typo", GOOD.replace(":type :ok, :f :read", ":typ :ok, :f :read"));
    assertEquals(2, file("b", GOOD).check("--model", "register"));
    assertEquals(
        """
        a\tvalid\t
        typo\tunknown\ttypo:4: an event's type is none of invoke, ok, fail, info: nil
        b\tvalid\t
        """,
        printed());
    assertEquals(1, file("c", BAD).check("--model", "register"));
    assertTrue(printed().endsWith("b\tvalid\t\nc\tinvalid\t" + WHY + "\n"));
  }

  @Test
  void whatIsWrongIsNamedByFileAndLine() throws IOException {
    String[][] typos = {
      {
        ":value 1}\n{:process 1, :type :i",
        ":value 1\n{:process 1, :type :i",
        "h:3: a map in the place of"
      },
      {":ok, :f :read", ":okay, :f :read", "h:4: an event's type is none of"},
      {":invoke, :f :read", ":invoke, :f :raed", "h:3: a register knows :read, :write and :cas"},
      {":ok, :f :read", ":ok, :f :write", "h:4: a completion of :write for an invocation of :read"},
      {
        "{:process 1, :type :invoke",
        "{:proces 1, :type :invoke",
        "h:3: some events have a :process"
      },
      {"{:process 1, :type :ok", "{:process 1.5, :type :ok", "h:4: process 1.5 completes (ok)"},
      {"{:process 1, :type :ok", "{:process 3, :type :ok", "h:4: process 3 completes (ok) what it"},
      {":type :ok, :f :write", ":type :invoke, :f :write", "h:2: process 0 invokes while its call"},
      {":value 2}\n", ":value 2\n", "h:5: the text ends before the } of line 4"},
      {":value 2}\n", ":value 2}}\n", "h:4: unexpected }"},
      {"{:process 0, :type :i", "process 0, :type :i", "h:1: in none of the forms of a"},
      {"{:process 0, :type :i", "[{:process 0, :type :i", "h:5: the text ends before the ] of"},
    };
    for (String[] typo : typos) {
      assertTrue(BAD.contains(typo[0]), typo[0]);
      String line = verdict("cas-register", BAD.replace(typo[0], typo[1]));
      assertTrue(line.startsWith("h\tunknown\t" + typo[2]), typo[1] + " gives: " + line);
    }
    assertEquals("h\tunknown\th: the file is empty", verdict("cas-register", ""));
    files.clear();
    files.add(folder.resolve("none"));
    assertEquals(254, check("--model", "noop"));
    assertEquals(
        "phaistos: no such file or directory: " + folder.resolve("none") + "\n", complained());
    assertEquals("", printed());
  }

  @Test
  void anErrorBeforeItIsKnownWhetherThereAreKeysHasItsOwnLine() throws IOException {
    String keyed =
        """
        {:process 0, :type :invoke, :f :write, :value [1 1]}
        {:process 0, :type :ok, :f :wriet, :value [1 1]}
        {:process 1, :type :invoke, :f :read, :value [1 nil]}
        """;
    assertTrue(verdict("register", keyed).contains("\th:2: a completion of :wriet"));
  }

  @Test
  void aTornLastLineLeavesAValidHistoryUnknownAndAnInvalidOneInvalid() throws IOException {
    String torn = "{:process 1, :type :inv";
    assertEquals(
        "h\tunknown\th:5: the last event is torn and left out; up to there it is linearizable",
        verdict("register", GOOD + torn));
    assertEquals("h\tinvalid\t" + WHY, verdict("register", BAD + torn));
  }

  @Test
  void everySpellingOfAHistoryGetsTheSameVerdict() throws IOException {
    String etcd =
        """
        INFO  jepsen.util - 0\t:invoke\t:write\t1
        INFO  jepsen.util - 0\t:ok\t:write\t1
        INFO  jepsen.util - 1\t:invoke\t:read\tnil
        INFO  jepsen.util - 1\t:ok\t:read\t2
        """;
    String json = BAD.replace("{:", "{\"").replace(", :", ", \"").replace(" ", ": ");
    json = json.replaceAll("\"(\\w+): ", "\"$1\": ").replaceAll(": :(\\w+)", ": \"$1\"");
    json = json.replace(",: ", ", ").replace("nil", "null");
    for (String spelling :
        List.of(
            BAD,
            BAD.replace("\n", "\r\n"),
            "; comment\n[" + BAD + "]",
            "(" + BAD + ")\n",
            BAD.replace("{", "#jepsen.history.Op{:index nil, :time 7 "),
            BAD.replaceAll(":(process|type|f|value) ", "\"$1\" "),
            BAD.replace(", ", " ").replace("}\n", "} ; note\n"),
            json,
            etcd,
            etcd.replace("\n", "\r\n"))) {
      assertEquals("h\tinvalid\t" + WHY, verdict("cas-register", spelling), spelling);
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(BAD.getBytes(StandardCharsets.UTF_8));
    }
    files.clear();
    files.add(Files.write(folder.resolve("h.gz"), packed.toByteArray()));
    assertEquals(1, check("--model", "cas-register"));
    assertEquals("h.gz\tinvalid\t" + WHY + "\n", printed());
  }

  @Test
  void independentKeysAreToldInAllSpellingsOfTheirTuples() throws IOException {
    for (String tuple :
        List.of(
            "[7 %s]",
            "(7 %s)",
            "#jepsen.independent/tuple [7 %s]",
            "#jepsen.independent.Tuple[7 %s]",
            "#jepsen.independent.Tuple{:key 7, :value %s}",
            "#clojure.lang.MapEntry[7 %s]")) {
      String keyed = BAD.replaceAll(":value (\\w+)", ":value " + tuple.replace("%s", "$1"));
      assertEquals("h\tinvalid\tkey 7: " + WHY, verdict("cas-register", keyed), tuple);
    }
  }

  @Test
  void nilsAndTheNemesisConstrainNothing() throws IOException {
    String history =
        """
        {:process :nemesis, :type :info, :f :start, :value nil}
        {:process 0, :type :invoke, :f :write, :value 1}
        {:process 0, :type :ok, :f :write}
        {:process :nemesis, :type :info, :f :start, :value "Cut off [:n3 #[:n4"}
        {:process 1, :type :invoke, :f :read}
        {:process 1, :type :ok, :f :read, :value nil}
        {:process 2, :type :invoke, :f :read, :value nil}
        {:process 2, :type :info, :f :read, :value nil, :error :timeout}
        {:process 3, :type :invoke, :f :cas, :value [1 5]}
        {:process 3, :type :fail, :f :cas, :value [1 5]}
        {:process 4, :type :invoke, :f :write, :value 6}
        """;
    assertEquals("h\tvalid", verdict("cas-register", history));
  }

  @Test
  void theInitialStateIsTheUsers() throws IOException {
    String reads =
        """
        {:process 0, :type :invoke, :f :read, :value nil}
        {:process 0, :type :ok, :f :read, :value 3}
        """;
    assertEquals("h\tvalid", verdict("register", reads, "--initial", "3"));
    assertTrue(verdict("register", reads).startsWith("h\tinvalid"));
    String txn =
        "{:process 0, :type :invoke, :f :txn, :value [[:read :x nil]]}\n"
            + "{:process 0, :type :ok, :f :txn, :value [[:read :x 0]]}\n";
    assertEquals("h\tvalid", verdict("multi-register", txn, "--initial", "{:x 0 :y 0}"));
    assertTrue(verdict("multi-register", txn).startsWith("h\tinvalid"));
  }

  @Test
  void everyAlgorithmAndNumberOfThreadsGivesTheSame() throws IOException {
    for (String algorithm : List.of("wgl", "linear", "competition")) {
      for (String threads : List.of("1", "2", "5")) {
        String[] options = {"--algorithm", algorithm, "--threads", threads};
        assertEquals("h\tinvalid\t" + WHY, verdict("register", BAD, options));
        assertEquals("h\tvalid", verdict("register", GOOD, options));
      }
    }
  }

  @Test
  void limitsEndInUnknownWithHowFarItGot() throws IOException {
    for (String threads : List.of("1", "2")) {
      String[] options = {"--time-limit", "0.3", "--threads", threads};
      String line = verdict("cas-register", HARD, options);
      assertTrue(
          line.matches(
              "h\\tunknown\\tthe time limit is reached after \\d+ returns and \\d+ conf.*"),
          line);
    }
    String line = verdict("cas-register", HARD, "--memory-limit", "10", "--algorithm", "wgl");
    assertTrue(line.startsWith("h\tunknown\tthe memory limit of 10 MB is reached after"), line);
  }

  @Test
  void jsonIsOneObjectALineWithTheExplanation() throws IOException {
    assertEquals(1, file("good", GOOD).file("bad", BAD).check("--model", "register", "--json"));
    String[] lines = printed().split("\n");
    assertEquals(2, lines.length);
    assertTrue(lines[0].startsWith("{\"path\":\"good\",\"verdict\":\"valid\",\"reason\":\"\""));
    assertTrue(lines[1].startsWith("{\"path\":\"bad\",\"verdict\":\"invalid\",\"reason\":\"no o"));
    for (String part :
        List.of(
            "\"model\":\"register\"",
            "\"algorithm\":\"competition\"",
            "\"operations\":2",
            "can't read 2 from register 1")) {
      assertTrue(lines[1].contains(part), lines[1]);
    }
  }

  @Test
  void explainAndReportSayWhy() throws IOException {
    String report = folder.resolve("pages").toString();
    file("bad", BAD).check("--model", "register", "--explain", "--report", report);
    assertTrue(printed().contains("read 2: can't read 2 from register 1"));
    assertTrue(Files.readString(folder.resolve("pages/bad.html")).contains("<svg"));
    assertFalse(Files.exists(folder.resolve("pages/good.html")));
  }

  @Test
  void wrongArgumentsAreOneLineThatNamesThem() throws IOException {
    file("good", GOOD);
    String[][] wrong = {
      {"check needs --model, one of " + MODELS + ", or --checker, one of "},
      {"no model casregister; known are [" + MODELS + "]", "--model", "casregister"},
      {
        "--algorithm is wgl, linear or competition", "--model", "register", "--algorithm", "knossos"
      },
      {"--time-limit is not above 0", "--model", "register", "--time-limit", "0"},
      {"Invalid value for option '--time-limit'", "--model", "register", "--time-limit", "soon"},
      {"--threads is not above 0: 0", "--model", "register", "--threads", "0"},
      {"--memory-limit is not above 0: -1", "--model", "register", "--memory-limit", "-1"},
      {"--initial is no EDN: --initial:1: the text ends", "--model", "register", "--initial", "{"},
      {"--initial is one value", "--model", "register", "--initial", "1 2"},
      {"a multi-register starts with a map, not 3", "--model", "multi-register", "--initial", "3"},
      {"mutex has no other initial state", "--model", "mutex", "--initial", "1"},
      {"the initial state is a number, not :x", "--model", "counter", "--initial", ":x"},
      {"check takes --model or --checker", "--model", "mutex", "--checker", "set"},
      {"no option --modle; did you mean --model? (see ", "--modle", "mutex"},
    };
    for (String[] one : wrong) {
      assertEquals(254, check(Arrays.copyOfRange(one, 1, one.length)), one[0]);
      String message = complained();
      assertTrue(message.startsWith("phaistos: " + one[0]), message);
      assertEquals(1, message.strip().lines().count(), message);
      assertEquals("", printed());
    }
    files.clear();
    assertEquals(254, check("--model", "register"));
    assertTrue(complained().contains("FILE"));
  }
}
