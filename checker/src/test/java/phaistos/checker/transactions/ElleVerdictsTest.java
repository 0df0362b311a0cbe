package phaistos.checker.transactions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.HistoryReader;

/**
 * Every row of a table of verdicts that Elle gave on recorded histories: the same verdict, the same
 * kinds of anomalies, the same models ruled out. Where we differ, {@link #OURS} says why.
 */
class ElleVerdictsTest {
  private static final int FILE = 0;
  private static final int CHECKER = 1;
  private static final int OPTIONS = 2;
  private static final int VALID = 3;
  private static final int TYPES = 4;
  private static final int NOT = 5;
  private static final int ALSO_NOT = 6;

  private static final String BRAT =
      "G-single-item,G0,G1a,G1b,G1c,dirty-update,internal,lost-update";

  private static final String PREFIX = "G-single-item,G0,incompatible-order";

  /**
   * Where we differ, with what we say. In the first seven rows Elle takes one cycle that has an
   * edge for an anti-dependency; where that edge is also another dependency, so that the cycle is
   * in truth of another class, it drops it without looking for a second one, and goes on to a
   * weaker class. Ours has one with exactly one anti-dependency, which the test proves from the
   * steps of its transactions. In the next two rows it reports a cycle among versions that real
   * time does not give (see {@code realTimeOrdersTheVersionsOfThatFile}). In three it ran out of
   * time, and shows some cycle. In four a write follows the read of a value that its writer
   * overwrote itself, of which it makes no edge.
   */
  private static final Map<String, String> OURS =
      Map.ofEntries(
          Map.entry("list-append-sim-prefix-test.edn {:consistency-models [:ser", PREFIX),
          Map.entry("list-append-sim-prefix-test.edn {:consistency-models [:str", PREFIX),
          Map.entry("list-append-sim-prefix-test.edn {:consistency-models [:sna", PREFIX),
          Map.entry(
              "list-append/sim-brat-n150-c5-s3.edn {:consistency-models [:str",
              "G-single-item,G0,G1b,G1c,internal"),
          Map.entry(
              "list-append/sim-brat-n150-c5-s3.edn {:consistency-models [:sna",
              "G-single-item,G0,G1b,G1c,internal"),
          Map.entry("list-append/sim-brat-n200-c8-s4-crash.edn {:consistency-models [:str", BRAT),
          Map.entry("list-append/sim-brat-n200-c8-s4-crash.edn {:consistency-models [:sna", BRAT),
          Map.entry(
              "rw-register/sim-prefix-n150-c5-s3.edn {:linearizable-keys? true,"
                  + " :consistency-models [:str",
              "G-single-item,G2-item,lost-update"),
          Map.entry(
              "rw-register/sim-prefix-n150-c5-s3.edn {:linearizable-keys? true,"
                  + " :consistency-models [:sna",
              "G-single-item,lost-update"),
          Map.entry(
              "rw-register/sim-brat-n150-c5-s3.edn {:wfr-keys? true, :consistency-models [:str",
              "G-single-item,G1b,G2-item,internal"),
          Map.entry(
              "rw-register/sim-brat-n150-c5-s3.edn {:wfr-keys? true, :consistency-models [:sna",
              "G-single-item,G1b,internal"),
          Map.entry(
              "rw-register/sim-brat-n200-c8-s4-crash.edn {:wfr-keys? true, :consistency-models"
                  + " [:str",
              "G-single-item,G1a,G1b,G1c,G2-item,PL-1-cycle-exists,internal,lost-update"),
          Map.entry(
              "rw-register/sim-brat-n200-c8-s4-crash.edn {:wfr-keys? true, :consistency-models"
                  + " [:sna",
              "G-single-item,G1a,G1b,G1c,PL-1-cycle-exists,internal,lost-update"),
          Map.entry("huge-scc.edn.xz {:consistency-models [:str", "G-single-item-realtime"),
          Map.entry(
              "list-append/sim-prefix-n200-c8-s4-crash.edn {:consistency-models [:sna",
              PREFIX + ",lost-update"),
          Map.entry(
              "list-append/sim-prefix-n200-c8-s4-crash.edn {:consistency-models [:read-c",
              "G0,incompatible-order"));

