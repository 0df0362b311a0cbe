package phaistos.histories.generators;

import java.util.function.UnaryOperator;
import phaistos.histories.Event;

/**
 * A pure value that says what happens next (Jepsen's {@code jepsen.generator}). No thread, clock or
 * private randomness inside: the same generator, asked twice with the same context, answers the
 * same. The interpreter asks {@link #next}, performs the act when its time has come and goes on
 * with the rest; asked again before that time, the generator may change its mind. Of every
 * invocation and completion it tells the generator through {@link #update}.
 *
 * <p>Laws, held by tests: the time of an act is never before the context's; its process is free in
 * the context; after {@link Step.Exhausted} a generator stays exhausted, whatever happens (but for
 * a {@link Generators#filter} over choices that the context draws: another draw may pass).
 *
 * @param <C> the payload of the invocations
 */
public interface Generator<C> {
  /** No moment: only an event can change a {@link Step.Pending}. */
  long NEVER = Long.MAX_VALUE;

  Step<C> next(Context context);

  /** The generator after an event, which the context already knows of. */
  default Generator<C> update(Context context, Event<C> event) {
    return this;
  }

  /** An answer. */
  sealed interface Step<C> {
    /** Do this at its time, then go on with the rest; when an event comes first, ask again. */
    record Emit<C>(Act<C> act, Generator<C> rest) implements Step<C> {}

    /**
     * Nothing now: ask the rest after the next event, or at this time if none comes before it. The
     * rest may have moved on, as a {@link Generators#filter} does when it drops an act.
     */
    record Pending<C>(long untilNanos, Generator<C> rest) implements Step<C> {}

    /** Nothing any more. */
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
