package phaistos.histories.generators;

import java.util.List;
import phaistos.histories.Event;
import phaistos.histories.generators.Generator.Step;

/** Combinators that delay or end generators by time. */
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
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(Math.min(until, deadline), new TimeLimit<>(nanos, deadline, rest));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new TimeLimit<>(nanos, deadline, generator.update(context, event));
    }
  }

  record Stagger<C>(Seed seed, long meanNanos, int size, long nextTime, Generator<C> generator)
      implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) -> {
          Act<C> later = act.notBefore(nextTime);
          boolean isTogether = size > 1 && seed.child("burst").drawInt(size) != 0;
          long gap = isTogether || meanNanos <= 0 ? 0 : seed.drawLong(2 * size * meanNanos);
          yield new Step.Emit<>(
              later, new Stagger<>(seed.next(), meanNanos, size, later.timeNanos() + gap, rest));
        }
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new Stagger<>(seed, meanNanos, size, nextTime, rest));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Stagger<>(seed, meanNanos, size, nextTime, generator.update(context, event));
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
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new Delay<>(nanos, nextTime, rest));
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
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new NotBefore<>(timeNanos, rest));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new NotBefore<>(timeNanos, generator.update(context, event));
    }
  }

  record Turn<C>(long nanos, Generator<C> generator) {
    Turn {
      if (nanos <= 0) {
        throw new IllegalArgumentException("a turn must take time: nanos=" + nanos);
      }
    }
  }

  /** {@code start}: when the first turn began, {@link #NEVER} until somebody has asked. */
  record CycleTimes<C>(List<Turn<C>> turns, long start) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      long now = context.timeNanos();
      if (start == NEVER) {
        CycleTimes<C> begun = new CycleTimes<>(turns, now);
        Step<C> step = begun.next(context);
        // asked again for an act to come, the turns would begin anew
        return step instanceof Step.Emit<C>(Act<C> act, Generator<C> _) && act.timeNanos() > now
            ? new Step.Pending<>(act.timeNanos(), begun)
            : step;
      }
      long round = turns.stream().mapToLong(Turn::nanos).sum();
      long into = (now - start) % round;
      int turn = 0;
      while (into >= turns.get(turn).nanos) {
        into -= turns.get(turn++).nanos;
      }
      return during(turn, now - into + turns.get(turn).nanos, context);
    }

    private Step<C> during(int turn, long end, Context context) {
      return switch (turns.get(turn).generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> _) when act.timeNanos() >= end ->
            new Step.Pending<>(end, this);
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(Math.min(until, end), with(turn, rest));
        case Step.Exhausted<C> exhausted ->
            turns.stream().allMatch(t -> t.generator.next(context) instanceof Step.Exhausted<C>)
                ? exhausted
                : new Step.Pending<>(end, this);
        case Step.Emit<C> emit -> emit.around(rest -> with(turn, rest));
      };
    }

    private CycleTimes<C> with(int place, Generator<C> generator) {
      Turn<C> changed = new Turn<>(turns.get(place).nanos, generator);
      return new CycleTimes<>(Generators.with(turns, place, changed), start);
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new CycleTimes<>(
          turns.stream().map(t -> new Turn<>(t.nanos, t.generator.update(context, event))).toList(),
          start);
    }
  }

  private static long saturatedSum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
