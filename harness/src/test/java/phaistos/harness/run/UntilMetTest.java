package phaistos.harness.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Act;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generator.Step;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;

class UntilMetTest {
  private static final UntypedCall FAULT = call("kill");
  private static final UntypedCall LAST = call("crash-all");

  @Test
  void theCrashComesAtItsTime() {
    Generator<UntypedCall> acts = acts(Optional.empty());
    assertEquals(FAULT, emitted(acts, 99));
    assertEquals(LAST, emitted(acts, 100));
  }

  @Test
  void theCrashFollowsATakeOverAndNoFaultComesBetween() {
    Generator<UntypedCall> acts = acts(Optional.of(new UntilMet.Awaited(Ending.TAKE_OVER, 50)));
    assertEquals(FAULT, emitted(acts, 200));
    acts = acts.update(at(200), event(200, "{:handle \"last-failover\"}"));
    assertEquals(FAULT, emitted(acts, 200));
    String report = "{:handle \"last-failover\" :operator {:from \"n1\"}}";
    acts = acts.update(at(300), event(300, report));
    assertInstanceOf(Step.Pending.class, acts.next(at(349)));
    assertEquals(LAST, emitted(acts, 350));
  }

  @Test
  void withoutItsTakeOverTheCrashComesAtTheBound() {
    Generator<UntypedCall> acts = acts(Optional.of(new UntilMet.Awaited(Ending.TAKE_OVER, 50)));
    assertEquals(FAULT, emitted(acts, 999));
    assertEquals(LAST, emitted(acts, 1000));
  }

  private static Generator<UntypedCall> acts(Optional<UntilMet.Awaited> awaited) {
    return new UntilMet(
        () -> true,
        false,
        Generators.call(FAULT),
        Generators.call(LAST),
        100,
        1000,
        awaited,
        false);
  }

  private static UntypedCall emitted(Generator<UntypedCall> acts, long time) {
    Step.Emit<?> emit = assertInstanceOf(Step.Emit.class, acts.next(at(time)));
    Act.Call<?> act = assertInstanceOf(Act.Call.class, emit.act());
    return assertInstanceOf(UntypedCall.class, act.call());
  }

  private static Context at(long time) {
    return Context.start(1, new Seed(1)).withTime(time);
  }

  private static Event<UntypedCall> event(long time, String value) {
    UntypedCall call = new UntypedCall(Edn.keyword("failover"), edn(value));
    return new Event.Info<>(0, time, Process.NEMESIS, call, Details.NONE);
  }

  private static UntypedCall call(String function) {
    return new UntypedCall(Edn.keyword(function), Edn.NIL);
  }

  private static Edn edn(String text) {
    try {
      return new EdnReader(new StringReader(text), "value").next().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
