package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.checker.linearizability.models.NamedModel;
import picocli.CommandLine;

/** What {@code check} says of histories that show nothing, are not well formed, or name clients. */
class WhatIsCheckedTest {
  @TempDir private Path folder;
  private int exitCode;

  /** What {@code check} prints for this history, on both streams, without the folder. */
  private String check(String history, String... options) throws IOException {
    Path file = Files.writeString(folder.resolve("h"), history);
    List<String> arguments = new ArrayList<>(List.of("check", file.toString()));
    arguments.addAll(List.of(options));
    StringWriter text = new StringWriter();
    CommandLine line = Phaistos.commandLine();
    line.setOut(new PrintWriter(text, true));
    line.setErr(new PrintWriter(text, true));
    exitCode = line.execute(arguments.toArray(String[]::new));
    return text.toString().replace(folder + "/", "");
  }

  private static String pair(String process, String f, String asked, String answered) {
    return "{:process %s, :type :invoke, :f :%s, :value %s}\n".formatted(process, f, asked)
        + "{:process %s, :type :ok, :f :%s, :value %s}\n".formatted(process, f, answered);
  }

  @Test
  void ofNothingEveryCheckerAndModelSaysUnknownWithTheReason() throws IOException {
    List<String> empty =
        List.of(
            "; nothing\n",
            "[]",
            "#_{:process 0, :type :invoke, :f :read}\n",
            "{:process :nemesis, :type :info, :f :start, :value nil}\n");
    List<String[]> all = new ArrayList<>();
    for (String name : NamedModel.names()) {
      all.add(
          switch (name) {
            case "bounded-queue" -> new String[] {"--model", name, "--initial", "10"};
            case "bank" -> new String[] {"--model", name, "--initial", "{:a 10, :b 0}"};
            default -> new String[] {"--model", name};
          });
    }
    FileChecks.BY_NAME.keySet().stream()
        .filter(name -> !name.equals("log-pattern")) // checks logs, and needs them
        .forEach(name -> all.add(new String[] {"--checker", name}));
    for (String history : empty) {
      for (String[] options : all) {
        String said = check(history, options);
        assertEquals(2, exitCode, options[1] + ": " + said);
        assertTrue(
            said.matches("(?s).*(nothing|never|no operation|no transaction|there is no).*"),
            options[1] + ": " + said);
      }
    }
  }

  @Test
  void operationsOfWhichNoneWasAcknowledgedAreNothing() throws IOException {
    for (String type : List.of("fail", "info")) {
      String history =
          pair("0", "write", "1", "1").replace(":type :ok", ":type :" + type)
              + "{:process 1, :type :invoke, :f :read, :value nil}\n";
      String said = check(history, "--model", "register");
      assertEquals(
          "h\tunknown\tnothing was checked: of 2 operations none was acknowledged\n", said);
    }
    String txn = "{:process 0, :type :%s, :f :txn, :value [[:append 1 1]]}\n";
    String failed = txn.formatted("invoke") + txn.formatted("fail");
    assertTrue(check(failed, "--checker", "list-append").contains("nothing was checked: of 1 t"));
  }

  @Test
  void aValidVerdictSaysOnHowManyOperationsItRests() throws IOException {
    String history = pair("\"a\"", "write", "1", "1") + pair(":b", "read", "nil", "1");
    assertTrue(
        check(history, "--model", "register").startsWith("h\tvalid\trests on 2 operations, all"));
    String set = pair(":a", "add", "1", "1") + pair("b", "read", "nil", "#{1N}");
    String open = "{:process 3, :type :invoke, :f :add, :value 2}\n";
    assertEquals(
        "h\tvalid\trests on 3 operations, 2 acknowledged\n", check(set + open, "--checker", "set"));
  }

  @Test
  void namedClientsAreJudgedAsNumberedOnesAre() throws IOException {
    for (String name : List.of("7", "\"w-0\"", ":w0", "w0", "[0 1]", "#uuid \"a\"", ":n/w")) {
      String bad = pair(name, "write", "1", "1") + pair("1", "read", "nil", "7");
      assertTrue(check(bad, "--model", "register").startsWith("h\tinvalid\t"), name);
      String other = pair("1", "write", "1", "1") + pair(name, "read", "nil", "7");
      assertTrue(
          check(other, "--model", "register").contains("process " + name + "'s read 7"), name);
      String two = pair(name, "generate", "nil", "5") + pair("1", "generate", "nil", "5");
      assertTrue(check(two, "--checker", "unique-ids").startsWith("h\tinvalid\t"), name);
      String aborted =
          pair(name, "txn", "[[:append 1 1]]", "[[:append 1 1]]").replace(":ok", ":fail")
              + pair("1", "txn", "[[:r 1 nil]]", "[[:r 1 [1]]]");
      assertTrue(check(aborted, "--checker", "list-append").contains("G1a"), name);
    }
  }

