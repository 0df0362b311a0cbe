package phaistos.histories.generators;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static phaistos.histories.generators.Generators.any;
import static phaistos.histories.generators.Generators.call;
import static phaistos.histories.generators.Generators.clients;
import static phaistos.histories.generators.Generators.clientsAndNemesis;
import static phaistos.histories.generators.Generators.concat;
import static phaistos.histories.generators.Generators.concurrencyLimit;
import static phaistos.histories.generators.Generators.cycle;
import static phaistos.histories.generators.Generators.cycleTimes;
import static phaistos.histories.generators.Generators.delay;
import static phaistos.histories.generators.Generators.draw;
import static phaistos.histories.generators.Generators.eachProcess;
import static phaistos.histories.generators.Generators.eachThread;
import static phaistos.histories.generators.Generators.filter;
import static phaistos.histories.generators.Generators.flipFlop;
import static phaistos.histories.generators.Generators.friendlyExceptions;
import static phaistos.histories.generators.Generators.limit;
import static phaistos.histories.generators.Generators.log;
import static phaistos.histories.generators.Generators.map;
import static phaistos.histories.generators.Generators.mix;
import static phaistos.histories.generators.Generators.nemesis;
import static phaistos.histories.generators.Generators.notBefore;
import static phaistos.histories.generators.Generators.onThreads;
import static phaistos.histories.generators.Generators.onUpdate;
import static phaistos.histories.generators.Generators.once;
import static phaistos.histories.generators.Generators.phases;
import static phaistos.histories.generators.Generators.processLimit;
import static phaistos.histories.generators.Generators.repeat;
import static phaistos.histories.generators.Generators.reserve;
import static phaistos.histories.generators.Generators.shortestAny;
import static phaistos.histories.generators.Generators.sleep;
import static phaistos.histories.generators.Generators.stagger;
import static phaistos.histories.generators.Generators.then;
import static phaistos.histories.generators.Generators.timeLimit;
import static phaistos.histories.generators.Generators.trace;
import static phaistos.histories.generators.Generators.untilOk;
import static phaistos.histories.generators.Generators.validate;

import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import phaistos.histories.Event;
import phaistos.histories.Process;

/** What each combinator does, rehearsed with two client threads and a nemesis. */
class GeneratorsTest {
  private static final Seed SEED = new Seed(7);

  /** "time thread call", one for each invocation, where a call takes so long. */
  private static List<String> invocations(
      Generator<String> generator, Rehearsal.Answer<String> answer) {
    return Rehearsal.run(generator, 2, SEED, answer).stream()
        .filter(Event::isInvoke)
        .map(e -> e.timeNanos() + " " + who(e) + " " + e.call())
        .toList();
  }

  private static String who(Event<String> event) {
    return switch (event.process()) {
      case Process.Client client -> Long.toString(client.id());
      case Process.Nemesis _ -> "nemesis";
    };
  }

  private static List<String> calls(Generator<String> generator, Rehearsal.Answer<String> answer) {
    return Rehearsal.run(generator, 2, SEED, answer).stream()
        .filter(Event::isInvoke)
        .map(Event::call)
        .toList();
  }

  private static List<String> calls(Generator<String> generator) {
    return calls(generator, Rehearsal.perfect(10));
  }

  private static List<Long> times(Generator<String> generator) {
    return Rehearsal.run(generator, 2, SEED, Rehearsal.perfect(10)).stream()
        .filter(Event::isInvoke)
        .map(Event::timeNanos)
        .toList();
  }

  private static Generator<String> numbered(String name) {
    return draw(SEED.child(name), (_, _, n) -> name + n);
  }

  // A filter that forgot its drops would see the delay begin anew at every question.
  @Test
  void aFilterOverADelayActsInTheEnd() {
    Generator<String> letters = cycle(2, concat(call("b"), call("b"), call("a")));
    Generator<String> filtered = filter(c -> !c.equals("b"), delay(10, letters));
    assertEquals(List.of(20L, 50L), timesOfA(filtered));
    assertEquals(List.of(20L, 50L), timesOfA(reserve(1, filtered).rest(call("b"))));
    assertEquals(List.of(20L, 20L, 20L), timesOfA(repeat(3, filtered)));
  }

  private static List<Long> timesOfA(Generator<String> generator) {
    return Rehearsal.run(generator, 2, SEED, Rehearsal.quick()).stream()
        .filter(e -> e.isInvoke() && e.call().equals("a"))
        .map(Event::timeNanos)
        .toList();
  }

  @Test
  void aCallIsMadeOnce() {
    assertEquals(List.of("a"), calls(clients(call("a"))));
  }

