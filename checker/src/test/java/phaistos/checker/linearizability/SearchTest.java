package phaistos.checker.linearizability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.checker.linearizability.models.RegisterCall.cas;
import static phaistos.checker.linearizability.models.RegisterCall.read;
import static phaistos.checker.linearizability.models.RegisterCall.write;

import java.util.Optional;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.checker.linearizability.models.CasRegister;
import phaistos.checker.linearizability.models.KeyValue;
import phaistos.checker.linearizability.models.RegisterCall;
import phaistos.histories.Edn;
import phaistos.histories.History;

/** What short histories cannot show: portions of a search, and sets of more than 64 operations. */
class SearchTest {
  private static final int WIDE = 70;
  private static final Limits NONE = new Limits(Long.MAX_VALUE / 2, () -> false, Long.MAX_VALUE);

  /** So many writes and crashed swaps at once, and a read that none of their orders explains. */
  private static History<RegisterCall> manyOrders(int count) {
    Recorder<RegisterCall> r = new Recorder<>();
    for (int i = 0; i < count; i++) {
      r.invoke(i, cas(i, i + 1000)).invoke(100 + i, write(i));
    }
    for (int i = 0; i < count; i++) {
      r.ok(100 + i, write(i));
    }
    return r.invoke(500, read()).ok(500, read(77)).history();
  }

  @Test
  void aSearchInPortionsEndsLikeOneInOne() {
    CasRegister model = new CasRegister();
    KeyLog<RegisterCall> log =
        Collector.of(model, manyOrders(10)).logs().values().iterator().next();
    Problem<RegisterCall> problem = Problem.of(model, log);
    portionsAgree(() -> Search.wgl(model, problem, NONE)::run);
    portionsAgree(() -> Search.linear(model, problem, NONE)::run);
  }

  private interface Start {
    LongFunction<Optional<SearchOutcome>> search();
  }

  private static void portionsAgree(Start start) {
    SearchOutcome whole = start.search().apply(Long.MAX_VALUE).orElseThrow();
    LongFunction<Optional<SearchOutcome>> search = start.search();
    Optional<SearchOutcome> outcome = search.apply(1);
    int portions = 1;
    for (; outcome.isEmpty(); outcome = search.apply(1)) {
      portions++;
    }
    assertEquals(whole, outcome.get());
    assertTrue(portions > 5, "portions=" + portions);
    assertTrue(whole instanceof SearchOutcome.Stuck stuck && stuck.rank() == 10, whole.toString());
  }

  @Test
  void competitionOnOneThreadTakesTurnsUntilOneKnows() {
    var checker = Linearizability.of(new CasRegister()).withThreads(1);
    LinearizabilityResult result = checker.check(manyOrders(12));
    assertEquals("invalid", result.verdict().word());
    assertTrue(result.configurations() > 0);
  }

  private static void stopsAt(long index, Recorder<RegisterCall> recorder) {
    for (Algorithm algorithm : Algorithm.values()) {
      var checker = Linearizability.of(new CasRegister()).with(algorithm);
      LinearizabilityResult result = checker.check(recorder.history());
      long stop = result.failure().map(Failure::stopIndex).orElse(-1L);
      assertEquals(index, stop, algorithm + ": " + result.verdict());
    }
  }

  @Test
  void moreThan64OpenOperationsAreToldApart() {
    Recorder<RegisterCall> r = new Recorder<>();
    r.invoke(0, write(0)).ok(0, write(0));
    for (int i = 0; i < WIDE; i++) {
      r.invoke(1000 + i, cas(i, i + 1));
    }
    r.invoke(1, read()).ok(1, read(WIDE - 1)).invoke(1, read()).ok(1, read(WIDE));
    stopsAt(-1, r);
    for (int i = WIDE - 1; i >= 0; i--) {
      r.ok(1000 + i, cas(i, i + 1));
    }
    stopsAt(-1, r);
    r.invoke(1, read()).ok(1, read(3));
    stopsAt(2 + WIDE + 4 + WIDE + 1, r);
  }

  @Test
  void moreThan64CrashedOperationsHappenOnceEach() {
    Recorder<RegisterCall> r = new Recorder<>();
    for (int i = 0; i < WIDE; i++) {
      r.invoke(1000 + i, write(i)).info(1000 + i, write(i));
    }
    for (int i = WIDE - 1; i >= 0; i--) {
      r.invoke(0, read()).ok(0, read(i));
    }
    stopsAt(-1, r);
    r.invoke(0, read()).ok(0, read(WIDE - 1));
    stopsAt(4 * WIDE + 1, r);
  }

  @Test
  void moreThan64EqualCrashedOperationsHappenAsOftenAsTheyWereInvoked() {
    Recorder<RegisterCall> r = new Recorder<>();
    int index = 0;
    for (int i = 0; i < WIDE; i++) {
      r.invoke(1000 + i, write(1)).invoke(0, write(0)).ok(0, write(0));
      r.invoke(0, read()).ok(0, read(1));
      index += 5;
    }
    stopsAt(-1, r);
    r.invoke(0, write(0)).ok(0, write(0)).invoke(0, read()).ok(0, read(1));
    stopsAt(index + 3, r);
  }

  /**
   * Clients append in rounds, now and then one puts; a read in the middle is of the wrong order.
   */
  private static Recorder<KeyValue.Call> appends(int clients, int rounds, boolean isWrong) {
    Recorder<KeyValue.Call> r = new Recorder<>();
    Edn key = Edn.of("k");
    StringBuilder held = new StringBuilder();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < clients; i++) {
        String mark = (char) ('a' + i) + "" + round;
        boolean isPut = round % 4 == 3 && i == clients / 2;
        r.invoke(i, isPut ? new KeyValue.Put(key, mark) : new KeyValue.Append(key, mark));
        held.setLength(isPut ? 0 : held.length());
        held.append(mark);
      }
      for (int i = clients - 1; i >= 0; i--) {
        String mark = (char) ('a' + i) + "" + round;
        boolean isPut = round % 4 == 3 && i == clients / 2;
        r.ok(i, isPut ? new KeyValue.Put(key, mark) : new KeyValue.Append(key, mark));
      }
      String seen = isWrong && round == rounds / 2 ? "b" + held.substring(1) : held.toString();
      r.invoke(0, new KeyValue.Get(key, Optional.empty()));
      r.ok(0, new KeyValue.Get(key, Optional.of(seen)));
    }
    return r;
  }

  @Test
  void aWrongReadOfATextThatGrowsIsFoundWithoutTryingEveryOrder() {
    for (boolean isWrong : new boolean[] {false, true}) {
      for (Algorithm algorithm : Algorithm.values()) {
        LinearizabilityResult result =
            Linearizability.of(new KeyValue())
                .with(algorithm)
                .check(appends(9, 20, isWrong).history(), CheckContext.within(20_000_000_000L));
        assertEquals(isWrong ? "invalid" : "valid", result.verdict().word(), algorithm.word());
        assertTrue(result.configurations() < 50_000, algorithm + ": " + result.configurations());
        long stop = result.failure().map(Failure::stopIndex).orElse(-1L);
        assertEquals(isWrong ? 20 * 11 - 1 : -1, stop, algorithm.word());
      }
    }
  }
}
