package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.nemesis.Faults;

/**
 * What people get wrong, as a table: each is one line on standard error that names what is wrong,
 * exit code 254, nothing on standard output, and no file anywhere. {@code @} stands for the test's
 * folder.
 */
class WrongInputTest {
  private static final String HISTORY =
      """
      {:process 0, :type :invoke, :f :write, :value 1}
      {:process 0, :type :ok, :f :write, :value 1}
      """;

  private static final String[][] WRONG = {
    // words that are mistyped
    {"no command 'chek'; did you mean check? (see ./phaistos --help)", "chek", "@/h.edn"},
    {"no command 'Audti'; did you mean audit?", "Audti"},
    {"no command 'tset'; did you mean test?", "tset"},
    {"no command 'simulate' (see ./phaistos --help)", "simulate"},
    {"no command 'foo'", "help", "foo"},
    {"no option --hlep; did you mean --help?", "--hlep"},
    {"no option --seeed; did you mean --seed? (see ./phaistos run --help)", "run", "--seeed", "1"},
    {"no option --time-limt; did you mean --time-limit?", "run", "--time-limt=5s"},
    {"no option --modle; did you mean --model?", "check", "--modle", "register", "@/h.edn"},
    {"no option --histroy; did you mean --history?", "audit", "--histroy", "@/h.edn"},
    {"no option --jsno; did you mean --json?", "inspect", "wal", "--jsno", "@/h.edn"},
    {"no option --dta; did you mean --data?", "server", "init", "--dta", "@/d"},
    {"no command 'wall'; did you mean wal?", "inspect", "wall", "@"},
    {"no command 'strat'; did you mean start?", "server", "strat"},
    {"unexpected argument: 'commits'", "run", "commits"},
    // values
    {"--workload: 'comits' (expected one of ", "run", "--workload", "comits"},
    {"; did you mean commits?", "run", "--workload", "comits"},
    {
      "--nemesis: 'flood' (expected one of partition, client-cut, slow-link, latency, ",
      "run",
      "--nemesis",
      "flood"
    },
    {"--nemesis: 'krash' (expected one of", "run", "--nemesis", "kill,krash"},
    {"; did you mean crash?", "run", "--nemesis", "kill,krash"},
    {"--nemesis: 'none' (expected one of", "run", "--nemesis", "kill,none"},
    {
      "no transaction has the id 4294967296, modulo 2^32 0 to 2", "run", "--first-xid", "4294967296"
    },
    {"--nemesis: 'swarm' (expected one of", "run", "--nemesis", "swarm"},
    {
      "--swarm draws the faults: it cannot be used with --nemesis",
      "run",
      "--swarm",
      "--nemesis",
      "kill"
    },
    {"--nemesis: 'kill*0' (expected one of", "run", "--nemesis", "kill*0"},
    {
      "--cluster: 'docker' (expected one of simulated, containers, processes)",
      "run",
      "--cluster",
      "docker"
    },
    {"--defect: 'no-such' (expected one of ", "run", "--defect", "no-such"},
    {"'many' is not an int", "run", "--concurrency", "many"},
    {"--concurrency: 0 (expected 1 to 1000)", "run", "--concurrency", "0"},
    {"--rate: -1 (expected 1 to 1000000)", "run", "--rate", "-1"},
    {"--nodes: 1 (expected 2 to 9)", "run", "--nodes", "1"},
    {"'12345678901234567890' is not a long", "run", "--seed", "12345678901234567890"},
    {"option '--seed' (N) should be specified only once", "run", "--seed", "1", "--seed", "2"},
    {"Missing required parameter for option '--seed'", "run", "--seed"},
    {"no checker sett; known are ", "check", "--checker", "sett", "@/h.edn"},
    {"no model casregister; known are ", "check", "--model", "casregister", "@/h.edn"},
    {"check needs --model", "check", "@/h.edn"},
    {"Missing required parameter: 'FILE'", "check", "--model", "register"},
    {"Missing required option: '--history=FILE'", "audit"},
    {"--images", "audit", "--history", "@/h.edn", "--images", "photos", "--node", "a=@"},
    // lengths of time
    {"no length of time: '5x' (expected for example", "run", "--time-limit", "5x"},
    {"no length of time: '1 m'", "run", "--time-limit", "1 m"},
    {"no length of time: ''", "run", "--time-limit", ""},
    {"--time-limit: 0s (expected above 0s, and up to 7d)", "run", "--time-limit", "0"},
    {"--time-limit: 691200s (expected above 0s, and", "run", "--time-limit", "8d"},
    {"too long a time: '999999999d'", "run", "--time-limit", "999999999d"},
    {"no length of time: 'soon'", "check", "--model", "mutex", "--time-limit", "soon", "@/h.edn"},
    {"no length of time: '-5'", "audit", "--history", "@/h.edn", "--time-limit", "-5"},
    {"no length of time: '2x'", "audit", "--history", "@/h.edn", "--wal-writer-delay", "2x"},
    {
      "component-seconds: no length of time: 'x'",
      "check",
      "--checker",
      "list-append",
      "-Ocomponent-seconds=x",
      "@/h.edn"
    },
    // paths
    {
      "no such file or directory: @/none.edn",
      "check",
      "--model",
      "register",
      "@/h.edn",
      "@/none.edn"
    },
    {"no such file or directory: @/h.edn/x", "check", "--model", "register", "@/h.edn/x"},
    {"no such file or directory: '' (an empty path)", "check", "--model", "register", ""},
    {
      "a file is in the way of a directory: @/h.edn",
      "check",
      "--model",
      "mutex",
      "--report",
      "@/h.edn",
      "@/h.edn"
    },
    {
      "no such directory: @/logs",
      "check",
      "--checker",
      "log-pattern",
      "-Opattern=x",
      "-Ologs=@/logs",
      "@/h.edn"
    },
    {"@/empty is no data directory", "audit", "--history", "@/none", "--node", "a=@/empty"},
    {"no such directory: @/none", "audit", "--history", "@/h.edn", "--node", "a=@/none"},
    {"is no directory: @/h.edn", "audit", "--history", "@/h.edn", "--node", "a=@/h.edn"},
    {"--node expects NAME=DATADIR", "audit", "--history", "@/h.edn", "--node", "@/empty"},
    {"no such file or directory: @/none", "inspect", "wal", "@/none"},
    {"no such file or directory: @/none", "inspect", "control", "@/none"},
    {"no such directory: @/none", "server", "start", "--data", "@/none"},
    {"is no directory: @/h.edn", "server", "start", "--data", "@/h.edn"},
    {"@/empty is no data directory", "server", "start", "--data", "@/empty"},
    {
      "no such file: @/none.conf", "server", "start", "--data", "@/empty", "--config", "@/none.conf"
    },
    {"a file is in the way of a directory: @/h.edn", "server", "init", "--data", "@/h.edn"},
  };