  @Test
  void concatGoesOnWithoutWaitingWhereThenWaits() {
    assertEquals(List.of(0L, 0L), times(clients(concat(call("a"), call("b")))));
    assertEquals(List.of(0L, 10L), times(clients(then(call("a"), call("b")))));
  }

  @Test
  void phasesWaitForEverybodyInView() {
    Generator<String> generator =
        phases(clients(concat(call("a"), call("b"))), nemesis(call("c")), clients(call("d")));
    assertEquals(List.of("a", "b", "c", "d"), calls(generator));
    assertEquals(List.of(0L, 0L, 10L, 20L), times(generator));
  }

  @Test
  void limitAndOnceCountActs() {
    assertEquals(List.of("a0", "a1", "a2"), calls(clients(limit(3, numbered("a")))));
    assertEquals(List.of("a0"), calls(clients(once(numbered("a")))));
  }

  @Test
  void repeatGivesTheFirstActAgainAndCycleTheWholeGenerator() {
    Generator<String> twoCalls = concat(call("a"), call("b"));
    assertEquals(List.of("a", "a", "a"), calls(clients(repeat(3, twoCalls))));
    assertEquals(List.of("a", "b", "a", "b"), calls(clients(cycle(2, twoCalls))));
    assertEquals(List.of(), calls(clients(cycle(Generators.nothing()))));
  }

  @Test
  void timeLimitEndsBeforeTheMomentItself() {
    assertEquals(List.of(0L, 10L, 20L), times(clients(timeLimit(30, delay(10, numbered("a"))))));
  }

  @Test
  void timeLimitEndsAGeneratorThatWaitsForBusyThreads() {
    Generator<String> generator =
        any(clients(timeLimit(15, numbered("a"))), notBefore(50, call("z")));
    assertEquals(
        List.of("a0", "a1", "z"),
        calls(generator, Rehearsal.perfect(100)).stream().sorted().toList());
    assertEquals(
        50L,
        Rehearsal.run(generator, 2, SEED, Rehearsal.perfect(100)).get(2).timeNanos(),
        "the nemesis is free at 50");
  }

  @Test
  void delayKeepsItsDistanceAndStaggerItsMean() {
    assertEquals(List.of(0L, 25L, 50L), times(clients(limit(3, delay(25, numbered("a"))))));
    List<Long> times = times(clients(limit(10_000, stagger(SEED, 1_000, numbered("a")))));
    double mean = times.getLast() / 9_999.0;
    assertTrue(mean > 980 && mean < 1_020, "mean=" + mean + ", seed=" + SEED);
    long longest = 0;
    for (int i = 1; i < times.size(); i++) {
      longest = Math.max(longest, times.get(i) - times.get(i - 1));
    }
    assertTrue(longest > 1_900 && longest < 2_000, "longest=" + longest + ", seed=" + SEED);
  }

  @Test
  void sleepOccupiesAThreadAndPhasesWaitForIt() {
    Generator<String> generator =
        clients(phases(concat(call("a"), sleep(1_000)), concat(log("on"), call("b"))));
    assertEquals(List.of(0L, 1_000L), times(generator));
  }

  @Test
  void mixTakesAllPartsAboutEquallyAndDropsExhaustedOnes() {
    Generator<String> generator =
        clients(limit(9_000, mix(SEED, repeat(call("a")), repeat(call("b")), repeat(call("c")))));
    TreeMap<String, Long> counts =
        calls(generator).stream()
            .collect(Collectors.groupingBy(c -> c, TreeMap::new, Collectors.counting()));
    assertEquals(3, counts.size());
    counts.forEach((call, n) -> assertTrue(n > 2_800 && n < 3_200, counts + ", seed=" + SEED));
    Generator<String> ending = mix(SEED, call("a"), repeat(5, call("b")));
    assertEquals(6, calls(clients(ending)).size());
  }

  @Test
  void anyTakesTheSoonest() {
    Generator<String> generator =
        any(clients(notBefore(20, call("late"))), clients(notBefore(5, call("soon"))));
    assertEquals(List.of("soon", "late"), calls(generator));
    Generator<String> shortest =
        shortestAny(clients(call("soon")), clients(notBefore(5, call("late"))));
    assertEquals(List.of("soon"), calls(shortest));
  }

  @Test
  void anyIsFairWithinAny() {
    Generator<String> inner = any(repeat(call("a")), repeat(call("b")));
    Generator<String> generator = clients(limit(9_000, any(inner, repeat(call("c")))));
    TreeMap<String, Long> counts =
        calls(generator).stream()
            .collect(Collectors.groupingBy(c -> c, TreeMap::new, Collectors.counting()));
    assertTrue(counts.get("a") > 2_000 && counts.get("b") > 2_000, counts + ", seed=" + SEED);
    assertTrue(counts.get("c") > 4_200 && counts.get("c") < 4_800, counts + ", seed=" + SEED);
  }

