package phaistos.checker.jepsen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.checker.jepsen.Histories.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/** Each branch of each of the smaller checkers, once where it must fire and once where not. */
class JepsenCheckersTest {
  private static Report run(Checker<UntypedCall, Report> checker, String lines) {
    return Checkers.safe(checker).check(history(lines), CheckContext.UNLIMITED);
  }

  /** The verdict's word, and its reason. */
  private static void assertVerdict(
      String expected, Checker<UntypedCall, Report> checker, String lines) {
    Report report = run(checker, lines);
    String reason = report.verdict().reason();
    assertEquals(expected, report.verdict().word() + (reason.isEmpty() ? "" : ": " + reason));
  }

  private static String detail(Report report, String key) {
    return EdnWriter.print(report.details().get(key));
  }

  // Sets.

  @Test
  void setFindsLostAndUnexpectedElementsAndKnowsRecoveredOnes() {
    SetChecker set = new SetChecker();
    String adds =
        """
        0 invoke add 1
        0 ok add 1
        0 invoke add 2
        0 info add 2
        1 invoke read
        """;
    assertVerdict("valid", set, adds + "1 ok read [1]");
    assertEquals("[2]", detail(run(set, adds + "1 ok read #{1 2}"), "recovered"));
    assertVerdict(
        "invalid: 1 acknowledged elements are not in the last read: 1",
        set,
        adds + "1 ok read [2]");
    assertVerdict(
        "invalid: 1 elements in the last read were never added: 9", set, adds + "1 ok read [1 9]");
    assertVerdict("unknown: the set was never read", set, adds + "1 fail read");
  }

  @Test
  void setFullFollowsEachElement() {
    SetFullChecker full = new SetFullChecker(false);
    String lost =
        """
        0 invoke add 1
        0 ok add 1
        1 invoke read
        1 ok read [1]
        1 invoke read
        1 ok read []
        """;
    assertVerdict("invalid: 1 elements were lost: 1", full, lost);
    assertEquals(
        "{0.0 1, 0.5 1, 0.95 1, 0.99 1, 1.0 1}", detail(run(full, lost), "lost-latencies"));
    String stale =
        """
        0 invoke add 1
        0 ok add 1
        1 invoke read
        1 ok read []
        1 invoke read
        1 ok read [1]
        """;
    assertVerdict("valid", full, stale);
    assertEquals("[1]", detail(run(full, stale), "stale"));
    assertEquals("[1]", detail(run(full, stale), "worst-stale"));
    assertTrue(detail(run(full, stale), "stable-latencies").contains("1.0 1"));
    assertVerdict(
        "invalid: 1 elements were missing from reads after they were known: 1",
        new SetFullChecker(true),
        stale);
    assertVerdict(
        "invalid: 1 elements stand in one read more than once: 1",
        full,
        """
        0 invoke add 1
        0 ok add 1
        1 invoke read
        1 ok read [1 1]
        """);
  }

  @Test
  void setFullIsUnknownIfNothingIsStableAndForgetsFailedAdds() {
    SetFullChecker full = new SetFullChecker(false);
    String neverRead =
        """
        0 invoke add 1
        0 ok add 1
        """;
    assertVerdict("unknown: no element is stable", full, neverRead);
    assertEquals("[1]", detail(run(full, neverRead), "never-read"));
    Report failed = run(full, "0 invoke add 1\n0 fail add 1\n1 invoke read\n1 ok read []");
    assertEquals("0", detail(failed, "attempt-count"));
    // A read shows what nobody acknowledged: known from there on.
    String shown =
        """
        0 invoke add 1
        1 invoke read
        1 ok read [1]
        1 invoke read
        1 ok read []
        """;
    assertVerdict("invalid: 1 elements were lost: 1", full, shown);
  }

