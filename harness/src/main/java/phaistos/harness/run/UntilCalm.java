package phaistos.harness.run;

import java.util.function.BooleanSupplier;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;

/**
 * The faults of a load that goes on, up to a moment at which it still has not come to what it
 * should although its faults have had their effects: then all is healed, and no fault begins any
 * more. Faults that follow each other closely can keep a cluster from every commit.
 *
 * <p>Unlike a pure generator it depends on what the run came to.
 *
 * @param recover heals all
 * @param isKept whether it is the faults that keep the load
 */
record UntilCalm(
    Generator<UntypedCall> faults,
    Generator<UntypedCall> recover,
    long atNanos,
    BooleanSupplier isKept)
    implements Generator<UntypedCall> {
  @Override
  public Step<UntypedCall> next(Context context) {
    if (context.timeNanos() >= atNanos && isKept.getAsBoolean()) {
      return recover.next(context);
    }
    return faults.next(context).around(rest -> new UntilCalm(rest, recover, atNanos, isKept));
  }

  @Override
  public Generator<UntypedCall> update(Context context, Event<UntypedCall> event) {
    return new UntilCalm(faults.update(context, event), recover, atNanos, isKept);
  }
}