  @Test
  void clientsAndNemesisKeepToTheirThreads() {
    List<String> all =
        invocations(
            clientsAndNemesis(limit(4, numbered("a")), limit(2, numbered("n"))),
            Rehearsal.perfect(10));
    assertEquals(6, all.size());
    for (String line : all) {
      assertEquals(line.contains(" n") && !line.contains(" a"), line.contains("nemesis"), line);
    }
  }

  @Test
  void everyClientThreadIsUsed() {
    TreeSet<String> who = new TreeSet<>();
    for (Event<String> event :
        Rehearsal.run(clients(limit(200, numbered("a"))), 10, SEED, Rehearsal.<String>quick())) {
      who.add(who(event));
    }
    assertEquals(10, who.size(), who + ", seed=" + SEED);
  }

  @Test
  void eachThreadHasItsOwnCopy() {
    List<String> lines =
        invocations(clients(eachThread(limit(2, numbered("a")))), Rehearsal.perfect(10));
    assertEquals(
        List.of("0 0 a0", "0 1 a0", "10 0 a1", "10 1 a1"), lines.stream().sorted().toList());
  }

  @Test
  void reserveGivesThreadsToGenerators() {
    List<String> lines =
        invocations(
            clients(reserve(1, limit(2, numbered("a"))).rest(limit(2, numbered("b")))),
            Rehearsal.perfect(10));
    assertEquals(
        List.of("0 0 a0", "0 1 b0", "10 0 a1", "10 1 b1"), lines.stream().sorted().toList());
  }

  @Test
  void flipFlopAlternatesAndEndsWithTheOneThatIsDue() {
    assertEquals(
        List.of("a0", "b", "a1", "b", "a2"),
        calls(clients(flipFlop(numbered("a"), repeat(2, call("b"))))));
  }

  @Test
  void untilOkEndsAfterAnOkOfItsOwn() {
    // Ends in turn: ok, info, fail; indices of invocations count completions too.
    Rehearsal.Answer<String> thirdIsOk =
        i ->
            i.call().equals("a2")
                ? Rehearsal.<String>perfect(10).completion(i)
                : Rehearsal.<String>perfectInfo(10).completion(i);
    List<String> calls = calls(clients(untilOk(delay(10, numbered("a")))), thirdIsOk);
    assertEquals(List.of("a0", "a1", "a2"), calls.subList(0, 3));
    assertTrue(calls.size() <= 4, calls.toString());
  }