  private static final String SI_CRASH = "rw-register/sim-si-n200-c8-s4-crash.edn {";
  private static final String STRICT = ":consistency-models [:str";

  /**
   * Rows that Elle calls valid and that have no order: the file, the beginning of the options, and
   * what we show. The test has every order of the transactions shown tried.
   */
  private static final Map<String, String> NO_ORDER =
      Map.ofEntries(
          Map.entry(
              "rw-register-checker-test-read-read-returns-what-was-just-been-written.edn"
                  + " {:consistency-models [:str",
              "strong-snapshot-isolation-cycle-exists"),
          Map.entry(
              "rw-register-checker-test-read-doesn-t-return-what-was-just-been-written.edn"
                  + " {:consistency-models [:strict-serializable]}",
              "strong-snapshot-isolation-cycle-exists"),
          Map.entry(
              "rw-register-checker-test-read-doesn-t-return-what-was-just-been-written.edn"
                  + " {:consistency-models [:strict-serializable], :linearizable-keys? true}",
              "cyclic-versions"),
          Map.entry(
              "rw-register/rw-register-wr-graph-test-write-skew.edn {:consistency-models [:str",
              "strong-snapshot-isolation-cycle-exists"),
          Map.entry(
              "rw-register/rw-register-checker-test-g0-2.edn {:consistency-models [:str",
              "strong-snapshot-isolation-cycle-exists"),
          Map.entry(
              "rw-register/rw-register-scc-sort-bug-test.edn {:consistency-models [:sna",
              "garbage-read"),
          Map.entry(
              "rw-register/rw-register-scc-sort-bug-test.edn {:consistency-models [:read-c",
              "garbage-read"),
          Map.entry("rw-register/sim-si-n150-c5-s3.edn {" + STRICT, "PL-SS-cycle-exists"),
          Map.entry(
              "rw-register/sim-si-n150-c5-s3.edn {:sequential-keys? true, " + STRICT,
              "PL-SS-cycle-exists"),
          Map.entry(
              "rw-register/sim-si-n150-c5-s3.edn {:wfr-keys? true, " + STRICT,
              "PL-SS-cycle-exists"),
          Map.entry(SI_CRASH + STRICT, "strong-session-serializable-cycle-exists"),
          Map.entry(
              SI_CRASH + ":wfr-keys? true, " + STRICT, "strong-session-serializable-cycle-exists"),
          Map.entry(
              "rw-register/sim-prefix-n60-c3-s1.edn {:consistency-models [:sna",
              "PL-SI-cycle-exists"),
          Map.entry(
              "rw-register/sim-prefix-n60-c3-s1.edn {:sequential-keys? true, :consistency-models"
                  + " [:sna",
              "PL-SI-cycle-exists"),
          Map.entry(
              "rw-register/sim-prefix-n60-c3-s1.edn {:wfr-keys? true, :consistency-models [:sna",
              "PL-SI-cycle-exists"));

  /**
   * Files whose events have no process: Elle drops them all and says unknown. They are operations,
   * in pairs one after the other or each alone; that the first is not serializable is proved from
   * its steps, and the second has a twin with processes among the rows.
   */
  private static final Map<String, String> WITHOUT_PROCESS =
      Map.of(
          "paper-example.edn {:consistency-models [:str", "false G-single-item not",
          "paper-example.edn {:consistency-models [:sna", "false G-single-item not",
          "paper-example.edn {:consistency-models [:read", "true - not",
          "info-reads.edn {", "true - not",
          "duplicate-inserts-attempts.edn {", ":unknown - not");

  record Row(String file, String checker, String options, String answer) {
    @Override
    public String toString() {
      return file + " " + options;
    }
  }

