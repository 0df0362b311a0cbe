package phaistos.histories.generators;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import phaistos.histories.Codec;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.histories.generators.Generator.Step;

/** Generators that change what others say and hear. */
final class Mapping {
  /** After so many payloads in a row that do not pass, a filter gives up. */
  private static final int FILTER_MAX = 1_000_000;

  private Mapping() {}

  record Mapped<C>(UnaryOperator<C> function, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) ->
            new Step.Emit<>(act.map(function), new Mapped<>(function, rest));
        case Step.Pending<C> pending -> pending;
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Mapped<>(function, generator.update(context, event));
    }
  }

  record Filtered<C>(Predicate<C> wanted, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      Generator<C> current = generator;
      for (int i = 0; i < FILTER_MAX; i++) {
        switch (current.next(context)) {
          case Step.Emit<C>(Act<C> act, Generator<C> rest) -> {
            if (!(act instanceof Act.Call<C> call) || wanted.test(call.call())) {
              return new Step.Emit<>(act, new Filtered<>(wanted, rest));
            }
            current = rest;
          }
          case Step.Pending<C> pending -> {
            return pending;
          }
          case Step.Exhausted<C> exhausted -> {
            return exhausted;
          }
        }
      }
      throw new IllegalStateException("a filter lets nothing pass: tried=" + FILTER_MAX);
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Filtered<>(wanted, generator.update(context, event));
    }
  }

  record Deaf<C>(Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) -> new Step.Emit<>(act, new Deaf<>(rest));
        case Step.Pending<C> pending -> pending;
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }
  }

  record Encoded<C>(Codec<C> codec, Generator<C> generator) implements Generator<UntypedCall> {
    @Override
    public Step<UntypedCall> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) ->
            new Step.Emit<>(act.map(codec::encode), new Encoded<>(codec, rest));
        case Step.Pending<C>(long until) -> new Step.Pending<>(until);
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
