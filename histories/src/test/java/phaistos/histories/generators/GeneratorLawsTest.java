package phaistos.histories.generators;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import phaistos.histories.Event;
import phaistos.histories.generators.Generator.Step;

/** Laws of every generator, on random terms of the algebra. jqwik prints the seed of a failure. */
class GeneratorLawsTest {
  private static final int THREADS = 4;

  @Provide
  Arbitrary<Generator<String>> finite() {
    return withTurns(terms(4, true, true));
  }

  @Provide
  Arbitrary<Generator<String>> unfiltered() {
    return withTurns(terms(4, false, true));
  }

  /**
   * @param hearing whether every call is completed, and heard of: else a concurrency limit stops
   */
  private static Arbitrary<Generator<String>> terms(int depth, boolean filters, boolean hearing) {
    Arbitrary<Generator<String>> leaf =
        Arbitraries.oneOf(
            Arbitraries.of("a", "b", "c").map(Generators::call),
            Arbitraries.longs().between(0, 50).map(Generators::sleep),
            Arbitraries.of("x").map(Generators::log),
            Arbitraries.longs()
                .between(1, 20)
                .map(n -> Generators.limit(n, Generators.draw(new Seed(n), (_, _, i) -> "d" + i))));
    if (depth == 0) {
      return leaf;
    }
    Arbitrary<Generator<String>> part = Arbitraries.lazy(() -> terms(depth - 1, filters, hearing));
    Arbitrary<Generator<String>> deafPart =
        Arbitraries.lazy(() -> terms(depth - 1, filters, false));
    Arbitrary<List<Generator<String>>> parts = part.list().ofMinSize(1).ofMaxSize(3);
    Arbitrary<Seed> seeds = Arbitraries.longs().map(Seed::new);
    Arbitrary<Long> times = Arbitraries.longs().between(0, 100);
    return Arbitraries.oneOf(
        List.of(
            leaf,
            parts.map(Generators::concat),
            parts.map(Generators::phases),
            parts.map(Generators::any),
            parts.map(l -> new Sequencing.FlipFlop<>(l, 0)),
            seeds.flatMap(s -> parts.map(l -> Generators.mix(s, l))),
            seeds.flatMap(s -> part.map(g -> Generators.stagger(s, 20, g))),
            times.flatMap(t -> part.map(g -> Generators.delay(t, g))),
            times.flatMap(t -> part.map(g -> Generators.timeLimit(t, g))),
            times.flatMap(t -> part.map(g -> Generators.notBefore(t, g))),
            times.flatMap(t -> part.map(g -> Generators.limit(t, g))),
            part.map(g -> Generators.limit(20, Generators.repeat(g))),
            part.map(g -> Generators.cycle(2, g)),
            part.map(Generators::untilOk),
            part.map(g -> Generators.processLimit(2 * THREADS, g)),
            part.map(g -> hearing ? Generators.concurrencyLimit(2, g) : g),
            part.map(Generators::eachThread),
            part.map(g -> Generators.limit(20, Generators.eachProcess(g))),
            part.map(g -> Generators.reserve(1, g).rest(g)),
            part.map(g -> Generators.map(String::toUpperCase, g)),
            deafPart.map(g -> filters ? Generators.filter(c -> !c.startsWith("b"), g) : g),
            part.map(g -> Generators.onUpdate((self, _, _) -> self, g)),
            deafPart.map(Generators::ignoreUpdates)));
  }

  /** Not one inside the other: turns that never fall together wait for each other for ever. */
  private static Arbitrary<Generator<String>> withTurns(Arbitrary<Generator<String>> part) {
    Arbitrary<List<Generator<String>>> parts = part.list().ofMinSize(1).ofMaxSize(3);
    Arbitrary<Long> times = Arbitraries.longs().between(1, 100);
    return Arbitraries.frequencyOf(
        Tuple.of(9, part), Tuple.of(1, times.flatMap(t -> parts.map(l -> turns(t, l)))));
  }

  private static Generator<String> turns(long nanos, List<Generator<String>> parts) {
    Generators.Turns<String> turns = Generators.cycleTimes(nanos, parts.getFirst());
    for (Generator<String> part : parts.subList(1, parts.size())) {
      turns = turns.then(nanos / 2 + 1, part);
    }
    return turns.forever();
  }