  @Test
  void setFullTellsStableNeverPresentAndRepeatedElementsApart() {
    String add = "0 invoke add 1\n0 ok add 1\n1 invoke read\n1 ok read ";
    for (boolean linearizable : new boolean[] {false, true}) {
      SetFullChecker full = new SetFullChecker(linearizable);
      assertVerdict("valid", full, add + "[1]");
      assertEquals("[]", detail(run(full, add + "[1]"), "stale"));
      assertVerdict("invalid: 1 elements were lost: 1", full, add + "[]");
      assertEquals("{1 3}", detail(run(full, add + "[1 1 1]"), "duplicated"));
    }
    // A read that began before the add was acknowledged may miss it.
    assertVerdict(
        "unknown: no element is stable",
        new SetFullChecker(true),
        "1 invoke read\n0 invoke add 1\n0 ok add 1\n1 ok read []");
    assertVerdict(
        "unknown: no element is stable",
        new SetFullChecker(false),
        "0 invoke add 1\n0 ok add 1\n1 invoke read\n1 fail read");
    // What was missing and came back is stable, as of the last read.
    assertVerdict(
        "valid", new SetFullChecker(false), add + "[1]\n1 invoke read\n1 ok read []\n" + READ_ONE);
    assertVerdict(
        "invalid: 1 elements were missing from reads after they were known: 1",
        new SetFullChecker(true),
        add + "[1]\n1 invoke read\n1 ok read []\n" + READ_ONE);
  }

  private static final String READ_ONE = "1 invoke read\n1 ok read [1]";

  @Test
  void setFullSaysWhereItsTimeEnded() {
    Report report =
        new SetFullChecker(false)
            .check(
                history("0 invoke add 1\n0 ok add 1\n1 invoke read\n1 ok read [1]"),
                CheckContext.within(-1));
    assertEquals("unknown", report.verdict().word());
    assertEquals("ended before event 0", report.verdict().reason());
  }

  // Counters.

  @Test
  void counterReadsMustLieWithinTheirBounds() {
    CounterChecker counter = new CounterChecker();
    assertVerdict("unknown: the counter was never read", counter, "0 invoke add 1\n0 ok add 1");
    String open = "0 invoke add 5\n1 invoke read\n";
    assertVerdict("valid", counter, open + "1 ok read 0");
    assertVerdict("valid", counter, open + "1 ok read 5");
    assertVerdict("valid", counter, "1 invoke read\n0 invoke add 5\n1 ok read 5");
    assertVerdict("valid", counter, "0 invoke add 5\n1 invoke read\n0 ok add 5\n1 ok read 0");
    assertVerdict("unknown: the counter was never read", counter, "1 invoke read\n1 info read");
    assertVerdict(
        "invalid: 1 reads lie outside of their bounds, as [lower read upper]: [0 6 5]",
        counter,
        open + "1 ok read 6");
    String done = "0 invoke add 5\n0 ok add 5\n1 invoke read\n";
    assertVerdict(
        "invalid: 1 reads lie outside of their bounds, as [lower read upper]: [5 4 5]",
        counter,
        done + "1 ok read 4");
  }

  @Test
  void counterGoesDownTooAndForgetsFailedAdds() {
    CounterChecker counter = new CounterChecker();
    String down = "1 invoke read\n0 invoke add -3\n";
    assertVerdict("valid", counter, down + "1 ok read -3");
    assertVerdict(
        "invalid: 1 reads lie outside of their bounds, as [lower read upper]: [-3 -4 0]",
        counter,
        down + "1 ok read -4");
    assertVerdict(
        "invalid: 1 reads lie outside of their bounds, as [lower read upper]: [0 5 0]",
        counter,
        "0 invoke add 5\n0 fail add 5\n1 invoke read\n1 ok read 5");
  }

  // Queues.

  @Test
  void queueFindsDequeuesFromNowhere() {
    QueueCheckers.Queue queue = new QueueCheckers.Queue();
    assertVerdict(
        "valid", queue, "0 invoke enqueue 1\n1 invoke dequeue\n1 ok dequeue 1\n0 info enqueue 1");
    assertVerdict(
        "invalid: event 1 dequeued 1, which was not in the queue",
        queue,
        "1 invoke dequeue\n1 ok dequeue 1\n0 invoke enqueue 1");
    assertVerdict("unknown: nothing was ever dequeued", queue, "0 invoke enqueue 1");
    String once = "0 invoke enqueue 1\n0 ok enqueue 1\n1 invoke dequeue\n1 ok dequeue 1\n";
    assertVerdict("valid", queue, once);
    assertVerdict(
        "invalid: event 5 dequeued 1, which was not in the queue",
        queue,
        once + "1 invoke dequeue\n1 ok dequeue 1");
    // The same value may be there more than once.
    assertVerdict("valid", queue, once + once);
    String two = "0 invoke enqueue 1\n0 ok enqueue 1\n".repeat(3);
    String out = "1 invoke dequeue\n1 ok dequeue 1\n";
    assertVerdict("valid", queue, two + out.repeat(3));
    assertEquals("[1]", detail(run(queue, two + out.repeat(2)), "left"));
    assertEquals("invalid", run(queue, two + out.repeat(4)).verdict().word());
  }

