package phaistos.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import phaistos.environment.Environment;
import phaistos.environment.SystemDisk;
import phaistos.environment.SystemEnvironment;
import phaistos.histories.Codec;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Operation;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;

/** The interpreter in the real world, with clients in memory. */
@Timeout(300)
class InterpreterTest {
  private static final Seed SEED = new Seed(3);
  private static final Codec<String> CODEC =
      new Codec<>() {
        @Override
        public String decode(UntypedCall call) {
          return call.name();
        }

        @Override
        public UntypedCall encode(String call) {
          return new UntypedCall(Edn.keyword(call), Edn.NIL);
        }
      };

  @TempDir private Path folder;
  private final List<Event<UntypedCall>> events = new ArrayList<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final AtomicInteger open = new AtomicInteger();

  private Environment environment() {
    return SystemEnvironment.of("test", new SystemDisk(folder), 1, (_, e) -> failures.add(e));
  }

  /** A client whose sessions answer as this does. */
  private Client<String> client(Answer answer) {
    return new Client<>() {
      @Override
      public void setup() {}

      @Override
      public Session<String> open(int thread, Process.Client process) {
        open.incrementAndGet();
        return new Session<>() {
          @Override
          public Completion<String> invoke(Event.Invoke<String> invocation) throws Exception {
            assertEquals(process, invocation.process());
            return answer.invoke(invocation);
          }

          @Override
          public void close() {
            open.decrementAndGet();
          }
        };
      }
    };
  }

  @FunctionalInterface
  private interface Answer {
    Completion<String> invoke(Event.Invoke<String> invocation) throws Exception;
  }

  private static Completion<String> ok(Event.Invoke<String> invocation) {
    return new Completion.Ok<>(invocation.call(), Details.NONE);
  }

  private Interpreter.End run(
      Client<String> client,
      Interpreter.NemesisCalls nemesis,
      Generator<UntypedCall> generator,
      long runMillis,
      long drainMillis) {
    return run(environment(), client, nemesis, generator, runMillis, drainMillis);
  }

  private Interpreter.End run(
      Environment environment,
      Client<String> client,
      Interpreter.NemesisCalls nemesis,
      Generator<UntypedCall> generator,
      long runMillis,
      long drainMillis) {
    Interpreter.Limits limits =
        new Interpreter.Limits(3, runMillis * 1_000_000, drainMillis * 1_000_000);
    return new Interpreter<>(environment, client, CODEC, nemesis, events::add, limits)
        .run(generator, Context.start(3, SEED));
  }

  private static Generator<UntypedCall> calls(long count) {
    return Generators.clients(
        Generators.encoded(
            CODEC, Generators.limit(count, Generators.draw(SEED, (_, _, n) -> "c" + n))));
  }

  @Test
  void everyCallHasItsCompletionAndTheHistoryIsOne() {
    Interpreter.End end = run(client(InterpreterTest::ok), _ -> null, calls(500), 30_000, 1_000);
    assertEquals(new Interpreter.End(1_000, 0, true, end.timeNanos()), end);
    List<Operation<UntypedCall>> operations = History.of(events).operations();
    assertEquals(500, operations.size());
    assertTrue(operations.stream().allMatch(Operation::isOk));
    long before = 0;
    for (int i = 0; i < events.size(); i++) {
      assertEquals(i, events.get(i).index());
      assertTrue(events.get(i).timeNanos() >= before);
      before = events.get(i).timeNanos();
    }
    assertEquals(0, open.get(), "sessions left open");
    assertEquals(List.of(), failures);
  }

  @Test
  void whatEscapesASessionIsAnInfoAndItsProcessIsDead() {
    Client<String> crashing =
        client(
            i -> {
              if (i.call().endsWith("1")) {
                throw new OutOfMemoryError("invented");
              }
              return ok(i);
            });
    run(crashing, _ -> null, calls(100), 30_000, 1_000);
    Set<Process> dead = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    for (Event<UntypedCall> event : events) {
      assertFalse(dead.contains(event.process()), "a dead process acts: " + event);
      if (event instanceof Event.Info) {
        assertTrue(event.call().name().endsWith("1"));
        assertTrue(event.details().error().orElseThrow().toString().contains("invented"));
        dead.add(event.process());
      }
    }
    assertEquals(10, dead.size());
    assertEquals(0, open.get(), "sessions left open");
  }