  @Test
  void aValueThatIsNoneNamesLineEventAndWhatWasExpected() throws IOException {
    String[][] wrong = {
      {"counter", "add", "\"one\"", "h:1: event 0: an add to a counter is a number, not \"one\""},
      {"counter", "read", ":x", "h:2: event 1: a read of a counter is a number, not :x"},
      {"set", "read", "\"1 2\"", "h:2: event 1: a read of a set is a collection of its elements"},
      {"set-full", "read", "{1 1}", "h:2: event 1: a read of a set is a collection of its elem"},
      {"total-queue", "drain", ":exhausted", "h:2: event 1: a drain is a collection of the elem"},
      {"monotonic", "read", "1/2", "h:2: event 1: a read is a collection of rows, not 1/2"},
      {"bank", "read", "true", "h:2: event 1: a read of the bank is a map of accounts"},
      {"bank", "read", "{0 \"ten\"}", "h:2: event 1: each balance is a number"},
      {"g2", "insert", "7", "h:1: event 0: an insert is [key [a-id b-id]], not 7"},
      {"long-fork", "read", "7", "h:1: event 0: a value is a list of steps"},
      {"causal-reverse", "read", "7", "h:2: event 1: a read is a collection"},
    };
    for (String[] row : wrong) {
      String said = check(pair("0", row[1], row[2], row[2]), "--checker", row[0]);
      assertTrue(said.startsWith("h\tunknown\t" + row[3]), row[0] + ": " + said);
    }
  }

  @Test
  void numbersAreThoseOfClojure() throws IOException {
    String adds = pair("0", "add", "1", "1") + pair("0", "add", "2N", "2N");
    for (String read : List.of("3", "3N", "3.0", "3M", "6/2")) {
      assertTrue(
          check(adds + pair("1", "read", "nil", read), "--checker", "counter")
              .startsWith("h\tvalid"),
          read);
    }
    String balances = pair("0", "read", "nil", "{0 10 1 10}");
    assertTrue(
        check(balances + pair("1", "read", "nil", "{0 7N 1 13N}"), "--checker", "bank")
            .startsWith("h\tvalid"));
    assertTrue(
        check(balances + pair("1", "read", "nil", "{0 7 1 13.5}"), "--checker", "bank")
            .startsWith("h\tinvalid"));
  }

  @Test
  void sessionsWithoutRealTimeAreNotJudgedByIt() throws IOException {
    String text = "w(1,1,0,0)\nr(1,1,1,1)\n";
    String said = check(text, "--checker", "rw-register");
    assertTrue(said.startsWith("h\tvalid\t") && said.contains("no real time"), said);
    said = check(text, "--checker", "rw-register", "--consistency-model", "strict-serializable");
    assertTrue(said.startsWith("h\tunknown\t") && said.contains("real time"), said);
    assertEquals(2, exitCode);
  }

  /** Whatever becomes of a file, no verdict rests on nothing and no exception is a reason. */
  @Test
  void mutatedHistoriesGetNoVerdictOutOfNothing() throws IOException {
    long seed = Long.getLong("phaistos.fuzz.seed", System.nanoTime());
    Random random = new Random(seed);
    String[][] forms = {
      {"--model", "register", pair("0", "write", "1", "1") + pair("1", "read", "nil", "1")},
      {"--checker", "set", pair("0", "add", "1", "1") + pair("1", "read", "nil", "#{1}")},
      {"--checker", "counter", pair("0", "add", "1", "1") + pair("1", "read", "nil", "1")},
      {"--checker", "rw-register", "w(1,1,0,0)\nr(1,1,1,1)\n"},
      {"--checker", "list-append", pair("0", "txn", "[[:append 1 1]]", "[[:append 1 1]]")},
    };
    for (int i = 0; i < Integer.getInteger("phaistos.fuzz.tries", 40); i++) {
      for (String[] form : forms) {
        StringBuilder mutant = new StringBuilder(form[2]);
        for (int change = random.nextInt(3); change >= 0; change--) {
          int at = random.nextInt(mutant.length());
          if (random.nextBoolean()) {
            mutant.setCharAt(at, (char) (' ' + random.nextInt(95)));
          } else {
            mutant.delete(at, Math.min(mutant.length(), at + random.nextInt(60)));
          }
          mutant.append('\n');
        }
        String said = check(mutant.toString(), form[0], form[1]);
        String where = "seed " + seed + ": " + mutant + said;
        assertTrue(exitCode >= 0 && exitCode <= 2, where);
        assertFalse(said.contains("Exception") || said.contains("checker failed"), where);
        assertTrue(exitCode != 0 || said.matches("(?s).*rests on [1-9].*"), where);
      }
    }
  }
}
