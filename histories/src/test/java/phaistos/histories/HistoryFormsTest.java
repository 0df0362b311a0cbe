package phaistos.histories;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms of other tools and of Jepsen's stores, each as small as it can be. */
class HistoryFormsTest {
  private static final String EDN =
      """
      {:process 0, :type :invoke, :f :write, :value 1}
      {:process 0, :type :ok, :f :write, :value 1}
      {:process 1, :type :invoke, :f :read, :value nil}
      {:process 1, :type :ok, :f :read, :value 1}
      """;

  private static final String CALLS =
      """
      {"ClientId": 1, "Input": {"op": "read"}, "Call": 11, "Output": {"value": 1}, "Return": 21}
      {"ClientId": 0, "Input": {"op": "write", "value": 1}, "Call": 0, "Output": {}, "Return": 10}
      """;

  /** Two sessions: one writes x and then reads it and writes y, the other reads both. */
  private static final List<String> SESSIONS =
      List.of(
          "w(1,1,0,0)\nr(1,1,0,1)\nw(2,5,0,1)\nr(2,5,1,2)\nr(1,0,1,2)\n",
          "w 1 1\n-----\nr 1 1\nw 2 5\n=====\nr 2 5\nr 1 0",
          """
          [[{"events": [{"Write": {"variable": 1, "version": 1}}], "committed": true},
            {"events": [["r", 1, 1], ["w", 2, 5]], "committed": true}],
           [{"events": [{"Read": {"variable": 2, "version": 5}},
                        {"Read": {"variable": 1, "version": null}}], "committed": true}]]
          """);

  private static HistoryReader reader(String text) {
    return reader(text.getBytes(StandardCharsets.UTF_8));
  }

  private static HistoryReader reader(byte[] bytes) {
    return HistoryReader.of(new ByteArrayInputStream(bytes), "h");
  }

