package phaistos.harness.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Act;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generator.Step;
import phaistos.histories.generators.Generators;
import phaistos.histories.generators.Seed;

class UntilCalmTest {
  private static final UntypedCall FAULT = new UntypedCall(Edn.keyword("kill"), Edn.NIL);
  private static final UntypedCall RECOVER = new UntypedCall(Edn.keyword("recover"), Edn.NIL);

  @Test
  void faultsGoOnBeforeAndIfTheyDoNotKeepTheLoad() {
    assertEquals(FAULT, call(emitted(acts(true), 99)));
    assertEquals(FAULT, call(emitted(acts(false), 100)));
  }

  @Test
  void allIsHealedOnceAndNoFaultFollows() {
    Step.Emit<?> healed = emitted(acts(true), 100);
    assertEquals(RECOVER, call(healed));
    assertInstanceOf(Step.Exhausted.class, healed.rest().next(at(101)));
  }

  private static Generator<UntypedCall> acts(boolean isKept) {
    return new UntilCalm(Generators.call(FAULT), Generators.call(RECOVER), 100, () -> isKept);
  }

  private static Step.Emit<?> emitted(Generator<UntypedCall> acts, long time) {
    return assertInstanceOf(Step.Emit.class, acts.next(at(time)));
  }

  private static UntypedCall call(Step.Emit<?> emit) {
    return assertInstanceOf(UntypedCall.class, assertInstanceOf(Act.Call.class, emit.act()).call());
  }

  private static Context at(long time) {
    return Context.start(1, new Seed(1)).withTime(time);
  }
}
