package phaistos.checker.transactions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.histories.Details;
import phaistos.histories.Event;
import phaistos.histories.Process;

/**
 * Every name that is searched for has a history which shows it. A history is transactions between
 * semicolons, in the short form of {@link ExplanationTest}: {@code 2:ax1 ry12@3-7!} is of process 2
 * (else each has its own), was invoked at 3 and ended at 7 (else without invocation, in order), and
 * failed.
 */
class AnomalyNamesTest {
  private static final Pattern TRANSACTION =
      Pattern.compile("(?:(\\d):)?([^@!]*?)(?:@(\\d+)-(\\d+))?(!?)");

  private static final String LISTS =
      """
      G0                         | ax1 ay1; ax2 ay2; rx12; ry21
      G0-process                 | 0:ax2; 0:ay1; ay2 ax1; rx12; ry12
      G0-realtime                | ax2@0-1; ax1@2-3; rx12@4-5
      G1a                        | ax1!; rx1
      G1b                        | ax1 ax2; rx1; rx12
      G1c                        | ax1 ry1; ay1 rx1
      G1c-process                | 0:rx1; 0:ax1
      G1c-realtime               | rx1@0-1; ax1@2-3
      G-single-item              | ax1 ay1; rx1 ry
      G-single-item-process      | 0:ax1; 0:rx
      G-single-item-realtime     | ax1@0-1; rx@2-3
      G-nonadjacent-item         | ax1; ay1; rx1 ry; ry1 rx
      G-nonadjacent-item-process | ax1; rx1 ry; 0:ay1; 0:rx
      G-nonadjacent-item-realtime| ax1@0-9; rx1 ry@0-9; ay1@1-2; rx@3-4
      G2-item                    | ax1 ry; ay1 rx
      G2-item-process            | 0:az1; 0:ry; ay1 rz
      G2-item-realtime           | az1@0-1; ry@2-9; ay1 rz@0-9
      internal                   | ax1 rx; rx1
      future-read                | rx1 ax1; rx1
      dirty-update               | ax1!; ax2; rx12
      incompatible-order         | ax1; ax2; rx12; rx21
      duplicate-elements         | ax1; rx11
      lost-update                | ax1; rx1 ax2; rx1 ax3; rx12
      garbage-read               | ax1; rx19
      write-skew                 | ax1 ry; ay1 rx
      """;

  /** Readers in one process give the order of versions ({@code sequential-keys}). */
  private static final String REGISTERS =
      """
      G0                         | wx1 wy1; wx2 wy2; 7:rx1; 7:rx2; 8:ry2; 8:ry1
      G1a                        | wx1!; rx1
      G1b                        | wx1 wx2; rx1
      G1c                        | wx1 ry1; wy1 rx1
      G1c-process                | 0:rx1; 0:wx1
      G1c-realtime               | rx1@0-1; wx1@2-3
      G-single-item              | wx1 wy1; rx1 ry
      G-single-item-realtime     | wx1@0-1; rx@2-3
      G-nonadjacent-item         | wx1; wy1; rx1 ry; ry1 rx
      G-nonadjacent-item-process | wx1; rx1 ry; 0:wy1; 0:rx
      G2-item                    | wx1 ry; wy1 rx
      G2-item-process            | 0:wz1; 0:ry; wy1 rz
      G2-item-realtime           | wz1@0-1; ry@2-9; wy1 rz@0-9
      internal                   | wx1 rx2; wx2
      future-read                | rx1 wx1
      cyclic-versions            | wx1; wx2; 7:rx1; 7:rx2; 7:rx1
      lost-update                | wx1; rx1 wx2; rx1 wx3
      garbage-read               | wx1; rx1; rx9
      write-skew                 | wx1 ry; wy1 rx
      """;

  private static final TransactionOptions.RegisterKeys SEQUENTIAL =
      new TransactionOptions.RegisterKeys(false, true, false, Map.of());