  @Test
  void totalQueueFindsLostUnexpectedDuplicatedAndRecoveredElements() {
    QueueCheckers.TotalQueue queue = new QueueCheckers.TotalQueue();
    String in = "0 invoke enqueue 1\n0 ok enqueue 1\n0 invoke enqueue 2\n0 info enqueue 2\n";
    String take = "1 invoke dequeue\n1 ok dequeue ";
    assertVerdict("valid", queue, in + take + "1");
    assertVerdict("invalid: acknowledged but never dequeued: 1", queue, in + take + "2");
    assertVerdict("invalid: never enqueued but dequeued: 7", queue, in + take + "1\n" + take + "7");
    Report twice = run(queue, in + take + "1\n" + take + "1\n" + take + "2");
    assertEquals("[1]", detail(twice, "duplicated"));
    assertEquals("[2]", detail(twice, "recovered"));
    assertEquals("valid", twice.verdict().word());
    assertVerdict("valid", queue, in + "1 invoke drain\n1 ok drain [1 2]");
    assertVerdict(
        "unknown: a drain did not complete: what it took out is not known",
        queue,
        in + "1 invoke drain\n1 info drain");
    assertVerdict("unknown: nothing was ever dequeued", queue, "0 invoke enqueue 1");
  }

  @Test
  void uniqueIdsFindsDuplicates() {
    UniqueIdsChecker ids = new UniqueIdsChecker();
    String one = "0 invoke generate\n0 ok generate 4\n";
    assertVerdict("valid", ids, one + "1 invoke generate\n1 ok generate 7");
    assertEquals("[4 7]", detail(run(ids, one + "1 invoke generate\n1 ok generate 7"), "range"));
    assertVerdict("invalid: 1 ids were given more than once: 4", ids, one + one);
    assertVerdict("unknown: no id was ever given", ids, "0 invoke generate\n0 fail generate");
    assertVerdict("valid", ids, one + "0 invoke read\n0 ok read 4");
  }

  // Bank.

  @Test
  void bankFindsEachKindOfError() {
    BankChecker bank = new BankChecker(Optional.of(Edn.of(10)), Set.of(), false);
    String first = "0 invoke read\n0 ok read {0 4, 1 6}\n0 invoke read\n0 ok read ";
    assertVerdict("valid", bank, first + "{0 10, 1 0}");
    assertVerdict("invalid: 1 errors: event 3: unknown accounts 2", bank, first + "{0 4, 2 6}");
    assertVerdict(
        "invalid: 1 errors: event 3: accounts are missing: {0 10}", bank, first + "{0 10}");
    assertVerdict("invalid: 1 errors: event 3: no balance of 1", bank, first + "{0 10, 1 nil}");
    assertVerdict(
        "invalid: 1 errors: event 3: the total is 9, not 10: {0 4, 1 5}",
        bank,
        first + "{0 4, 1 5}");
    assertVerdict(
        "invalid: 1 errors: event 3: a negative balance: {0 -1, 1 11}",
        bank,
        first + "{0 -1, 1 11}");
    assertVerdict(
        "valid", new BankChecker(Optional.empty(), Set.of(), true), first + "{0 -1, 1 11}");
    assertVerdict("unknown: the balances were never read", bank, "0 invoke read\n0 fail read");
    assertVerdict("valid", bank, first + "{0 4, 1 6}\n1 invoke move {0 1}\n1 ok move {0 1}");
    assertVerdict(
        "unknown: event 1: a read of the bank is a map of accounts to balances, not 3",
        bank,
        "0 invoke read\n0 ok read 3");
  }

  // Order.