  static Stream<Row> rows() throws IOException {
    Path table = SharedData.folder().resolve("transactions/verdicts.tsv");
    return Files.readAllLines(table).stream()
        .skip(1)
        .map(line -> line.split("\t"))
        .map(
            c ->
                new Row(
                    c[FILE],
                    c[CHECKER],
                    c[OPTIONS],
                    c[VALID] + " " + c[TYPES] + " not " + c[NOT] + " also-not " + c[ALSO_NOT]));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void givesTheListedAnswer(Row row) throws IOException {
    Transactions txns = transactions(row);
    TransactionsResult result = check(row, txns);
    Optional<String> none = NO_ORDER.keySet().stream().filter(row.toString()::contains).findFirst();
    if (none.isPresent() && row.answer.startsWith("true ")) {
      String answer = answer(result);
      assertTrue(answer.startsWith("false " + NO_ORDER.get(none.get()) + " not "), answer);
      proveThatNoOrderIs(txns, result);
      return;
    }
    Optional<String> ours = OURS.keySet().stream().filter(row.toString()::contains).findFirst();
    Optional<String> unnamed =
        WITHOUT_PROCESS.keySet().stream().filter(row.toString()::contains).findFirst();
    if (unnamed.isPresent()) {
      assertTrue(answer(result).startsWith(WITHOUT_PROCESS.get(unnamed.get())), answer(result));
      result.findings().values().forEach(findings -> findings.forEach(f -> prove(txns, f)));
    } else if (ours.isPresent()) {
      String answer = answer(result);
      assertTrue(answer.startsWith("false " + OURS.get(ours.get()) + " not "), answer);
      if (txns.dataType() == DataType.LIST_APPEND) {
        assertEquals(models(row.answer), models(answer));
        result.findings().values().forEach(findings -> findings.forEach(f -> prove(txns, f)));
      }
    } else {
      assertEquals(row.answer, answer(result));
    }
  }

  private static String models(String answer) {
    return answer.substring(answer.indexOf(" not "));
  }

  /** The transactions shown have no order that the model allows, whichever is tried. */
  private static void proveThatNoOrderIs(Transactions txns, TransactionsResult result) {
    Finding witness = result.findings().values().iterator().next().getFirst();
    SmallHistory history = new SmallHistory(txns, witness.ids());
    boolean holds =
        switch (witness.anomaly()) {
          case PL_SI_CYCLE_EXISTS -> history.isSnapshot(Certificate.Outside.NONE, true);
          case STRONG_SI_CYCLE_EXISTS -> history.isSnapshot(Certificate.Outside.REALTIME, true);
          case STRONG_SESSION_SERIALIZABLE_CYCLE_EXISTS ->
              history.isSerializable(Certificate.Outside.PROCESS);
          case PL_SS_CYCLE_EXISTS -> history.isSerializable(Certificate.Outside.REALTIME);
          case CYCLIC_VERSIONS ->
              new SmallHistory(txns).isSerializable(Certificate.Outside.REALTIME);
          case GARBAGE_READ -> history.isSerializable(Certificate.Outside.NONE);
          default -> throw new AssertionError(witness.anomaly());
        };
    assertFalse(holds, witness::proof);
  }

  /** Each edge by its definition, from the two transactions that it joins. */
  private static void prove(Transactions txns, Finding finding) {
    int n = finding.edges().size();
    for (int i = 0; i < n; i++) {
      int label =
          Definitions.label(txns, true, finding.ids().get(i), finding.ids().get((i + 1) % n));
      assertEquals(finding.edges().get(i), Edges.word(label), finding.proof());
    }
  }

  /**
   * The file for which Elle reports cyclic versions: even if all versions count that a transaction
   * touches, no key's versions are in a cycle by who completed before whom was invoked.
   */
  @Test
  void realTimeOrdersTheVersionsOfThatFile() throws IOException {
    Row row = new Row("rw-register/sim-prefix-n150-c5-s3.edn", "rw-register", "{}", "");
    Transactions txns = transactions(row);
    int n = txns.versions.count();
    boolean[][] before = new boolean[n][n];
    for (int a = 0; a < txns.stepCount(); a++) {
      before[txns.versions.initial(txns.stepKey[a])][txns.stepValue[a]] = true;
    }
    for (int a = 0; a < txns.size(); a++) {
      for (int b = 0; b < txns.size(); b++) {
        for (int i = txns.from(a); LocalGraph.isBefore(txns, a, b) && i < txns.to(a); i++) {
          for (int j = txns.from(b); j < txns.to(b); j++) {
            before[txns.stepValue[i]][txns.stepValue[j]] |= txns.stepKey[i] == txns.stepKey[j];
          }
        }
      }
    }
    for (int version = 0; version < n; version++) {
      before[version][version] = false;
    }
    for (int over = 0; over < n; over++) {
      for (int from = 0; from < n; from++) {
        for (int to = 0; before[from][over] && to < n; to++) {
          before[from][to] |= before[over][to];
        }
      }
    }
    for (int version = 0; version < n; version++) {
      assertFalse(before[version][version], txns.valueName(version));
    }
  }

  private static Transactions transactions(Row row) throws IOException {
    Path file = SharedData.folder().resolve("transactions").resolve(row.file);
    try (HistoryReader reader = HistoryReader.open(file)) {
      return Transactions.ofUntyped(
          row.checker.equals("list-append") ? DataType.LIST_APPEND : DataType.RW_REGISTER,
          reader.readEvents());
    }
  }

  private static TransactionsResult check(Row row, Transactions txns) throws IOException {
    return new TransactionChecker(txns.dataType(), options(row.options))
        .check(txns, CheckContext.UNLIMITED);
  }

  private static String answer(TransactionsResult result) {
    String valid =
        switch (result.verdict()) {
          case Verdict.Valid _ -> "true";
          case Verdict.Unknown _ -> ":unknown";
          case Verdict.Invalid _ -> "false";
        };
    return valid
        + " "
        + joined(result.anomalies())
        + " not "
        + joined(result.not())
        + " also-not "
        + joined(result.alsoNot());
  }

  private static String joined(List<String> names) {
    return names.isEmpty() ? "-" : String.join(",", names);
  }

  static TransactionOptions options(String text) throws IOException {
    Edn.Table table =
        (Edn.Table) new EdnReader(new java.io.StringReader(text), "options").next().orElseThrow();
    Set<ConsistencyModel> models = EnumSet.noneOf(ConsistencyModel.class);
    if (!table.entries().containsKey(Edn.keyword("consistency-models"))) {
      models.add(ConsistencyModel.PL_SS);
    } else if (!(table.get("consistency-models") instanceof Edn.Nil)) {
      for (Edn model : table.get("consistency-models").elements()) {
        models.add(ConsistencyModel.named(((Edn.Keyword) model).name()).orElseThrow());
      }
    }
    Set<Anomaly> anomalies = EnumSet.noneOf(Anomaly.class);
    if (!(table.get("anomalies") instanceof Edn.Nil)) {
      for (Edn anomaly : table.get("anomalies").elements()) {
        anomalies.add(Anomaly.named(((Edn.Keyword) anomaly).name()).orElseThrow());
      }
    }
    Map<Integer, Integer> order = new HashMap<>();
    if (table.get("transaction-order") instanceof Edn.Table given) {
      given
          .entries()
          .forEach(
              (index, place) ->
                  order.put((int) ((Edn.Int) index).value(), (int) ((Edn.Int) place).value()));
    }
    return new TransactionOptions(
        models,
        anomalies,
        new TransactionOptions.RegisterKeys(
            isTrue(table, "wfr-keys?"),
            isTrue(table, "sequential-keys?"),
            isTrue(table, "linearizable-keys?"),
            order),
        10_000);
  }

  private static boolean isTrue(Edn.Table table, String name) {
    return table.get(name).equals(Edn.TRUE);
  }
}