  /** Process, type, f and value of each event. */
  private static String shown(HistoryReader reader) {
    return reader.readEvents().stream()
        .map(
            e ->
                (e.process() instanceof Process.Client c ? EdnWriter.print(c.value()) : "nemesis")
                    + " "
                    + e.type()
                    + " "
                    + e.call().name()
                    + " "
                    + EdnWriter.print(e.call().value()))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void namedProcessesAreClientsAndFaultsAreNot() {
    for (String name : List.of("\"a\"", ":a", "a", "[0 1]", ":n/a", "1.5", "\"0\"")) {
      assertEquals(
          shown(reader(EDN)).replaceAll("(?m)^0", java.util.regex.Matcher.quoteReplacement(name)),
          shown(reader(EDN.replace(":process 0", ":process " + name))));
    }
    assertEquals(
        "nemesis info start nil\nnemesis info kill nil\nnemesis info heal nil",
        shown(
            reader(
                """
                {:process :nemesis, :type :info, :f :start}
                {:process "nemesis", :type :info, :f :kill}
                {:process :chaos, :type :info, :f :heal}
                """)));
  }

  @Test
  void eventsWithoutAProcessArePairedWhereThatIsCertain() {
    String bare = EDN.replaceAll(":process \\d, ", "");
    HistoryReader sequential = reader(bare);
    assertEquals(2, sequential.readAll().operations().size());
    assertTrue(sequential.remarks().getFirst().contains("no :process"));
    String overlapping = bare.replace("{:type :ok, :f :write, :value 1}\n", "");
    HistoryException e =
        assertThrows(
            HistoryException.class,
            () -> reader(overlapping + "{:type :ok, :f :write, :value 1}").readAll());
    assertTrue(e.getMessage().startsWith("h:3: an event without a :process"), e.getMessage());
    assertThrows(HistoryException.class, () -> reader(EDN + bare).readAll());
  }

  @Test
  void aCompletionNeedsAnInvocation() {
    for (String type : List.of("ok", "fail", "info")) {
      String orphan = EDN + "{:process 0, :type :%s, :f :write, :value 1}\n".formatted(type);
      HistoryException e = assertThrows(HistoryException.class, () -> reader(orphan).readAll());
      assertTrue(e.getMessage().startsWith("h:5: process 0 completes (" + type), e.getMessage());
    }
  }

  @Test
  void textsAndLogsOfJepsenSayWhatItsEdnSays() {
    String lines =
        "0\t:invoke\t:write\t1\n0\t:ok\t:write\t1\n1\t:invoke\t:read\tnil\n1\t:ok\t:read\t1\n";
    List<String> prefixes =
        List.of(
            "",
            "INFO  jepsen.util - ",
            "INFO [2019-03-04 10:11:12,000] jepsen worker 0 - jepsen.util ",
            "2021-03-04 10:11:12,000{GMT}\tINFO\t[jepsen worker 0] jepsen.util: ",
            "2025-03-04 10:11:12,000{UTC}\tINFO\t[jepsen worker 0] jepsen.print: ");
    for (String prefix : prefixes) {
      String text = lines.replaceAll("(?m)^(?=.)", prefix);
      assertEquals(shown(reader(EDN)), shown(reader(text)), prefix);
      if (!prefix.isEmpty()) {
        String noise = text.replaceFirst("\n", "\njava.lang.Exception: x\n\tat a.b(C.java:1)\n");
        assertEquals(shown(reader(EDN)), shown(reader(noise)), prefix);
      }
    }
    assertEquals(shown(reader(EDN)), shown(reader(lines.replace("\t", " \t"))));
    List<Event<UntypedCall>> failed =
        reader("0\t:invoke\t:write\t1\n0\t:info\t:write\t1\tsome \"error\n of two lines\n")
            .readEvents();
    assertEquals(Edn.of("some \"error"), failed.getLast().details().error().orElseThrow());
    assertThrows(HistoryException.class, () -> reader(lines + "nonsense\n" + lines).readAll());
  }

  @Test
  void callsAndReturnsAreOrderedByTheirTimes() {
    for (String text :
        List.of(
            CALLS,
            "[" + CALLS.strip().replace("}\n{", "},\n{") + "]",
            "{\"model\": \"register\", \"operations\": ["
                + CALLS.strip().replace("}\n{", "},\n{")
                + "]}",
            CALLS.replace("ClientId", "clientid").replace("Call", "call").replace("Input", "input"),
            CALLS.replace("\"op\"", "\"Type\"").replace("\"read\"", "\"GET\""),
            CALLS.replaceAll("(\"(?:Call|Return)\": \\d+)", "$1.5"))) {
      assertEquals(shown(reader(EDN)), shown(reader(text)), text);
    }
    assertEquals(
        "0 invoke write 1\n1 invoke read nil\n0 ok write 1\n1 ok read 1",
        shown(reader(CALLS.replace("11", "10"))),
        "intervals that touch overlap");
    assertEquals(
        "0 invoke write 1\n1 invoke read nil\n1 ok read 1",
        shown(reader(CALLS.replace("\"Return\": 10", "\"Return\": null"))));
    refuses(
        CALLS.replace("\"Call\": 0", "\"Call\": 11"), "h:2: an operation returns at 10, before");
    refuses(CALLS.replace("\"op\": \"read\"", "\"x\": 1"), "h:1: the Input names no operation");
    refuses(CALLS.replace("21}", "\"late\"}"), "h:1: Return is no time");
  }

  @Test
  void requestsOfEtcdsRobustnessTestsAreCallsOnAStore() {
    String put =
        "{\"ClientId\":1,\"Input\":{\"Type\":\"txn\",\"Txn\":{\"Conditions\":null,"
            + "\"OperationsOnSuccess\":[{\"Type\":\"put-operation\",\"Put\":{\"Key\":\"k\","
            + "\"Value\":{\"Value\":\"2\",\"Hash\":0},\"LeaseID\":0}}]}},\"Call\":1,"
            + "\"Output\":{\"Txn\":{\"Failure\":false},\"Error\":\"\"},\"Return\":2}\n";
    String get =
        "{\"ClientId\":2,\"Input\":{\"Type\":\"range\",\"Range\":{\"Start\":\"k\",\"End\":\"\"}},"
            + "\"Call\":3,\"Output\":{\"Range\":{\"KVs\":[{\"Key\":\"k\",\"Value\":{\"Value\":"
            + "\"2\"}}],\"Count\":1},\"Error\":\"\"},\"Return\":4}\n";
    assertEquals(
        "1 invoke put [\"k\" \"2\"]\n1 ok put [\"k\" \"2\"]\n2 invoke get [\"k\" nil]\n"
            + "2 ok get [\"k\" \"2\"]",
        shown(reader(put + get)));
    String lost = put.replace("\"Error\":\"\"", "\"Error\":\"etcdserver: request timed out\"");
    assertEquals("1 invoke put [\"k\" \"2\"]", shown(reader(lost)));
  }

  @Test
  void transactionsOfSessionsAreCompletionsWithoutInvocations() {
    String expected =
        """
        0 ok txn [[:w 1 1]]
        0 ok txn [[:r 1 1] [:w 2 5]]
        1 ok txn [[:r 2 5] [:r 1 nil]]\
        """;
    for (String text : SESSIONS) {
      HistoryReader reader = reader(text);
      assertTrue(reader.format().isOfSessions(), text);
      assertEquals(expected, shown(reader), text);
    }
    assertEquals(
        "0 ok txn [[:w \"x\" 1]]\n0 fail txn [[:w \"x\" 2]]\n1 ok txn [[:r \"x\" nil]]",
        shown(reader("// c\n[x:=1] [x:=2]!\n---\n[x==?]\n")));
    assertEquals(
        "0 fail txn [[:w 1 1]]\n1 ok txn [[:r 1 1]]", shown(reader("w(1,1,0,-1)\nr(1,1,1,2)")));
    assertEquals(
        "0 ok txn [[:w 0 0]]\n1 ok txn [[:r 0 0] [:r 1 nil]]",
        shown(reader("w 0 0\n===\nr 0 0\nr 1 0")),
        "0 is the initial state where nobody wrote it");
    refuses("w(1,1,0,0)\nr(1,1,1,0)\n", "h:2: transaction 0 is of session 0 and of session 1");
    refuses("w(1,1,0,0)\nnonsense\n", "h:2: not r(key,value,session,transaction)");
  }

  @Test
  void whatIsPackedOrInAnotherCharsetIsReadAsItIs(@TempDir Path folder) throws IOException {
    for (String name : List.of("UTF-16", "UTF-16LE", "UTF-16BE", "UTF-8")) {
      assertEquals(shown(reader(EDN)), shown(reader(EDN.getBytes(Charset.forName(name)))), name);
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(new BZip2CompressorOutputStream(packed))) {
      for (String name : List.of("run/results.edn", "run/history.edn", "run/jepsen.log")) {
        byte[] content = (name.contains("history") ? EDN : "{}").getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    assertEquals(shown(reader(EDN)), shown(reader(packed.toByteArray())));
    Files.createDirectories(folder.resolve("test/run"));
    HistoryException none = assertThrows(HistoryException.class, () -> HistoryReader.open(folder));
    assertTrue(none.getMessage().contains("the folder holds no history"), none.getMessage());
    Files.writeString(folder.resolve("test/run/history.edn"), EDN);
    Files.writeString(folder.resolve("test/run/jepsen.log"), "noise\n");
    try (HistoryReader reader = HistoryReader.open(folder)) {
      assertEquals(shown(reader(EDN)), shown(reader));
      assertEquals(List.of("read from test/run/history.edn"), reader.remarks());
    }
    Files.createDirectories(folder.resolve("test/other"));
    Files.writeString(folder.resolve("test/other/history.txt"), "0\t:invoke\t:read\tnil\n");
    HistoryException two = assertThrows(HistoryException.class, () -> HistoryReader.open(folder));
    assertTrue(two.getMessage().contains("more than one history"), two.getMessage());
  }

  @Test
  void aStoreFileOfJepsenIsReadAndItsDamageFound() throws IOException {
    byte[] store = StoreFile.of(reader(EDN).readEvents());
    assertEquals(shown(reader(EDN)), shown(reader(store)));
    for (int i = 18; i < store.length; i++) { // behind the place of the index
      byte[] damaged = store.clone();
      damaged[i] ^= 4;
      HistoryException e =
          assertThrows(HistoryException.class, () -> reader(damaged).readAll(), "byte " + i);
      assertTrue(e.getMessage().startsWith("h"), e.getMessage());
    }
  }

  /** Every form, cut off, with bytes changed and lines repeated: read, or a clear error. */
  @Test
  void mutatedFilesOfEveryFormGiveClearErrorsOnly() throws IOException {
    long seed = Long.getLong("phaistos.fuzz.seed", System.nanoTime());
    int tries = Integer.getInteger("phaistos.fuzz.tries", 150);
    Random random = new Random(seed);
    List<byte[]> forms =
        new java.util.ArrayList<>(
            SESSIONS.stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList());
    forms.add(EDN.getBytes(StandardCharsets.UTF_8));
    forms.add(EDN.getBytes(StandardCharsets.UTF_16));
    forms.add(CALLS.getBytes(StandardCharsets.UTF_8));
    forms.add("0\t:invoke\t:write\t1\n0\t:ok\t:write\t1\n".getBytes(StandardCharsets.UTF_8));
    forms.add("[x:=1 y==?]!\n---\n[y==5]\n".getBytes(StandardCharsets.UTF_8));
    forms.add(StoreFile.of(reader(EDN).readEvents()));
    for (byte[] form : forms) {
      for (int i = 0; i < tries; i++) {
        byte[] mutant = mutate(form, random);
        try {
          reader(mutant).readAll();
        } catch (HistoryException e) {
          String said = e.getMessage();
          assertTrue(
              said.startsWith("h") && !said.contains("Exception") && !said.contains("java."),
              "seed " + seed + ": " + said);
        }
      }
    }
  }

  private static byte[] mutate(byte[] form, Random random) {
    byte[] mutant = form.clone();
    switch (random.nextInt(3)) {
      case 0 -> mutant = java.util.Arrays.copyOf(form, random.nextInt(form.length));
      case 1 -> {
        for (int i = random.nextInt(4); i >= 0; i--) {
          mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
        }
      }
      default -> {
        int from = random.nextInt(form.length);
        int length = random.nextInt(form.length - from);
        mutant = java.util.Arrays.copyOf(form, form.length + length);
        System.arraycopy(form, from, mutant, form.length, length);
      }
    }
    return mutant;
  }

  private static void refuses(String text, String message) {
    HistoryException e =
        assertThrows(HistoryException.class, () -> reader(text).readEvents(), text);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }
}
