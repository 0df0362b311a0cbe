package phaistos.checker.linearizability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.checker.linearizability.models.RegisterCall.cas;
import static phaistos.checker.linearizability.models.RegisterCall.read;
import static phaistos.checker.linearizability.models.RegisterCall.write;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.linearizability.models.CasRegister;
import phaistos.checker.linearizability.models.RegisterCall;

class ExplanationTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static Explanation explain(Recorder<RegisterCall> recorder) {
    return Linearizability.of(new CasRegister())
        .check(recorder.history())
        .failure()
        .orElseThrow()
        .explain(LIMIT);
  }

  private static List<String> calls(List<Explanation.Op> ops) {
    return ops.stream().map(Explanation.Op::call).toList();
  }

  /** 0 was read after 1 was: the reads in between and the crashed operations do not matter. */
  private static Recorder<RegisterCall> staleRead() {
    Recorder<RegisterCall> r = new Recorder<>();
    r.invoke(0, write(0)).ok(0, write(0)).invoke(1, read()).ok(1, read(0));
    r.invoke(7, cas(5, 6)).info(7, cas(5, 6)).invoke(2, read()).ok(2, read(0));
    r.invoke(0, write(1)).invoke(1, read()).ok(1, read(1));
    return r.invoke(2, read()).ok(2, read(0)).ok(0, write(1)).invoke(3, read()).ok(3, read(1));
  }

  @Test
  void namesTheOperationWhereItMustStopAndWhatReturnedBefore() {
    Explanation e = explain(staleRead());
    assertEquals("process 2 read 0 (11..12)", e.stop().toString());
    assertEquals("process 1 read 1 (9..10)", e.previousOk().orElseThrow().toString());
    assertEquals(1, e.configurations().size());
    assertEquals("1", e.configurations().getFirst().state());
    assertTrue(ExplanationText.print(e).contains("read 0: can't read 0 from register 1"));
  }

  @Test
  void theMinimalPartHasNoOrderAndNeedsEachOfItsCore() {
    Explanation e = explain(staleRead());
    List<Explanation.Op> core = e.minimal().stream().filter(Explanation.Op::isCore).toList();
    assertEquals(List.of("read 0", "read 1", "read 0"), calls(core));
    List<String> explaining = calls(e.minimal());
    assertEquals(5, explaining.size(), explaining.toString());
    assertTrue(explaining.containsAll(List.of("write 0", "write 1")), explaining.toString());
  }

  @Test
  void theLongestPrefixIsAnOrderThatTheModelAccepts() {
    Explanation e = explain(staleRead());
    assertEquals(List.of("write 0", "read 0", "read 0", "write 1", "read 1"), calls(e.prefix()));
  }

  @Test
  void thePageStandsAloneAndShowsEveryPath() {
    Explanation e = explain(staleRead());
    String page = ExplanationPage.print("h.edn", e);
    assertTrue(page.contains("<svg") && page.contains("data-path=\"11\""), page);
    assertFalse(page.contains("http") || page.contains("src="), "resources from elsewhere");
    assertTrue(page.contains("prefers-color-scheme:dark"));
  }

  /** The picture of a crashed cluster: what text from a history must not become markup. */
  @Test
  void textFromTheHistoryIsEscaped() {
    assertEquals("&lt;b&gt;&amp;&quot;", ExplanationPage.escape("<b>&\""));
  }

  @Test
  void theWitnessOfAValidHistoryIsAcceptedStepByStep() {
    Random random = new Random(7);
    for (Sample<?, ?> sample : Sample.all()) {
      for (int i = 0; i < 50; i++) {
        verifyWitness(sample, random);
      }
    }
  }

  private static <S, C> void verifyWitness(Sample<S, C> sample, Random random) {
    Collector<S, C> collected = Collector.of(sample.model(), sample.valid(random, 60, 4, 0.1));
    for (KeyLog<C> log : collected.logs().values()) {
      Problem<C> problem = Problem.of(sample.model(), log);
      Limits limits = new Limits(Long.MAX_VALUE / 2, () -> false, Long.MAX_VALUE);
      List<Integer> order = Witness.order(sample.model(), problem, problem.returns, limits);
      assertEquals(order.size(), order.stream().distinct().count(), "an operation comes twice");
      S state = sample.model().initial();
      long latestInvocation = -1;
      for (int operation : order) {
        latestInvocation = Math.max(latestInvocation, log.invokedAt(operation));
        boolean isLate =
            log.outcome(operation) == KeyLog.OK && log.completedAt(operation) < latestInvocation;
        assertFalse(isLate, "real time is broken");
        switch (sample.model().step(state, log.call(operation))) {
          case Step.Next<S> next -> state = next.state();
          case Step.Inconsistent<S> no -> throw new AssertionError(no.reason());
        }
      }
      long returned = order.stream().filter(o -> log.outcome(o) == KeyLog.OK).count();
      assertEquals(problem.returns, returned, "an operation that returned is missing");
    }
  }

  @Test
  void timeAndMemoryLimitsEndInUnknownThatSaysHowFarItGot() {
    Recorder<RegisterCall> r = new Recorder<>();
    for (int i = 0; i < 22; i++) {
      r.invoke(i, cas(i, i + 1000));
      r.invoke(100 + i, write(i));
    }
    for (int i = 0; i < 22; i++) {
      r.ok(100 + i, write(i));
    }
    r.invoke(500, read()).ok(500, read(77));
    for (Algorithm algorithm : Algorithm.values()) {
      var checker = Linearizability.of(new CasRegister()).with(algorithm);
      Verdict late = checker.check(r.history(), CheckContext.within(200_000_000L)).verdict();
      assertTrue(late.reason().startsWith("the time limit is reached after"), late.toString());
      Verdict full = checker.withMemory(10 << 20).check(r.history()).verdict();
      assertEquals("unknown", full.word());
      assertTrue(full.reason().startsWith("the memory limit of 10 MB"), full.toString());
    }
  }
}
