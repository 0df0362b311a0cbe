package phaistos.histories.generators;

import phaistos.histories.Event;

/**
 * A pure value that says what happens next (Jepsen's {@code jepsen.generator}). No thread, clock or
 * private randomness inside: the same generator, asked twice with the same context, answers the
 * same. The interpreter asks {@link #next}, performs the act when its time has come and goes on
 * with the rest; of every invocation and completion it tells the generator through {@link #update}.
 *
 * <p>Laws, held by tests: the time of an act is never before the context's; its process is free in
 * the context; after {@link Step.Exhausted} a generator stays exhausted, whatever happens.
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

    /** Nothing now: ask again after the next event, or at this time if none comes before it. */
    record Pending<C>(long untilNanos) implements Step<C> {}

    /** Nothing any more. */
    record Exhausted<C>() implements Step<C> {}
  }
}
