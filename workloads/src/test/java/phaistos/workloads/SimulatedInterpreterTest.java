package phaistos.workloads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import phaistos.environment.Environment;
import phaistos.environment.Randomness;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.HistoryWriter;
import phaistos.histories.Operation;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;
import phaistos.simulator.Simulation;
import phaistos.simulator.SimulationOptions;
import phaistos.simulator.SimulationResult;
import phaistos.workloads.commits.Commits;
import phaistos.workloads.commits.CommitsCall;

/** The interpreter in the simulator, with clients that take simulated time and sometimes crash. */
class SimulatedInterpreterTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int THREADS = 10;

  private record Run(String history, Interpreter.End end, long traceHash) {}

  private static Run run(long seed) {
    StringBuilder text = new StringBuilder();
    List<Event<UntypedCall>> events = new ArrayList<>();
    SimulationResult<Interpreter.End> result =
        Simulation.run(
            SimulationOptions.seed(seed),
            world -> {
              Environment control = world.environment();
              Interpreter<CommitsCall> interpreter =
                  new Interpreter<>(
                      control,
                      client(control),
                      CommitsCall.CODEC,
                      call -> {
                        control.tasks().sleep(SECOND / 2);
                        return new Completion.Ok<>(
                            new UntypedCall(call.f(), Edn.vector(Edn.of("n1"))), Details.NONE);
                      },
                      event -> {
                        events.add(event);
                        HistoryWriter.printEdn(event, text);
                        text.append('\n');
                      },
                      new Interpreter.Limits(THREADS, 120 * SECOND, 10 * SECOND));
              Seed root = new Seed(seed);
              return interpreter.run(
                  generator(root), Context.start(THREADS, root.child("threads")));
            });
    Interpreter.End end = result.valueOrThrow();
    assertEquals(List.of(), result.failures());
    List<Operation<UntypedCall>> operations = History.of(events).operations();
    assertTrue(operations.stream().allMatch(o -> o.completion().isPresent()), "seed " + seed);
    return new Run(text.toString(), end, result.traceHash());
  }

  private static Generator<UntypedCall> generator(Seed seed) {
    Generator<UntypedCall> load =
        Generators.encoded(
            CommitsCall.CODEC, Commits.load(WorkloadOptions.of(seed.child("load"), 100)));
    Generator<UntypedCall> faults =
        Generators.stagger(
            seed.child("faults"),
            3 * SECOND,
            Generators.repeat(Generators.call(new UntypedCall(Edn.keyword("kill"), Edn.NIL))));
    return Generators.phases(
        Generators.timeLimit(60 * SECOND, Generators.clientsAndNemesis(load, faults)),
        Generators.log("healed"),
        Generators.clients(
            Generators.eachThread(
                Generators.encoded(
                    CommitsCall.CODEC, Generators.call(new CommitsCall.FinalRead(List.of()))))));
  }

  /** Calls take up to 40 ms; one in fifty crashes, one in fifty fails. */
  private static Client<CommitsCall> client(Environment control) {
    return new Client<>() {
      @Override
      public void setup() {}

      @Override
      public Session<CommitsCall> open(int thread, Process.Client process) {
        Randomness randomness = control.randomness().child("process " + process.id());
        return new Session<>() {
          @Override
          public Completion<CommitsCall> invoke(Event.Invoke<CommitsCall> invocation) {
            control.tasks().sleep(randomness.nextInt(40_000_000));
            return switch (randomness.nextInt(50)) {
              case 0 -> throw new IllegalStateException("invented");
              case 1 -> new Completion.Fail<>(invocation.call(), Details.NONE);
              default -> new Completion.Ok<>(invocation.call(), Details.NONE);
            };
          }

          @Override
          public void close() {}
        };
      }
    };
  }

  @Test
  void aSeedGivesOneHistoryByteForByte() {
    Run one = run(1);
    run(2);
    run(3);
    Run again = run(1);
    assertEquals(one.history, again.history);
    assertEquals(one.traceHash, again.traceHash);
    assertNotEquals(one.history, run(4).history);
  }

  @Test
  void aMinuteOfLoadHasItsRateItsFaultsAndItsFinalReads() {
    Run run = run(5);
    assertTrue(run.end.generatorEnded());
    assertEquals(0, run.end.abandoned());
    long invocations = run.history.lines().filter(l -> l.contains(":type :invoke")).count();
    assertTrue(invocations > 5_500 && invocations < 6_500, "invocations=" + invocations);
    assertEquals(
        2 * THREADS, run.history.lines().filter(l -> l.contains(":f :final-read")).count());
    assertTrue(run.history.lines().filter(l -> l.contains(":f :kill")).count() > 20);
    assertTrue(run.end.timeNanos() < 65 * SECOND, "timeNanos=" + run.end.timeNanos());
  }
}