  @Test
  void longForkFindsTwoReadsThatEachMissAWrite() {
    LongForkChecker fork = new LongForkChecker(2);
    String writes = "0 invoke write [[:w 0 1]]\n0 ok write [[:w 0 1]]\n0 invoke write [[:w 1 1]]\n";
    String one = "1 invoke read\n1 ok read [[:r 0 1] [:r 1 nil]]\n";
    String other = "1 invoke read\n1 ok read [[:r 0 nil] [:r 1 1]]\n";
    String both = "1 invoke read\n1 ok read [[:r 0 1] [:r 1 1]]\n";
    assertVerdict("valid", fork, writes + one + both);
    assertVerdict(
        "invalid: 1 pairs of reads fork, for example {4 {0 1, 1 nil}, 6 {0 nil, 1 1}}",
        fork,
        writes + one + other);
    Report seen = run(fork, writes + "1 invoke read\n1 ok read [[:r 0] [:r 1]]\n" + both + both);
    assertEquals("3", detail(seen, "reads-count"));
    assertEquals("1", detail(seen, "early-read-count"));
    assertEquals("2", detail(seen, "late-read-count"));
    assertVerdict("unknown: no group was ever read", fork, writes);
    assertVerdict(
        "unknown: key 0 is written more than once",
        fork,
        "0 invoke write [[:w 0 1]]\n1 invoke write [[:w 0 2]]");
    assertVerdict(
        "unknown: event 1 reads no whole group of 2 keys",
        fork,
        "0 invoke read\n0 ok read [[:r 1 nil] [:r 2 nil]]");
  }

  @Test
  void monotonicFindsEachKindOfError() {
    MonotonicChecker rows = new MonotonicChecker();
    String adds =
        """
        0 invoke add
        0 ok add {:val 1 :sts 10 :proc 0}
        1 invoke add
        1 fail add {:val 2 :sts 11 :proc 1}
        0 invoke read
        """;
    String r1 = "{:val 1 :sts 10 :proc 0}";
    String r3 = "{:val 3 :sts 12 :proc 0}";
    assertVerdict("valid", rows, adds + "0 ok read [" + r1 + " " + r3 + "]");
    assertInvalid(rows, adds + "0 ok read [" + r3 + "]", "acknowledged but not there: 1");
    assertInvalid(rows, adds + "0 ok read [" + r1 + r1 + "]", "there more than once: 1");
    assertInvalid(
        rows, adds + "0 ok read [" + r1 + " {:val 2 :sts 11 :proc 1}]", "failed but there: 2");
    assertInvalid(
        rows, adds + "0 ok read [{:val 0 :sts 11 :proc 1}" + r1 + "]", "timestamps that do not");
    assertInvalid(
        rows, adds + "0 ok read [" + r1 + "{:val 0 :sts 11 :proc 1}]", "values that do not grow");
    assertInvalid(
        rows, adds + "0 ok read [" + r1 + "{:val 0 :sts 11 :proc 0}]", "values of one process");
    assertVerdict("unknown: the rows were never read", rows, "0 invoke add\n0 ok add 1");
    assertVerdict("unknown: the rows were never read", rows, adds + "0 fail read [" + r1 + "]");
    assertEquals("[]", detail(run(rows, adds + "0 ok read [" + r1 + "]"), "recovered"));
    assertEquals("[3]", detail(run(rows, adds + "0 ok read [" + r1 + r3 + "]"), "recovered"));
    assertEquals(
        "[]",
        detail(
            run(rows, adds + "0 ok read [" + r1 + "{:val 0 :sts 11 :proc 1}]"),
            "off-order-val-per-process"));
    // Rows of one transaction share its timestamp; some have none; some are mere values.
    assertVerdict("valid", rows, adds + "0 ok read [" + r1 + "{:val 3 :sts 10 :proc 0}]");
    assertVerdict("valid", rows, adds + "0 ok read [" + r1 + "{:val 3 :sts nil :proc 0}]");
    assertVerdict("valid", rows, "0 invoke add\n0 ok add 1\n0 invoke read\n0 ok read [1 3]");
    assertVerdict(
        "invalid: acknowledged but not there: 1",
        rows,
        "0 invoke add\n0 ok add 1\n0 invoke read\n0 ok read [3]");
  }

  private static void assertInvalid(
      Checker<UntypedCall, Report> checker, String lines, String part) {
    Report report = run(checker, lines);
    assertEquals("invalid", report.verdict().word());
    assertTrue(report.verdict().reason().contains(part), report.verdict().reason());
  }