  @Test
  void aSessionThatCannotBeOpenedIsAFail() {
    Client<String> closed =
        new Client<>() {
          @Override
          public void setup() {}

          @Override
          public Session<String> open(int thread, Process.Client process) throws Exception {
            throw new java.io.IOException("refused");
          }
        };
    run(closed, _ -> null, calls(10), 30_000, 1_000);
    assertEquals(20, events.size());
    assertEquals(10, events.stream().filter(e -> e instanceof Event.Fail).count());
    assertEquals(
        "[:no-client \"java.io.IOException: refused\"]",
        phaistos.histories.EdnWriter.print(events.getLast().details().error().orElseThrow()));
  }

  @Test
  void theNemesisActsAmongTheClientsAndItsFailuresStandInTheHistory() {
    Generator<UntypedCall> faults =
        Generators.nemesis(
            Generators.concat(
                Generators.call(new UntypedCall(Edn.keyword("kill"), Edn.NIL)),
                Generators.call(new UntypedCall(Edn.keyword("bad"), Edn.NIL))));
    run(
        client(InterpreterTest::ok),
        call -> {
          if (call.name().equals("bad")) {
            throw new IllegalStateException("invented");
          }
          return new Completion.Ok<>(
              new UntypedCall(call.f(), Edn.vector(Edn.of("n1"))), Details.NONE);
        },
        Generators.any(calls(50), faults),
        30_000,
        1_000);
    List<String> nemesis =
        events.stream()
            .filter(e -> !e.isClient())
            .map(e -> e.type() + " " + e.call().name() + " " + e.details().error().isPresent())
            .toList();
    assertEquals(
        List.of("info kill false", "info kill false", "info bad false", "info bad true"), nemesis);
  }

  /** In simulated time, since what ends by a limit depends on how fast a machine is. */
  private Interpreter.End simulate(
      Function<Environment, Client<String>> client,
      Generator<UntypedCall> generator,
      long runMillis,
      long drainMillis) {
    return Simulation.run(
            SimulationOptions.seed(1),
            world ->
                run(
                    world.environment(),
                    client.apply(world.environment()),
                    _ -> null,
                    generator,
                    runMillis,
                    drainMillis))
        .valueOrThrow();
  }

  @Test
  void aHangingCallIsAnInfoInTheEndAndTheRunEnds() {
    Interpreter.End end =
        simulate(
            world ->
                client(
                    i -> {
                      if (i.call().equals("c5")) {
                        world.tasks().sleep(3_600_000_000_000L);
                      }
                      return ok(i);
                    }),
            calls(200),
            300,
            100);
    assertEquals(1, end.abandoned());
    assertFalse(end.generatorEnded(), "the generator waits for the call");
    List<Operation<UntypedCall>> operations = History.of(events).operations();
    assertEquals(200, operations.size());
    assertEquals(1, operations.stream().filter(Operation::isIndeterminate).count());
    assertTrue(operations.stream().allMatch(o -> o.completion().isPresent()));
  }

  @Test
  void aGeneratorWithoutAnEndIsEndedByTheLimit() {
    Interpreter.End end =
        simulate(
            _ -> client(InterpreterTest::ok),
            Generators.clients(
                Generators.delay(
                    1_000_000,
                    Generators.repeat(
                        Generators.call(new UntypedCall(Edn.keyword("x"), Edn.NIL))))),
            200,
            1_000);
    assertFalse(end.generatorEnded());
    assertTrue(end.timeNanos() < 201_000_000L, "timeNanos=" + end.timeNanos());
    assertTrue(end.events() > 0, "events=" + end.events());
  }

  @Test
  void actsDoNotComeBeforeTheirTime() {
    run(
        client(InterpreterTest::ok),
        _ -> null,
        Generators.clients(
            Generators.phases(
                Generators.sleep(20_000_000),
                Generators.notBefore(
                    50_000_000, Generators.call(new UntypedCall(Edn.keyword("x"), Edn.NIL))))),
        5_000,
        1_000);
    assertEquals(2, events.size());
    assertTrue(events.getFirst().timeNanos() >= 50_000_000);
  }

  @Test
  void anObserverThatThrowsEndsTheRun() {
    Interpreter.Limits limits = new Interpreter.Limits(3, 5_000_000_000L, 1_000_000_000L);
    Interpreter<String> interpreter =
        new Interpreter<>(
            environment(),
            client(InterpreterTest::ok),
            CODEC,
            _ -> null,
            _ -> {
              throw new java.io.UncheckedIOException(new java.io.IOException("disk full"));
            },
            limits);
    assertThrows(
        java.io.UncheckedIOException.class,
        () -> interpreter.run(calls(10), Context.start(3, SEED)));
    assertEquals(0, open.get(), "sessions left open");
  }
}
