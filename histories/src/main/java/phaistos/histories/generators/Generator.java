package phaistos.histories.generators;

import java.util.function.UnaryOperator;
import phaistos.histories.Event;

/**
 * A pure value that says what happens next (Jepsen's {@code jepsen.generator}). It holds no thread,
 * no clock and no randomness of its own: called twice with the same context, it gives the same
 * answer. The interpreter calls {@link #next}, performs the act when its time has come, and goes on
 * with the rest. It may call again before that time, and the answer may then be another one. It
 * reports every invocation and completion through {@link #update}.
 *
 * <p>Laws, held by tests: the time of an act is never before the context's; its process is free in
 * the context; a generator that has answered {@link Step.Exhausted} answers nothing else later. One
 * exception: a {@link Generators#filter} over choices that the context draws, since another draw
 * may pass.
 *
 * @param <C> the payload of the invocations
 */
public interface Generator<C> {
  /** As the time of a {@link Step.Pending}: only an event can change the answer. */
  long NEVER = Long.MAX_VALUE;

  Step<C> next(Context context);

  /** The generator after an event. The context already includes the event. */
  default Generator<C> update(Context context, Event<C> event) {
    return this;
  }

  /** The answer of {@link #next}. */
  sealed interface Step<C> {
    /** Perform the act at its time, then use the rest. If an event comes first, call again. */
    record Emit<C>(Act<C> act, Generator<C> rest) implements Step<C> {}

    /**
     * Nothing to do now. Call the rest after the next event, or at this time if no event comes
     * before. The rest may differ from the generator, as when a {@link Generators#filter} has
     * dropped an act.
     */
    record Pending<C>(long untilNanos, Generator<C> rest) implements Step<C> {}

    /** The generator has ended. */
    record Exhausted<C>() implements Step<C> {}

    /** The same answer, with the rest inside another generator. */
    default Step<C> around(UnaryOperator<Generator<C>> outer) {
      return switch (this) {
        case Emit<C>(Act<C> act, Generator<C> rest) -> new Emit<>(act, outer.apply(rest));
        case Pending<C>(long until, Generator<C> rest) -> new Pending<>(until, outer.apply(rest));
        case Exhausted<C> exhausted -> exhausted;
      };
    }
  }
}
