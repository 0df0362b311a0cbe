package phaistos.histories.generators;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import phaistos.histories.Codec;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generator.Step;

/** Combinators that change the acts and the events of a generator. */
final class Mapping {
  /** A filter gives up after rejecting so many payloads in a row at one moment. */
  private static final int FILTER_MAX = 100_000;

  private Mapping() {}

  record Mapped<C>(UnaryOperator<C> function, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) ->
            new Step.Emit<>(act.map(function), new Mapped<>(function, rest));
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new Mapped<>(function, rest));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Mapped<>(function, generator.update(context, event));
    }
  }

  /**
   * A rejected act is dropped only when its time has come. If it were dropped at once, and the
   * answer thrown away, a {@link Timing.Delay} inside would put the following act just as far ahead
   * at every call, and it would never come.
   */
  record Filtered<C>(Predicate<C> wanted, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      Generator<C> current = generator;
      Context asked = context;
      for (int dropped = 0; dropped < FILTER_MAX; dropped++) {
        Step<C> step = current.next(asked);
        if (!(step instanceof Step.Emit<C>(Act<C> act, Generator<C> rest))) {
          return step.around(this::over);
        }
        boolean passes = !(act instanceof Act.Call<C> call) || wanted.test(call.call());
        boolean isDue = act.timeNanos() <= context.timeNanos();
        if (passes && (isDue || dropped == 0)) {
          return step.around(this::over);
        }
        if (!isDue) {
          return new Step.Pending<>(act.timeNanos(), over(current));
        }
        current = rest;
        asked = asked.withNextSeed();
      }
      throw new IllegalStateException("a filter lets nothing pass: tried=" + FILTER_MAX);
    }

    private Filtered<C> over(Generator<C> inner) {
      return new Filtered<>(wanted, inner);
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return over(generator.update(context, event));
    }
  }

  record OnUpdate<C>(Generators.Reaction<C> reaction, Generator<C> generator)
      implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return generator.next(context).around(rest -> new OnUpdate<>(reaction, rest));
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return reaction.after(
          new OnUpdate<>(reaction, generator.update(context, event)), context, event);
    }
  }

  record Deaf<C>(Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return generator.next(context).around(Deaf::new);
    }
  }

  record Encoded<C>(Codec<C> codec, Generator<C> generator) implements Generator<UntypedCall> {
    @Override
    public Step<UntypedCall> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) ->
            new Step.Emit<>(act.map(codec::encode), new Encoded<>(codec, rest));
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new Encoded<>(codec, rest));
        case Step.Exhausted<C> _ -> new Step.Exhausted<>();
      };
    }

    @Override
    public Generator<UntypedCall> update(Context context, Event<UntypedCall> event) {
      return new Encoded<>(
          codec, generator.update(context, event.withCall(codec.decode(event.call()))));
    }
  }
}
