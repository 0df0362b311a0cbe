package phaistos.checker.transactions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;

/**
 * The words in which anomalies are shown, held against {@code explanations.txt} (with {@code
 * -Dphaistos.snapshots=write} it is written anew). Transactions are in a short form: {@code ax1}
 * appends 1 to x, {@code rx12} reads [1 2] of x, {@code rx} an empty list; {@code wx1} and {@code
 * rx1} of registers. A transaction ends in {@code !} if it failed and {@code ?} if unknown.
 */
class ExplanationTest {
  private static final String SNAPSHOT = "explanations.txt";

  static Transactions transactions(DataType type, boolean invoked, String... texts) {
    TransactionsBuilder builder = new TransactionsBuilder(type);
    long index = 0;
    for (int i = 0; i < texts.length; i++) {
      TxnCall call = call(type, texts[i].replaceAll("[!?]", ""));
      Process process = new Process.Client(i);
      if (invoked) {
        builder.addTyped(new Event.Invoke<>(index++, -1, process, call, Details.NONE));
      }
      builder.addTyped(
          texts[i].endsWith("!")
              ? new Event.Fail<>(index++, -1, process, call, Details.NONE)
              : texts[i].endsWith("?")
                  ? new Event.Info<>(index++, -1, process, call, Details.NONE)
                  : new Event.Ok<>(index++, -1, process, call, Details.NONE));
    }
    return builder.build();
  }

  /** A transaction in its short form, its steps between spaces. */
  static TxnCall call(DataType type, String text) {
    return new TxnCall(
        Arrays.stream(text.strip().split(" ")).map(word -> step(type, word)).toList());
  }

  private static MicroOp step(DataType type, String word) {
    Edn key = Edn.keyword(word.substring(1, 2));
    List<Edn> digits = new ArrayList<>();
    word.substring(2).chars().forEach(c -> digits.add(Edn.of(c - '0')));
    if (word.charAt(0) != 'r') {
      return type == DataType.LIST_APPEND
          ? new MicroOp.Append(key, digits.getFirst())
          : new MicroOp.Write(key, digits.getFirst());
    }
    return type == DataType.LIST_APPEND
        ? new MicroOp.ReadList(key, Optional.of(digits))
        : new MicroOp.ReadRegister(key, digits.isEmpty() ? Edn.NIL : digits.getFirst());
  }

  static TransactionsResult check(Transactions txns, TransactionOptions options) {
    return new TransactionChecker(txns.dataType(), options).check(txns, CheckContext.UNLIMITED);
  }

  private static TransactionsResult lists(String... texts) {
    return check(transactions(DataType.LIST_APPEND, false, texts), TransactionOptions.DEFAULT);
  }

  @Test
  void proofsReadAsTheyShould() throws IOException {
    StringBuilder all = new StringBuilder();
    show(all, lists("ax1 ay1", "ax2 ay2", "rx12", "ry21"));
    show(all, lists("ax1 ry1", "ay1 rx1"));
    show(all, lists("ax1", "ax2 ay1", "rx1 ry1", "rx12"));
    show(all, lists("ax1", "ay1", "rx1 ry", "ry1 rx"));
    show(all, lists("ax1 ry", "ay1 rx", "rx1 ry1"));
    show(all, lists("ax1!", "rx1"));
    show(all, lists("ax1 ax2", "rx1", "rx12"));
    show(all, lists("ax1!", "ax2", "rx12"));
    show(all, lists("ax1", "ax2", "rx12", "rx21"));
    show(all, lists("ax1", "rx11"));
    show(all, lists("ax1 rx", "rx1"));
    show(all, lists("ax1", "rx1 rx12", "ax2"));
    show(all, lists("rx1 ax1", "rx1"));
    show(all, lists("ax1", "rx1 ax2", "rx1 ax3", "rx12"));
    show(all, lists("ax1", "rx19"));
    show(
        all,
        check(
            transactions(DataType.LIST_APPEND, true, "ax1", "rx", "rx1"),
            TransactionOptions.DEFAULT));
    showRegisters(all);
    String expected = snapshot();
    if ("write".equals(System.getProperty("phaistos.snapshots"))) {
      Path file = Path.of("src/test/resources/phaistos/checker/transactions", SNAPSHOT);
      Files.writeString(file, all);
      expected = all.toString();
    }
    assertEquals(expected, all.toString());
  }

  private static void showRegisters(StringBuilder all) {
    TransactionOptions.RegisterKeys keys =
        new TransactionOptions.RegisterKeys(true, false, true, Map.of());
    TransactionOptions options = TransactionOptions.DEFAULT.withKeys(keys);
    show(all, check(registers("wx1 ry2", "wy2 rx1"), options));
    show(all, check(registers("wx1", "rx1 wx2 wy1", "rx1 ry1"), options));
    show(all, check(registers("wx1!", "rx1"), options));
    show(all, check(registers("wx1 wx2", "rx1"), options));
    show(all, check(registers("wx1 rx2", "wx2"), options));
    show(all, check(transactions(DataType.RW_REGISTER, true, "wx1", "wx2", "rx1", "rx2"), options));
  }

  private static Transactions registers(String... texts) {
    return transactions(DataType.RW_REGISTER, false, texts);
  }

  private static void show(StringBuilder all, TransactionsResult result) {
    all.append("==== ").append(result.verdict().word()).append(' ');
    all.append(String.join(", ", result.anomalies())).append('\n');
    result
        .findings()
        .forEach(
            (kind, findings) ->
                all.append(TransactionsReport.text(kind, result.counts().get(kind), findings)));
  }

