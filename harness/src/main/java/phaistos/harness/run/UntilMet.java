package phaistos.harness.run;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Context;
import phaistos.histories.generators.Generator;
import phaistos.histories.generators.Generators;
import phaistos.nemesis.Handle;

/**
 * The acts of the nemesis under load: the faults, then a last act. The last act comes at its time
 * if the run has come to what it should, or as soon after that as it has, or when the bound is
 * reached.
 *
 * <p>Unlike a pure generator it depends on what the run came to.
 *
 * @param isForAll whether all faults must have begun and ended, too
 * @param awaited what must have happened before, too
 * @param isQuiet whether it has happened: no fault begins between that and the last act's time
 */
record UntilMet(
    BooleanSupplier isMet,
    boolean isForAll,
    Generator<UntypedCall> faults,
    Generator<UntypedCall> last,
    long atNanos,
    long boundNanos,
    Optional<Awaited> awaited,
    boolean isQuiet)
    implements Generator<UntypedCall> {
  /** How often it asks whether the run has come so far. */
  private static final long POLL_NANOS = 100_000_000L;

  /** A fault that must be there, and how long after that the last act comes. */
  record Awaited(Handle fault, long nanos) {
    /** Whether this is the fault's result: its call has no operator's report. */
    private boolean isDoneBy(Event<UntypedCall> event) {
      return event.call().value() instanceof Edn.Table value
          && value.get("handle").equals(Edn.of(fault.name()))
          && !event.isInvoke()
          && value.get("operator") instanceof Edn.Table;
    }
  }

  @Override
  public Step<UntypedCall> next(Context context) {
    long now = context.timeNanos();
    if (isQuiet && now < atNanos) {
      return new Step.Pending<>(atNanos, this);
    }
    Step<UntypedCall> next = faults.next(context);
    boolean mayEnd =
        now >= atNanos
            && awaited.isEmpty()
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
    return new UntilMet(isMet, isForAll, rest, last, atNanos, boundNanos, awaited, isQuiet);
  }

  @Override
  public Generator<UntypedCall> update(Context context, Event<UntypedCall> event) {
    Generator<UntypedCall> rest = faults.update(context, event);
    if (awaited.filter(fault -> fault.isDoneBy(event)).isEmpty()) {
      return with(rest);
    }
    long at = Math.max(atNanos, event.timeNanos() + awaited.get().nanos);
    return new UntilMet(isMet, isForAll, rest, last, at, boundNanos, Optional.empty(), true);
  }
}
