package phaistos.histories;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFilesTest {
  private static final String PAIR =
      "{:process 0, :type :invoke, :f :write, :value 3}\n"
          + "{:process 0, :type :ok, :f :write, :value 3}\n";

  @Test
  void tellsEveryFormatFromItsContent() {
    assertEquals(HistoryFormat.EDN, reader("; a comment\n[" + PAIR + "]").format());
    assertEquals(HistoryFormat.EDN, reader("(" + PAIR + ")\n\n").format());
    assertEquals(HistoryFormat.EDN_LINES, reader(PAIR).format());
    assertEquals(HistoryFormat.EDN_LINES, reader("#jepsen.history.Op" + PAIR).format());
    assertEquals(
        HistoryFormat.EDN_LINES,
        reader("{\"process\" 0, \"type\" \"info\", \"f\" \"x\", \"value\" nil}").format());
    assertEquals(HistoryFormat.EDN_LINES, reader("{\"type\" :info}").format());
    assertEquals(HistoryFormat.JSON, reader("{\"process\":0,\"type\":\"invoke\"}").format());
    assertEquals(HistoryFormat.JSON, reader("[{\"process\" : 0}]").format());
    assertEquals(
        HistoryFormat.ETCD_LOG, reader("INFO  jepsen.util - 4\t:invoke\t:read\tnil\n").format());
  }

  @Test
  void readsTheSameEventsFromEverySpelling() {
    List<Event<UntypedCall>> expected = reader(PAIR).readEvents();
    assertEquals(2, expected.size());
    for (String spelling :
        List.of(
            "[" + PAIR + "]",
            "; first\r\n(" + PAIR.replace("\n", "\r\n") + ")",
            "\uFEFF" + PAIR,
            PAIR.replace("{", "#jepsen.history.Op{"),
            PAIR.replace(", ", " ").replace("}\n", "} ; done\n"),
            PAIR.replace("{", "#_ {:left :out} {:index nil, "),
            "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":3}\n"
                + "{\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":3}",
            "[{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":3},\n"
                + "{\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":3}]",
            "INFO  jepsen.util - 0\t:invoke\t:write\t3\nINFO  jepsen.util - 0\t:ok\t:write\t3")) {
      assertEquals(expected, reader(spelling).readEvents(), spelling);
    }
    assertEquals(
        expected, HistoryReader.of(new ByteArrayInputStream(gzip(PAIR)), "x").readEvents());
  }

  @Test
  void keepsWhatItDoesNotKnowAndWritesItBack() {
    String line =
        "{:index 7, :time 12, :type :ok, :process 3, :f :cas, :value [1 2], :error [:odd nil],"
            + " :node \"n1\", :timeline 2, :xid 4294967999, :lsn \"0/16B3748\", :marker \"m1\","
            + " :synchronous-commit :remote_apply, :standby-names \"ANY 1 (a, b)\","
            + " :unreplicated true, \"text\" {:a #{1}}, :deep [(1) #t/x 2 \\a 1/3 2.50M 1.5]}";
    Event<UntypedCall> event = reader(line).next().orElseThrow();
    Details details = event.details();
    assertEquals(7, event.index());
    assertEquals(0x16B3748, details.lsn().orElseThrow());
    assertEquals(4294967999L, details.xid().orElseThrow());
    assertEquals("remote_apply", details.synchronousCommit().orElseThrow());
    assertTrue(details.unreplicated());
    assertEquals(2, details.unknown().entries().size());
    StringBuilder text = new StringBuilder();
    HistoryWriter.printEdn(event, text);
    assertEquals(line, text.toString());
    StringBuilder json = new StringBuilder();
    HistoryWriter.printJson(event, json);
    assertEquals(event, reader(json.toString()).next().orElseThrow(), json.toString());
  }

  @Test
  void givesIndicesWhereMissingAndAllowsGaps() {
    List<Long> indices =
        reader("{:type :info :index 5}{:type :info}{:type :info :index 9}{:type :info}")
            .readEvents()
            .stream()
            .map(Event::index)
            .toList();
    assertEquals(List.of(5L, 6L, 9L, 10L), indices);
  }

  @Test
  void anEtcdLogsFailedCasIsAnObservedMismatchAndItsNilAnEmptyRegister() {
    List<Event<UntypedCall>> events =
        reader(
                """
                INFO  jepsen.util - 4\t:invoke\t:read\tnil
                WARN  jepsen.core - something else
                INFO  jepsen.util - 1\t:invoke\t:cas\t[2 4]
                INFO  jepsen.util - 4\t:ok\t:read\tnil
                INFO  jepsen.util - 1\t:fail\t:cas\t[2 4]
                INFO  jepsen.util - 1\t:invoke\t:write\t4
                INFO  jepsen.util - 1\t:info\t:write\t:timed-out
                INFO  jepsen.util - :nemesis\t:info\t:start\t"cut"
                """)
            .readEvents();
    assertEquals("read-nil", events.get(2).call().name());
    assertEquals("cas-mismatch", events.get(3).call().name());
    assertEquals("ok", events.get(3).type());
    assertEquals(Edn.of(4), events.get(5).call().value());
    assertEquals(Edn.keyword("timed-out"), events.get(5).details().error().orElseThrow());
    assertEquals(Process.NEMESIS, events.get(6).process());
    assertEquals(events, reader(edn(events)).readEvents());
  }

  @Test
  void aKeyValueLogsKeyJoinsTheValueAsATuple() {
    Event<UntypedCall> event =
        reader("{:process 2, :type :invoke, :f :append, :key \"1\", :value \"x\"}\n")
            .next()
            .orElseThrow();
    assertEquals(Edn.vector(Edn.of("1"), Edn.of("x")), event.call().value());
  }

  @Test
  void forgivesATornLastLineAndSaysSo() {
    String json =
        "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":null}\n"
            + "{\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":null}";
    String log = "INFO  jepsen.util - 0\t:invoke\t:write\t3\nINFO  jepsen.util - 0\t:ok\t:write\t3";
    for (String whole : List.of(PAIR.strip(), json, log)) {
      int second = whole.indexOf('\n') + 1;
      for (int cut = second + 1; cut < whole.length() - 1; cut++) {
        HistoryReader reader = reader(whole.substring(0, cut));
        List<Event<UntypedCall>> events = reader.readEvents();
        if (whole == log && events.size() == 2) {
          continue; // a shorter number or word is a whole line too
        }
        assertEquals(1, events.size(), whole.substring(0, cut));
        assertTrue(
            reader.notes().equals(List.of("h:2: the last event is torn and left out")),
            whole.substring(0, cut) + reader.notes());
      }
    }
  }

  @Test
  void aLastLineThatIsWholeAndWrongIsNotTorn() {
    refuses(PAIR + "{:process 0 :type :ok\n", "h:4: the text ends before the } of line 3");
    refuses(
        "{:process 0 :type :ok\n" + PAIR.strip(),
        "h:2: a map in the place of a key: the { of line 1");
    refuses("{\"type\":\"info\"}\n{\"type\":\"info\"\n", "h:2: the text ends within an event");
    refuses("{\"type\":\"info\"}\n{\"type\":\"info\",\"x\":tru\n", "h:2: Unrecognized token");
    String log = "INFO  jepsen.util - 0\t:invoke\t:write\t3\n";
    refuses(log + "INFO  jepsen.util - 0\t:okk\t:write\t3\n", "h:2: unknown type of event :okk");
    refuses(log + "INFO  jepsen.util - 0\t:ok\t:cas\t[1 3\n", "h:2: the text ends before the ]");
  }

  @Test
  void readsRowsWithinAVector() {
    assertEquals(
        reader(PAIR).readEvents(), reader("[[0 :invoke :write 3]\n[0 :ok :write 3]]").readEvents());
    assertEquals(
        reader("{:process :nemesis :type :info :f :start}").readEvents(),
        reader("([:nemesis :info :start])").readEvents());
    refuses("[[0 1 :write 3]]", "h:1: an event is a map, but here is [0 1 :write 3]");
    refuses("[[0 :done :write 3]]", "h:1: an event's type is none of");
  }

  @Test
  void everyErrorNamesFileLineAndReason() {
    refuses("[" + PAIR, "h:3: the text ends before the ] of line 1");
    refuses(PAIR + "{:process 0 :type}\n" + PAIR, "h:3: a map has a key without a value");
    refuses(PAIR + "{:process 0 :type :done}\n", "h:3: an event's type is none of");
    refuses(PAIR + "7\n", "h:3: an event is a map, but here is 7");
    refuses(PAIR + "}\n", "h:3: unexpected }");
    refuses("[" + PAIR + "] x", "h:3: text after the end of the history");
    refuses("{:type :info :type :ok}", "h:1: an event has the key type twice");
    refuses(
        "{:type :info :index 5}\n{:type :info :index 5}", "h:2: indices do not grow: 5 after 5");
    refuses("", "h: the file is empty");
    refuses("hello\n", "h:1: in none of the forms of a history");
    refuses(
        "{\"type\":\"info\"}\n{\"type\":oops}\n{\"type\":\"info\"}\n", "h:2: Unrecognized token");
    refuses(
        "INFO  jepsen.util - 0\t:invoke\t:write\t3\n"
            + "INFO  jepsen.util - nonsense\n"
            + "INFO  jepsen.util - 0\t:ok\t:write\t3",
        "h:2: not a line of process, type, f and value");
    HistoryException twice =
        assertThrows(
            HistoryException.class, () -> reader(PAIR.replace(":ok", ":invoke")).readAll());
    assertTrue(twice.getMessage().startsWith("h:2: "), twice.getMessage());
  }

  @Test
  void aFileThatIsNotThereOrIsADirectoryIsNamed(@TempDir Path folder) {
    Path missing = folder.resolve("missing.edn");
    HistoryException none = assertThrows(HistoryException.class, () -> HistoryReader.open(missing));
    assertEquals(missing + ": no such file", none.getMessage());
    assertThrows(HistoryException.class, () -> HistoryReader.open(folder));
  }

  /** {@link #PAIR} as the command xz packs it. */
  private static final String PACKED =
      "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4ABdADldAD2Oigdj+/CxLx6i0GdFwYP/JU0hj46jrD7A"
          + "HllyEcClgfMpXwjjKLkI/mpjwbl70071bHLlCVDgAAAAAADsWZlCV13SEwABVV7JYJlrH7bzfQEA"
          + "AAAABFla";

  @Test
  void unpacksXzAndNamesADamagedFile(@TempDir Path folder) throws IOException {
    byte[] packed = java.util.Base64.getDecoder().decode(PACKED);
    Path file = Files.write(folder.resolve("h.edn.xz"), packed);
    try (HistoryReader reader = HistoryReader.open(file)) {
      assertEquals(reader(PAIR).readEvents(), reader.readEvents());
    }
    Files.write(file, java.util.Arrays.copyOf(packed, packed.length - 8));
    HistoryException damaged =
        assertThrows(HistoryException.class, () -> HistoryReader.open(file).readEvents());
    assertTrue(
        damaged.getMessage().startsWith(file + ":")
            && damaged.getMessage().contains("packed with xz, which is cut off or damaged"),
        damaged.getMessage());
  }

  @Test
  void whatIsWrittenIsThereBeforeTheNextEvent(@TempDir Path folder) throws IOException {
    for (String name : List.of("history.edn", "history.jsonl")) {
      Path file = folder.resolve(name);
      History<UntypedCall> whole = reader(PAIR).readAll();
      try (HistoryWriter writer = HistoryWriter.create(file)) {
        writer.write(whole.events().getFirst());
        assertEquals(1, Files.readAllLines(file).size());
        writer.write(whole.events().getLast());
      }
      assertEquals(whole.events(), HistoryReader.read(file).events());
    }
    Path packed = folder.resolve("history.edn.gz");
    HistoryWriter.write(packed, reader(PAIR).readAll());
    assertEquals(reader(PAIR).readAll().events(), HistoryReader.read(packed).events());
  }

  @Test
  void everyCorpusFileIsReadAndWrittenBackEqualInBothForms() throws IOException {
    Path data = SharedData.folder();
    try (var files = Files.walk(data)) {
      for (Path file : files.filter(HistoryFilesTest::isHistory).toList()) {
        List<Event<UntypedCall>> events;
        try (HistoryReader reader = HistoryReader.open(file)) {
          events = reader.readEvents();
          assertEquals(List.of(), reader.notes());
        }
        for (HistoryWriter.Form form : HistoryWriter.Form.values()) {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          try (HistoryWriter writer = HistoryWriter.to(out, form)) {
            events.forEach(writer::write);
          }
          if (!events.isEmpty()) {
            List<Event<UntypedCall>> again =
                HistoryReader.of(new ByteArrayInputStream(out.toByteArray()), "again").readEvents();
            assertEquals(events, again, file + " as " + form);
          }
        }
      }
    }
  }

  @Test
  void aMillionOperationsAreReadInBoundedMemory() {
    long events = 200_000;
    InputStreamOf lines = new InputStreamOf(events);
    long count = 0;
    HistoryReader reader = HistoryReader.of(lines, "generated");
    while (reader.next().isPresent()) {
      count++;
    }
    assertEquals(events, count);
    assertEquals(events + 1, reader.line());
  }

  /** Endless lines of events, made as they are read: nothing but the reader could hold them. */
  private static final class InputStreamOf extends java.io.InputStream {
    private final long events;
    private long written;
    private byte[] line = new byte[0];
    private int position;

    InputStreamOf(long events) {
      this.events = events;
    }

    @Override
    public int read() {
      if (position == line.length) {
        if (written == events) {
          return -1;
        }
        String type = written % 2 == 0 ? "invoke" : "ok";
        line =
            ("{:index " + written + ", :type :" + type + ", :process 1, :f :write, :value 4}\n")
                .getBytes(StandardCharsets.UTF_8);
        written++;
        position = 0;
      }
      return line[position++];
    }
  }

  private static boolean isHistory(Path file) {
    String name = file.toString();
    return (name.contains("linearizability") || name.contains("transactions"))
        && (name.endsWith(".edn") || name.endsWith(".log") || name.contains("/kv-"));
  }

  private static String edn(List<Event<UntypedCall>> events) {
    StringBuilder text = new StringBuilder();
    for (Event<UntypedCall> event : events) {
      HistoryWriter.printEdn(event, text);
      text.append('\n');
    }
    return text.toString();
  }

  private static void refuses(String text, String message) {
    HistoryException error =
        assertThrows(HistoryException.class, () -> reader(text).readEvents(), text);
    assertTrue(error.getMessage().startsWith(message), error.getMessage());
  }

  private static HistoryReader reader(String text) {
    return HistoryReader.of(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "h");
  }

  private static byte[] gzip(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  @Test
  void unusualValuesAreReadAndPrintedAlike() throws IOException {
    String text = "[nil true \\newline \\u03bb \"a\\u00e9\\n\\\\\" ##Inf sym :a/b #{1 2} 12N -5]";
    Edn value = new EdnReader(new StringReader(text), "x").next().orElseThrow();
    String printed = EdnWriter.print(value);
    assertEquals(value, new EdnReader(new StringReader(printed), "x").next().orElseThrow());
  }
}