  @Test
  void crashedThreadsGoOnUnderFreshIds() {
    List<Event<String>> events =
        Rehearsal.run(clients(limit(6, numbered("a"))), 2, SEED, Rehearsal.perfectInfo(10));
    List<Long> ids =
        events.stream()
            .filter(Event::isInvoke)
            .map(e -> ((Process.Client) e.process()).id())
            .sorted()
            .toList();
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L), ids);
  }

  @Test
  void processLimitCountsTheDead() {
    List<String> calls = calls(clients(processLimit(5, numbered("a"))), Rehearsal.perfectInfo(10));
    assertEquals(List.of("a0", "a1", "a2", "a3", "a4"), calls);
  }

  @Test
  void mapAndFilterChangePayloads() {
    assertEquals(
        List.of("A1", "A3"),
        calls(
            clients(
                map(
                    String::toUpperCase,
                    filter(c -> !c.endsWith("0") && !c.endsWith("2"), limit(4, numbered("a")))))));
  }

  @Test
  void eachProcessBeginsAnewAfterACrashAndEachThreadDoesNot() {
    Generator<String> letters = concat(call("a"), call("b"));
    assertEquals(
        List.of("a", "a", "b", "b"),
        calls(clients(eachThread(letters)), Rehearsal.perfectInfo(10)));
    assertEquals(
        List.of("a", "a", "a", "a", "a"),
        calls(clients(limit(5, eachProcess(letters))), Rehearsal.perfectInfo(10)));
    assertEquals(List.of("a", "a", "b", "b"), calls(clients(eachProcess(letters))));
  }

  @Test
  void concurrencyLimitCountsItsOwnCallsUnderWay() {
    Generator<String> generator =
        any(concurrencyLimit(1, limit(3, repeat(call("a")))), limit(2, repeat(call("b"))));
    List<Event<String>> events = Rehearsal.run(generator, 2, SEED, Rehearsal.perfect(10));
    int underWay = 0;
    for (Event<String> event : events) {
      if (event.call().equals("a")) {
        underWay += event.isInvoke() ? 1 : -1;
        assertTrue(underWay <= 1, events.toString());
      }
    }
    assertEquals(10, events.size());
    assertEquals(List.of(0L, 10L, 20L), times(concurrencyLimit(1, limit(3, repeat(call("a"))))));
  }

  @Test
  void cycleTimesGivesEachItsTimeAndGoesOnWhereItWas() {
    Generator<String> generator =
        limit(
            8, cycleTimes(20, delay(8, numbered("a"))).then(10, delay(4, numbered("b"))).forever());
    assertEquals(
        List.of("0 a0", "8 a1", "16 a2", "20 b0", "24 b1", "28 b2", "30 a3", "38 a4"),
        timed(generator));
  }

  // The first act is far ahead: the turns are counted from the first question all the same.
  @Test
  void cycleTimesBeginsWithTheFirstQuestion() {
    Generator<String> generator =
        limit(2, cycleTimes(20, notBefore(50, numbered("a"))).then(10, numbered("b")).forever());
    assertEquals(List.of("20 b0", "20 b1"), timed(generator));
    generator =
        limit(
            3,
            cycleTimes(20, notBefore(15, delay(4, numbered("a")))).then(10, call("b")).forever());
    assertEquals(List.of("15 a0", "19 a1", "20 b"), timed(generator));
  }

  private static List<String> timed(Generator<String> generator) {
    return Rehearsal.run(generator, 2, SEED, Rehearsal.quick()).stream()
        .filter(Event::isInvoke)
        .map(e -> e.timeNanos() + " " + e.call())
        .toList();
  }

  @Test
  void onUpdateBecomesWhatTheReactionSays() {
    Generator<String> generator =
        onUpdate(
            (self, _, event) -> event.isInvoke() ? self : call("after " + event.call()),
            concat(call("a"), call("never")));
    assertEquals(List.of("a", "after a"), calls(onThreads(t -> t == 0, generator)));
  }

  @Test
  void traceTellsOfQuestionsAnswersAndEvents() {
    List<String> lines = new java.util.ArrayList<>();
    assertEquals(List.of("a"), calls(trace("load", lines::add, call("a"))));
    assertEquals(List.of("next", "update", "next", "update", "next"), words(lines));
    assertTrue(lines.getFirst().contains("-> Call[timeNanos=0, process="), lines.getFirst());
  }

  private static List<String> words(List<String> lines) {
    return lines.stream().map(line -> line.split(" ")[1]).toList();
  }

  @Test
  void validateNamesWhatBreaksALaw() {
    Context later = Context.start(2, SEED).withTime(5);
    Process client = new Process.Client(0);
    assertEquals("an act in the past", problem(later, act(4, client)));
    assertEquals("an act by a thread that is not free", problem(later.withBusy(0), act(5, client)));
    assertEquals(
        "an act by a process that is dead or not yet there",
        problem(later.withFreshProcess(0), act(5, client)));
    assertEquals(
        "pending until a time that has passed",
        problem(later, new Generator.Step.Pending<>(5, call("a"))));
    assertEquals("", problem(later, act(5, client)));
  }

  private static Generator.Step<String> act(long time, Process process) {
    return new Generator.Step.Emit<>(new Act.Call<>(time, process, "a"), call("b"));
  }

  private static String problem(Context context, Generator.Step<String> answer) {
    try {
      validate((Generator<String>) _ -> answer).next(context);
      return "";
    } catch (IllegalStateException e) {
      return e.getMessage().substring(0, e.getMessage().indexOf(':'));
    }
  }

  @Test
  void friendlyExceptionsSayWhichGeneratorFailed() {
    Generator<String> broken =
        draw(
            SEED,
            (_, _, n) -> {
              throw new ArithmeticException("number " + n);
            });
    IllegalStateException seen =
        assertThrows(IllegalStateException.class, () -> calls(friendlyExceptions(broken)));
    assertTrue(
        seen.getMessage()
            .startsWith(
                "a generator failed when asked for an act: java.lang.ArithmeticException: number"
                    + " 0"),
        seen.getMessage());
    assertTrue(seen.getMessage().contains("generator: Drawn["), seen.getMessage());
  }

  @Test
  void aFilterThatLetsNothingPassGivesUp() {
    IllegalStateException seen =
        assertThrows(
            IllegalStateException.class, () -> calls(filter(_ -> false, repeat(call("a")))));
    assertEquals("a filter lets nothing pass: tried=100000", seen.getMessage());
  }
}