  static Transactions history(DataType type, String text) {
    record Placed(int place, Event<TxnCall> event) {}
    List<Placed> events = new ArrayList<>();
    String[] parts = text.split(";");
    for (int i = 0; i < parts.length; i++) {
      Matcher matcher = TRANSACTION.matcher(parts[i].strip());
      assertTrue(matcher.matches(), parts[i]);
      Process process =
          new Process.Client(
              matcher.group(1) == null ? 10 + i : Integer.parseInt(matcher.group(1)));
      TxnCall call = ExplanationTest.call(type, matcher.group(2));
      int end = i;
      if (matcher.group(3) != null) {
        end = Integer.parseInt(matcher.group(4));
        events.add(
            new Placed(
                Integer.parseInt(matcher.group(3)),
                new Event.Invoke<>(-1, -1, process, call, Details.NONE)));
      }
      events.add(
          new Placed(
              end,
              matcher.group(5).isEmpty()
                  ? new Event.Ok<>(-1, -1, process, call, Details.NONE)
                  : new Event.Fail<>(-1, -1, process, call, Details.NONE)));
    }
    TransactionsBuilder builder = new TransactionsBuilder(type);
    events.stream()
        .sorted(Comparator.comparingInt(Placed::place))
        .forEach(placed -> builder.addTyped(placed.event()));
    return builder.build();
  }

  private static Map<String, String> table(String text) {
    Map<String, String> table = new HashMap<>();
    text.lines().map(line -> line.split("\\|")).forEach(c -> table.put(c[0].strip(), c[1]));
    return table;
  }

  private static TransactionsResult check(DataType type, Anomaly anomaly, String text) {
    TransactionOptions options =
        TransactionOptions.DEFAULT
            .withModels()
            .withAnomalies(anomaly)
            .withKeys(
                type == DataType.LIST_APPEND ? TransactionOptions.RegisterKeys.NONE : keys(text));
    return new TransactionChecker(type, options).check(history(type, text), CheckContext.UNLIMITED);
  }

  /** Only where a table's readers say so: else what a process does would be an order of keys. */
  private static TransactionOptions.RegisterKeys keys(String text) {
    return text.contains("7:") ? SEQUENTIAL : TransactionOptions.RegisterKeys.NONE;
  }

  @ParameterizedTest
  @CsvSource({"LIST_APPEND", "RW_REGISTER"})
  void everyNameThatIsSearchedForIsShownByAHistory(DataType type) {
    Map<String, String> table = table(type == DataType.LIST_APPEND ? LISTS : REGISTERS);
    for (Map.Entry<String, String> row : table.entrySet()) {
      Anomaly anomaly = Anomaly.named(row.getKey()).orElseThrow();
      assertTrue(Anomaly.searched(type).contains(anomaly), row.getKey());
      TransactionsResult result = check(type, anomaly, row.getValue());
      assertTrue(result.anomalies().contains(row.getKey()), row + ": " + result.anomalies());
      assertEquals("invalid", result.verdict().word());
      assertEquals(1, result.counts().get(row.getKey()), row.toString());
    }
    if (type == DataType.LIST_APPEND) {
      Set<Anomaly> left = EnumSet.copyOf(Anomaly.searched(type));
      left.removeIf(anomaly -> anomaly.isCycleExists() || table.containsKey(anomaly.label()));
      assertEquals(Set.of(), left);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PL-1-cycle-exists, G0, strict-serializable",
    "PL-2-cycle-exists, G1c, strict-serializable",
    "PL-SI-cycle-exists, G-single-item, strict-serializable",
    "PL-2.99-cycle-exists, G2-item, strict-serializable",
    "strong-session-PL-1-cycle-exists, G0-process, strong-session-serializable",
    "strong-session-PL-2-cycle-exists, G1c-process, strong-session-serializable",
    "strong-session-snapshot-isolation-cycle-exists, G-single-item-process,"
        + " strong-session-serializable",
    "strong-session-serializable-cycle-exists, G2-item-process, strong-session-serializable",
    "strong-PL-1-cycle-exists, G0-realtime, strict-serializable",
    "strong-PL-2-cycle-exists, G1c-realtime, strict-serializable",
    "strong-snapshot-isolation-cycle-exists, G-single-item-realtime, strict-serializable",
    "PL-SS-cycle-exists, G2-item-realtime, strict-serializable",
  })
  void whereTheSearchHasNoTimeThatACycleExistsIsStillSaid(String name, String of, String model) {
    TransactionOptions options =
        TransactionOptions.DEFAULT
            .withModels(ConsistencyModel.named(model).orElseThrow())
            .withComponentMillis(0);
    TransactionsResult result =
        new TransactionChecker(DataType.LIST_APPEND, options)
            .check(history(DataType.LIST_APPEND, table(LISTS).get(of)), CheckContext.UNLIMITED);
    assertTrue(result.anomalies().contains(name), result.anomalies().toString());
    assertTrue(result.anomalies().contains("cycle-search-timeout"), result.anomalies().toString());
    assertEquals("invalid", result.verdict().word());
  }