  private static String snapshot() throws IOException {
    try (InputStream in = ExplanationTest.class.getResourceAsStream(SNAPSHOT)) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void showsAtMostTenCasesSmallestFirstAndCountsTheRest() {
    String[] texts = new String[30];
    for (int i = 0; i < 15; i++) {
      char key = (char) ('a' + i);
      texts[2 * i] = "a" + key + "1!";
      texts[2 * i + 1] = "r" + key + "1" + " rz".repeat(15 - i);
    }
    TransactionsResult result = lists(texts);
    assertEquals(15, result.counts().get("G1a"));
    List<Finding> kept = result.findings().get("G1a");
    assertEquals(10, kept.size());
    assertEquals(29, kept.getFirst().transactions().getFirst());
    assertTrue(TransactionsReport.text("G1a", 15, kept).endsWith("and 5 more\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "'', true, 'unknown', 'no two transactions depend on each other'",
    "'ax1', false, 'unknown', 'no two transactions depend on each other'",
    "'ax1;ax1', true, 'unknown', '1 is appended to key :x more than once'",
  })
  void isUnknownWhereTheHistoryShowsTooLittle(
      String texts, boolean invoked, String word, String reason) {
    String[] each = texts.isEmpty() ? new String[0] : texts.split(";");
    TransactionsResult result =
        check(
            transactions(DataType.LIST_APPEND, invoked, each),
            TransactionOptions.DEFAULT.withModels(ConsistencyModel.PL_3));
    assertEquals(word, result.verdict().word());
    assertTrue(result.verdict().reason().startsWith(reason), result.verdict().reason());
  }

  @Test
  void registersWrittenTwiceAreUnknownOnlyIfSomebodyReadThem() {
    TransactionOptions options = TransactionOptions.DEFAULT.withModels(ConsistencyModel.PL_3);
    TransactionsResult read = check(registers("wx1", "wx1", "rx1"), options);
    assertEquals(List.of("duplicate-writes"), read.anomalies());
    assertTrue(read.verdict() instanceof Verdict.Unknown);
  }

  @Test
  void theModelDecidesTheVerdict() {
    Transactions skew = transactions(DataType.LIST_APPEND, false, "ax1 ry", "ay1 rx", "rx1 ry1");
    TransactionOptions options = TransactionOptions.DEFAULT;
    assertEquals("valid", check(skew, options.withModels(ConsistencyModel.PL_SI)).verdict().word());
    TransactionsResult serializable = check(skew, options.withModels(ConsistencyModel.PL_3));
    assertEquals("invalid", serializable.verdict().word());
    assertEquals(List.of("repeatable-read"), serializable.not());
    assertTrue(serializable.possible().contains("strong-snapshot-isolation"));
    assertFalse(serializable.possible().contains("read-committed"), "implied by others");
    assertEquals(
        "valid",
        check(
                skew,
                new TransactionOptions(
                    Set.of(), Set.of(Anomaly.G1), TransactionOptions.RegisterKeys.NONE, 1_000))
            .verdict()
            .word());
  }

  @Test
  void aLargeComponentEndsWithItsTimeLimit() {
    int size = 3_000;
    TransactionsBuilder builder = new TransactionsBuilder(DataType.LIST_APPEND);
    for (int i = 0; i < size; i++) {
      List<MicroOp> steps =
          List.of(
              new MicroOp.Append(Edn.of(i), Edn.of(1)),
              new MicroOp.ReadList(Edn.of((i + 1) % size), Optional.of(List.of())));
      builder.addTyped(
          new Event.Ok<>(i, -1, new Process.Client(i), new TxnCall(steps), Details.NONE));
    }
    TransactionOptions options =
        TransactionOptions.DEFAULT.withModels(ConsistencyModel.PL_3).withComponentMillis(0);
    TransactionsResult result = check(builder.build(), options);
    // The search did not even begin, but that there is a cycle is known without it.
    assertTrue(result.anomalies().contains("cycle-search-timeout"), result.anomalies().toString());
    assertTrue(result.anomalies().contains("PL-2.99-cycle-exists"), result.anomalies().toString());
    assertEquals("invalid", result.verdict().word());
  }

  @Test
  void picturesOfCyclesAndComponentsAreSelfContained() {
    Transactions txns = transactions(DataType.LIST_APPEND, false, "ax1 ry1", "ay1 rx1");
    TransactionsResult result = check(txns, TransactionOptions.DEFAULT);
    String page = TransactionsPage.print(result, txns);
    assertTrue(page.contains("<h2 id=\"G1c\">G1c: circular information flow</h2>"), page);
    assertTrue(page.contains("<svg") && page.contains("a contradiction!"), "no cycle, no proof");
    String cycle = TransactionsReport.picture(result.findings().get("G1c").getFirst(), txns, "G1c");
    String component = TransactionsReport.picture(result.components().getFirst(), txns, "both");
    for (String svg : List.of(cycle, component)) {
      assertTrue(svg.startsWith("<svg xmlns"), svg);
      assertTrue(svg.contains("[:append :x 1] [:r :y [1]]"), svg);
      assertTrue(svg.contains("prefers-color-scheme:dark"), svg);
      assertFalse(svg.contains("http://") && !svg.contains("www.w3.org"), svg);
      assertFalse(svg.contains("href"), svg);
      assertEquals(2, svg.split(">wr</text>", -1).length - 1);
    }
  }
}