  @TempDir Path folder;
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setOut(out);
    System.setErr(err);
  }

  @Test
  void eachIsOneLineThatNamesItAndWritesNothing() throws IOException {
    assertTrue(WRONG.length >= 40);
    Files.writeString(folder.resolve("h.edn"), HISTORY);
    Files.createDirectory(folder.resolve("empty"));
    List<Path> before = files();
    for (String[] wrong : WRONG) {
      String[] words =
          Arrays.stream(wrong)
              .map(word -> word.replace("@", folder.toString()))
              .toList()
              .toArray(String[]::new);
      said.reset();
      complained.reset();
      int exit = Phaistos.run(Arrays.copyOfRange(words, 1, words.length));
      String line = complained.toString(StandardCharsets.UTF_8);
      String what = String.join(" ", words) + " gave: " + line;
      assertEquals(254, exit, what);
      assertTrue(line.startsWith("phaistos: ") && line.contains(words[0]), what);
      assertEquals(1, line.strip().lines().count(), what);
      assertEquals("", said.toString(StandardCharsets.UTF_8), what);
      assertEquals(before, files(), what);
    }
  }

  /** Below the test's folder, and what a run would have made here. */
  private List<Path> files() throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> below = Files.walk(folder)) {
      below.sorted().forEach(all::add);
    }
    assertTrue(!Files.exists(Path.of("store")), "a store");
    return all;
  }

  @Test
  void helpAndVersionAreCommands() {
    assertEquals(0, Phaistos.run("help"));
    String help = said.toString(StandardCharsets.UTF_8);
    for (String name :
        List.of("run", "check", "audit", "inspect", "server", "test", "bench", "format")) {
      assertTrue(help.contains("\n  " + name), help);
    }
    said.reset();
    assertEquals(0, Phaistos.run("help", "run"));
    help = said.toString(StandardCharsets.UTF_8);
    assertTrue(help.startsWith("Usage: phaistos run"), help);
    assertTrue(help.contains("ack-before-standby-flush"), "the defects: " + help);
    assertTrue(help.contains("60s, or drawn"), help);
    assertEquals(String.join(",", Faults.USUAL), FaultOptions.USUAL);
    assertTrue(help.contains("Default: " + FaultOptions.USUAL), help);
    said.reset();
    assertEquals(0, Phaistos.run("help", "inspect", "wal"));
    assertTrue(said.toString(StandardCharsets.UTF_8).startsWith("Usage: phaistos inspect wal"));
    said.reset();
    assertEquals(0, Phaistos.run("version"));
    assertTrue(said.toString(StandardCharsets.UTF_8).startsWith("phaistos "));
    assertEquals("", complained.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aReportSaysWhereItIsAndKeepsHistoriesOfOneNameApart() throws IOException {
    List<String> words =
        new ArrayList<>(List.of("check", "--model", "register", "--report", folder + "/r"));
    for (String name : List.of("a", "b")) {
      Path own = Files.createDirectory(folder.resolve(name));
      words.add(
          Files.writeString(
                  own.resolve("h.edn"),
                  HISTORY
                      .replace(":ok, :f :write", ":ok, :f :read")
                      .replace(":invoke, :f :write, :value 1", ":invoke, :f :read"))
              .toString());
    }
    assertEquals(1, Phaistos.run(words.toArray(String[]::new)));
    String notes = complained.toString(StandardCharsets.UTF_8);
    assertTrue(notes.contains("a/h.edn: report: " + folder + "/r/h.edn.html\n"), notes);
    assertTrue(notes.contains("b/h.edn: report: " + folder + "/r/h.edn-2.html\n"), notes);
    assertTrue(Files.exists(folder.resolve("r/h.edn-2.html")));
  }
}