  @Test
  void aWriteSkewIsANameOnlyIfAskedForAndNeverWithAnotherDependency() {
    assertEquals(
        List.of("G2-item"),
        ExplanationTest.check(
                history(DataType.LIST_APPEND, "ax1 ry; ay1 rx"), TransactionOptions.DEFAULT)
            .anomalies());
    // Each missed the other's append of x; but one of them also saw the other's of z.
    assertEquals(
        List.of(),
        check(DataType.LIST_APPEND, Anomaly.WRITE_SKEW, "ax1 ry az1; ay1 rx rz1").anomalies());
    // Three transactions in a circle are a G2-item, but no write skew.
    assertEquals(
        List.of(),
        check(DataType.LIST_APPEND, Anomaly.WRITE_SKEW, "ax1 ry; ay1 rz; az1 rx").anomalies());
  }

  @Test
  void whatNothingSearchesForIsKnownAndCommonNamesAre() {
    for (String name : List.of("G-cursor", "G-monotonic", "G-MSR", "G-SI", "G-update", "GSIa")) {
      Anomaly anomaly = Anomaly.named(name).orElseThrow();
      assertEquals(List.of(), anomaly.shownBy(DataType.LIST_APPEND), name);
    }
    assertTrue(Anomaly.named("G2").orElseThrow().shownBy(DataType.RW_REGISTER).size() > 3);
    assertEquals(List.of("cyclic-versions"), Anomaly.CYCLIC_VERSIONS.shownBy(DataType.RW_REGISTER));
    assertEquals(List.of(), Anomaly.CYCLIC_VERSIONS.shownBy(DataType.LIST_APPEND));
    assertEquals(Optional.of(Anomaly.G_NONADJACENT_ITEM), Anomaly.named("long-fork"));
    assertEquals(List.of(), ConsistencyModel.LINEARIZABLE.searched(DataType.LIST_APPEND));
    for (ConsistencyModel refused :
        List.of(
            ConsistencyModel.SEQUENTIAL,
            ConsistencyModel.PRAM,
            ConsistencyModel.MONOTONIC_READS,
            ConsistencyModel.READ_YOUR_WRITES)) {
      assertEquals(List.of(), refused.searched(DataType.RW_REGISTER), refused.label());
    }
  }

  /** A write may follow the read of a value that its writer overwrote itself. */
  @Test
  void writesFollowReadsOverIntermediateWritesToo() {
    TransactionOptions.RegisterKeys follow =
        new TransactionOptions.RegisterKeys(true, false, false, Map.of());
    TransactionsResult cycle =
        ExplanationTest.check(
            history(DataType.RW_REGISTER, "wx1 wx2 ry1; rx1 wx3 wy1"),
            TransactionOptions.DEFAULT.withModels(ConsistencyModel.PL_2).withKeys(follow));
    assertEquals(List.of("G1b", "G1c"), cycle.anomalies());
    TransactionsResult versions =
        ExplanationTest.check(
            history(DataType.RW_REGISTER, "rx3 wx1 wx2; rx1 wx3"),
            TransactionOptions.DEFAULT.withModels(ConsistencyModel.PL_1).withKeys(follow));
    assertEquals(List.of("cyclic-versions"), versions.anomalies());
  }

