package phaistos.histories.generators;

import phaistos.histories.Event;
import phaistos.histories.generators.Generator.Step;

/** Generators that delay and end others by time. */
final class Timing {
  private Timing() {}

  record TimeLimit<C>(long nanos, long deadline, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      if (context.timeNanos() >= deadline) {
        return new Step.Exhausted<>();
      }
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) -> {
          long end = deadline == NEVER ? saturatedSum(act.timeNanos(), nanos) : deadline;
          if (act.timeNanos() < end) {
            yield new Step.Emit<>(act, new TimeLimit<>(nanos, end, rest));
          }
          yield new Step.Exhausted<>();
        }
        case Step.Pending<C>(long until) -> new Step.Pending<>(Math.min(until, deadline));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new TimeLimit<>(nanos, deadline, generator.update(context, event));
    }
  }

  record Stagger<C>(Seed seed, long meanNanos, long nextTime, Generator<C> generator)
      implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) -> {
          Act<C> later = act.notBefore(nextTime);
          long gap = meanNanos <= 0 ? 0 : seed.drawLong(2 * meanNanos);
          yield new Step.Emit<>(
              later, new Stagger<>(seed.next(), meanNanos, later.timeNanos() + gap, rest));
        }
        case Step.Pending<C> pending -> pending;
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Stagger<>(seed, meanNanos, nextTime, generator.update(context, event));
    }
  }

  record Delay<C>(long nanos, long nextTime, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) -> {
          Act<C> later = act.notBefore(nextTime);
          yield new Step.Emit<>(later, new Delay<>(nanos, later.timeNanos() + nanos, rest));
        }
        case Step.Pending<C> pending -> pending;
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Delay<>(nanos, nextTime, generator.update(context, event));
    }
  }

  record NotBefore<C>(long timeNanos, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) ->
            new Step.Emit<>(act.notBefore(timeNanos), new NotBefore<>(timeNanos, rest));
        case Step.Pending<C> pending -> pending;
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new NotBefore<>(timeNanos, generator.update(context, event));
    }
  }

  private static long saturatedSum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
