package phaistos.harness.run;

import java.util.function.BooleanSupplier;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;

/**
 * The acts of the nemesis under load: the faults, then a last act. The last act comes at its time
 * if the run has come to what it should, or as soon after that as it has, or when the bound is
 * reached.
 *
 * <p>Unlike a pure generator it depends on what the run came to.
 *
 * @param isForAll whether all faults must have begun and ended, too
 */
record UntilMet(
    BooleanSupplier isMet,
    boolean isForAll,
    Generator<UntypedCall> faults,
    Generator<UntypedCall> last,
    long atNanos,
    long boundNanos)
    implements Generator<UntypedCall> {
  /** How often it asks whether the run has come so far. */
  private static final long POLL_NANOS = 100_000_000L;

  @Override
  public Step<UntypedCall> next(Context context) {
    long now = context.timeNanos();
    Step<UntypedCall> next = faults.next(context);
    boolean mayEnd =
        now >= atNanos
            && isMet.getAsBoolean()
            && (!isForAll || next instanceof Step.Exhausted<UntypedCall>);
    if (mayEnd || now >= boundNanos) {
      return switch (last.next(context)) {
        case Step.Emit<UntypedCall> emit ->
            new Step.Emit<>(emit.act(), Generators.<UntypedCall>nothing());
        case Step.Pending<UntypedCall> pending -> new Step.Pending<>(pending.untilNanos(), this);
        case Step.Exhausted<UntypedCall> exhausted -> exhausted;
      };
    }
    long ask = now < atNanos ? atNanos : Math.min(boundNanos, now + POLL_NANOS);
    return switch (next) {
      case Step.Emit<UntypedCall> emit when emit.act().timeNanos() <= ask ->
          new Step.Emit<>(emit.act(), with(emit.rest()));
      case Step.Emit<UntypedCall> _, Step.Exhausted<UntypedCall> _ -> new Step.Pending<>(ask, this);
      case Step.Pending<UntypedCall> pending ->
          new Step.Pending<>(Math.min(pending.untilNanos(), ask), with(pending.rest()));
    };
  }

  private UntilMet with(Generator<UntypedCall> rest) {
    return new UntilMet(isMet, isForAll, rest, last, atNanos, boundNanos);
  }

  @Override
  public Generator<UntypedCall> update(Context context, Event<UntypedCall> event) {
    return with(faults.update(context, event));
  }
}