  /** A register may begin with what nobody wrote, but not go back to it. */
  @Test
  void aValueThatNobodyWroteIsNotReadAfterAWriteCompleted() {
    String text = "wx1@0-1; rx2@2-3";
    TransactionsResult strict =
        ExplanationTest.check(history(DataType.RW_REGISTER, text), TransactionOptions.DEFAULT);
    assertEquals(List.of("strong-snapshot-isolation-cycle-exists"), strict.anomalies());
    TransactionsResult keys =
        ExplanationTest.check(
            history(DataType.RW_REGISTER, text),
            TransactionOptions.DEFAULT
                .withModels(ConsistencyModel.PL_3)
                .withKeys(new TransactionOptions.RegisterKeys(false, false, true, Map.of())));
    assertTrue(keys.anomalies().contains("cyclic-versions"), keys.anomalies().toString());
    TransactionsResult both =
        ExplanationTest.check(
            history(DataType.RW_REGISTER, "wx1; rx2; rx3; rx1"),
            TransactionOptions.DEFAULT.withModels(ConsistencyModel.PL_2));
    assertEquals(List.of("garbage-read"), both.anomalies());
  }

  /** Of cursor stability only what is weaker and what is stronger is decided. */
  @Test
  void aModelBetweenTwoIsUnknownWhereTheyDiffer() {
    TransactionOptions cursor = TransactionOptions.DEFAULT.withModels(ConsistencyModel.PL_CS);
    TransactionsResult serial =
        ExplanationTest.check(history(DataType.RW_REGISTER, "wx1; rx1"), cursor);
    assertEquals(Verdict.VALID, serial.verdict());
    assertEquals(
        Certificate.Form.SNAPSHOT, serial.certificates().get(ConsistencyModel.PL_CS).form());
    TransactionsResult skew =
        ExplanationTest.check(history(DataType.RW_REGISTER, "wx1 wy1; wx2 wy2; rx1 ry2"), cursor);
    assertEquals(
        new Verdict.Unknown(
            "nothing that cursor-stability forbids was found, but there is no order at"
                + " snapshot-isolation either, and whether there is one between them is not"
                + " decided"),
        skew.verdict());
  }

  /** A check that is ended after any number of looks at the clock is unknown, or has found it. */
  @Test
  void aTimeLimitEndsTheWholeCheckAndNeverMakesItValid() {
    StringBuilder texts = new StringBuilder("ax1!; rx1");
    for (int i = 0; i < 3_000; i++) {
      texts
          .append("; a")
          .append((char) ('\u4e00' + i))
          .append("1; r")
          .append((char) ('\u4e00' + i));
      texts.append("1");
    }
    for (String history :
        List.of(texts.substring(10), texts.toString(), texts + "; ay1 rz; az1 ry")) {
      Transactions txns = history(DataType.LIST_APPEND, history);
      boolean complete = false;
      Set<String> reported = new java.util.TreeSet<>();
      for (int looks = 0; !complete; looks++) {
        Impatient context = new Impatient(looks);
        TransactionsResult result =
            new TransactionChecker(
                    DataType.LIST_APPEND,
                    TransactionOptions.DEFAULT.withModels(ConsistencyModel.PL_3))
                .check(txns, context);
        complete = !result.anomalies().contains("cycle-search-timeout");
        assertFalse(!complete && result.verdict().word().equals("valid"), result.toString());
        assertEquals(
            result.anomalies().stream().allMatch("cycle-search-timeout"::equals),
            !result.verdict().word().equals("invalid"));
        reported.addAll(result.anomalies());
        assertTrue(looks < 100);
      }
      assertTrue(reported.contains("cycle-search-timeout"), history);
      assertEquals(history.contains("!"), reported.contains("G1a"));
      assertEquals(history.contains("rz"), reported.contains("G2-item"));
    }
  }

  /** Cancelled once it was asked so often. */
  private static final class Impatient implements CheckContext {
    private int looks;

    Impatient(int looks) {
      this.looks = looks;
    }

    @Override
    public long deadlineNanos() {
      return System.nanoTime();
    }

    @Override
    public boolean isCancelled() {
      return looks-- <= 0;
    }

    @Override
    public void writeArtifact(String name, byte[] content) {}
  }
}