  @Property(tries = 500)
  void theSameSeedGivesTheSameEvents(
      @ForAll("finite") Generator<String> generator, @ForAll long n) {
    List<Event<String>> once = run(generator, n);
    assertEquals(once, run(generator, n));
  }

  @Property(tries = 500)
  void timeNeverGoesBackAndNobodyDoesTwoThingsAtOnce(
      @ForAll("finite") Generator<String> generator, @ForAll long n) {
    long before = 0;
    List<phaistos.histories.Process> busy = new ArrayList<>();
    for (Event<String> event : run(generator, n)) {
      assertTrue(event.timeNanos() >= before, event.toString());
      before = event.timeNanos();
      if (event.isInvoke()) {
        assertTrue(!busy.contains(event.process()), event.toString());
        busy.add(event.process());
      } else {
        assertTrue(busy.remove(event.process()), event.toString());
      }
    }
    assertTrue(busy.isEmpty(), "calls without an end: " + busy);
  }

  @Property(tries = 500)
  void limitIsKept(@ForAll("finite") Generator<String> generator, @ForAll long n) {
    long invocations = run(generator, n).stream().filter(Event::isInvoke).count();
    long limited = run(Generators.limit(3, generator), n).stream().filter(Event::isInvoke).count();
    assertTrue(limited <= Math.min(3, invocations) || limited <= 3, limited + " of " + invocations);
  }

  @Property(tries = 500)
  void timeLimitIsKept(@ForAll("finite") Generator<String> generator, @ForAll long n) {
    List<Event<String>> events = run(Generators.timeLimit(30, generator), n);
    // Measured from the first act, which may be a sleep: the first invocation comes no later.
    if (!events.isEmpty()) {
      long first = events.getFirst().timeNanos();
      for (Event<String> event : events) {
        assertTrue(!event.isInvoke() || event.timeNanos() < first + 30, event.toString());
      }
    }
  }

  @Property(tries = 500)
  void anAnswerIsTheSameTwiceAndNeverInThePast(
      @ForAll("finite") Generator<String> generator, @ForAll long n) {
    Context context = Context.start(THREADS, new Seed(n)).withTime(17).withBusy(0);
    Generator<String> current = generator;
    for (int i = 0; i < 50; i++) {
      Step<String> step = current.next(context);
      assertEquals(step.getClass(), current.next(context).getClass());
      if (!(step instanceof Step.Emit<String>(Act<String> act, Generator<String> rest))) {
        break;
      }
      assertEquals(act, ((Step.Emit<String>) current.next(context)).act());
      assertTrue(act.timeNanos() >= context.timeNanos(), act.toString());
      assertTrue(context.isFree(context.threadOf(act.process())), act.toString());
      current = rest;
      context = context.withTime(act.timeNanos()).withNextSeed();
    }
  }

  @Property(tries = 300)
  void exhaustedStaysExhausted(@ForAll("unfiltered") Generator<String> generator, @ForAll long n) {
    Context context = Context.start(THREADS, new Seed(n));
    Generator<String> limited = Generators.limit(0, generator);
    assertTrue(limited.next(context) instanceof Step.Exhausted);
    Generator<String> current = generator;
    for (int i = 0; i < 2_000; i++) {
      switch (current.next(context)) {
        case Step.Emit<String>(Act<String> act, Generator<String> rest) -> {
          current = rest;
          context = context.withTime(act.timeNanos()).withNextSeed();
        }
        case Step.Pending<String>(long until, Generator<String> rest) -> {
          if (until == Generator.NEVER) {
            return;
          }
          current = rest;
          context = context.withTime(until);
        }
        case Step.Exhausted<String> _ -> {
          for (int later = 0; later < 5; later++) {
            context = context.withTime(context.timeNanos() + 1_000).withNextSeed();
            assertTrue(current.next(context) instanceof Step.Exhausted, current.toString());
          }
          return;
        }
      }
    }
  }

  private static List<Event<String>> run(Generator<String> generator, long n) {
    return Rehearsal.run(
        Generators.validate(generator), THREADS, new Seed(n), Rehearsal.imperfect(10));
  }
}