  @Test
  void causalFollowsTheChainOfLinks() {
    CausalCheckers.Causal causal = new CausalCheckers.Causal();
    String start =
        """
        0 invoke read-init
        0 ok read-init 0 | :position 1 :link :init
        0 invoke write 1
        0 ok write 1 | :position 2 :link 1
        0 invoke read
        """;
    assertVerdict("valid", causal, start + "0 ok read 1 | :position 3 :link 2");
    assertVerdict(
        "invalid: event 5: read 0 from a register that is 1",
        causal,
        start + "0 ok read 0 | :position 3 :link 2");
    assertVerdict(
        "invalid: event 5: cannot link 1 to the last position 2",
        causal,
        start + "0 ok read 1 | :position 3 :link 1");
    assertVerdict(
        "invalid: event 1: expected a write of 1, not 2",
        causal,
        "0 invoke write 2\n0 ok write 2 | :position 1 :link :init");
    assertVerdict(
        "invalid: event 1: expected to read the initial value, not 7",
        causal,
        "0 invoke read-init\n0 ok read-init 7 | :position 1 :link :init");
    assertVerdict("valid", causal, "0 invoke read-init\n0 ok read-init | :position 1 :link :init");
    assertVerdict(
        "valid", causal, start + "0 ok read 1 | :position 3 :link 2\n" + INIT_AGAIN.formatted(1));
    assertVerdict(
        "invalid: event 7: expected to read the initial value, not 0",
        causal,
        start + "0 ok read 1 | :position 3 :link 2\n" + INIT_AGAIN.formatted(0));
    assertVerdict("unknown: no operation was acknowledged", causal, "0 invoke read\n0 info read");
  }

  private static final String INIT_AGAIN =
      "0 invoke read-init\n0 ok read-init %d | :position 4 :link 3";

  @Test
  void causalReverseFindsAWriteWithoutTheOneBeforeIt() {
    CausalCheckers.CausalReverse reverse = new CausalCheckers.CausalReverse();
    String writes =
        "0 invoke write 1\n0 ok write 1\n1 invoke write 2\n1 ok write 2\n2 invoke read\n";
    assertVerdict("valid", reverse, writes + "2 ok read [1]");
    assertVerdict(
        "invalid: 1 reads show a write without one that was acknowledged before it:"
            + " {:index 5, :missing [1]}",
        reverse,
        writes + "2 ok read [2]");
    assertVerdict("unknown: nothing was ever read", reverse, writes);
  }

  @Test
  void predicateG2FindsTwoInsertsOfAKey() {
    PredicateG2Checker g2 = new PredicateG2Checker();
    String one = "0 invoke insert [7 [1 nil]]\n0 ok insert [7 [1 nil]]\n";
    assertVerdict("valid", g2, one + "1 invoke insert [7 [nil 2]]\n1 fail insert [7 [nil 2]]");
    assertEquals("1", detail(run(g2, one), "legal-count"));
    assertVerdict("valid", g2, one + "1 invoke read [7 1]\n1 ok read [7 1]");
    assertVerdict(
        "invalid: 1 keys were inserted twice (G2): 7",
        g2,
        one + "1 invoke insert [7 [nil 2]]\n1 ok insert [7 [nil 2]]");
    assertVerdict(
        "unknown: nothing was ever inserted",
        g2,
        "0 invoke insert [7 [1 nil]]\n0 fail insert [7 [1 nil]]");
  }

  // What looks at the run itself.

  @Test
  void statsCountsOutcomesAndMissesFunctionsThatNeverWorked() {
    StatsChecker stats = new StatsChecker();
    String read = "0 invoke read\n0 ok read 1\n";
    assertVerdict("valid", stats, read);
    assertVerdict("unknown: never ok: write", stats, read + "0 invoke write 1\n0 info write 1");
    assertVerdict("unknown: no operation ever completed", stats, "0 invoke read");
    assertEquals(
        "{:count 2, :ok-count 1, :fail-count 0, :info-count 1}",
        detail(run(stats, read + "0 invoke write 1\n0 info write 1"), "all"));
  }

  @Test
  void unhandledExceptionsAreCountedByClass() {
    Report report =
        run(
            new UnhandledExceptionsChecker(),
            """
            0 invoke read
            0 info read nil | :exception {:via [{:type java.io.IOException}]}
            1 invoke read
            1 info read nil | :exception {:via [{:type java.io.IOException}]}
            2 invoke read
            2 info read nil | :exception "PSQLException: gone"
            3 invoke read
            3 info read nil
            """);
    assertEquals("valid", report.verdict().word());
    assertEquals("2", detail(report, "exceptions-count"));
    assertTrue(
        detail(report, "exceptions").startsWith("[{:class \"java.io.IOException\", :count 2"),
        detail(report, "exceptions"));
  }

  @Test
  void logPatternFindsLinesOfNodesLogs(@TempDir Path folder) throws IOException {
    Path log = Files.writeString(folder.resolve("n1.log"), "fine\nPANIC: no\n");
    Map<String, Path> logs = Map.of("n1", log);
    assertVerdict(
        "invalid: 1 lines of logs match PANIC: {:node \"n1\", :line \"PANIC: no\"}",
        new LogPatternChecker(Pattern.compile("PANIC"), logs),
        "");
    assertVerdict("valid", new LogPatternChecker(Pattern.compile("FATAL"), logs), "");
    assertVerdict(
        "unknown: there are no logs", new LogPatternChecker(Pattern.compile("x"), Map.of()), "");
    Path gone = folder.resolve("gone");
    assertTrue(
        run(new LogPatternChecker(Pattern.compile("x"), Map.of("n2", gone)), "")
            .verdict()
            .reason()
            .startsWith("the log of n2 cannot be read"));
  }

  // Combinations.

  @Test
  void composeTakesTheWorstVerdictAndNamesIt() {
    Map<String, Checker<UntypedCall, Report>> parts = new LinkedHashMap<>();
    parts.put("fine", Checkers.unbridledOptimism());
    parts.put("stats", new StatsChecker());
    assertVerdict(
        "unknown: stats: never ok: read", Checkers.compose(parts), "0 invoke read\n0 fail read");
    parts.put("set", new SetChecker());
    assertVerdict(
        "invalid: set: 1 elements in the last read were never added: 1",
        Checkers.compose(parts),
        "0 invoke read\n0 ok read [1]");
    assertVerdict("unknown: nothing was checked", Checkers.compose(Map.of()), "");
  }

  @Test
  void safeTurnsEvenErrorsIntoUnknown() {
    assertVerdict(
        "unknown: the checker failed: java.lang.OutOfMemoryError: no",
        Checkers.safe(
            (_, _) -> {
              throw new OutOfMemoryError("no");
            }),
        "");
    assertVerdict(
        "unknown: event 1: a read of a counter is a number, not :x",
        Checkers.safe(new CounterChecker()),
        "0 invoke read\n0 ok read :x");
  }

  @Test
  void independentChecksEachKeyAlone() {
    Checker<UntypedCall, Report> perKey = Checkers.independent(new SetChecker());
    String lines =
        """
        0 invoke add [1 10]
        0 ok add [1 10]
        0 invoke add [2 20]
        0 ok add [2 20]
        n info partition
        1 invoke read [1 nil]
        1 ok read [1 [10]]
        1 invoke read [2 nil]
        """;
    assertVerdict("valid", perKey, lines + "1 ok read [2 [20]]");
    Report report = run(perKey, lines + "1 ok read [2 []]");
    assertEquals(
        "key 2: 1 acknowledged elements are not in the last read: 20", report.verdict().reason());
    assertEquals("[2]", detail(report, "failures"));
    assertVerdict("unknown: there are no keys", perKey, "");
    // A completion without a value belongs to the key of its invocation.
    assertVerdict("unknown: key 2: the set was never read", perKey, lines + "1 info read");
  }

  @Test
  void concurrencyLimitLetsOnlySoManyIn() throws InterruptedException {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Checker<UntypedCall, Report> slow =
        Checkers.concurrencyLimit(
            2,
            (_, _) -> {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              try {
                Thread.sleep(5);
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
              inside.decrementAndGet();
              return Report.builder().put("x", Edn.of(1)).valid();
            });
    Thread[] threads = new Thread[8];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = Thread.ofVirtual().start(() -> run(slow, ""));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(2, most.get());
  }
}
