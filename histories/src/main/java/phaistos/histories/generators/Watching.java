package phaistos.histories.generators;

import java.util.function.Consumer;
import java.util.function.Supplier;
import phaistos.histories.Event;
import phaistos.histories.generators.Generator.Step;

/** Combinators for debugging. They answer as the generator inside does, and observe it. */
final class Watching {
  private Watching() {}

  record Traced<C>(String name, Consumer<String> log, Generator<C> generator)
      implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      Step<C> step = generator.next(context);
      String answer =
          switch (step) {
            case Step.Emit<C> emit -> emit.act().toString();
            case Step.Pending<C> pending -> "Pending[untilNanos=" + pending.untilNanos() + "]";
            case Step.Exhausted<C> exhausted -> exhausted.toString();
          };
      log.accept("%s next %s -> %s".formatted(name, context, answer));
      return step.around(rest -> new Traced<>(name, log, rest));
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      log.accept("%s update %s %s".formatted(name, context, event));
      return new Traced<>(name, log, generator.update(context, event));
    }
  }

  record Validated<C>(Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      Step<C> step = generator.next(context);
      switch (step) {
        case Step.Emit<C>(Act<C> act, Generator<C> _) -> {
          check(act.timeNanos() >= context.timeNanos(), "an act in the past", act, context);
          int thread = context.threadOf(act.process());
          check(context.isFree(thread), "an act by a thread that is not free", act, context);
          check(
              context.processOf(thread).equals(act.process()),
              "an act by a process that is dead or not yet there",
              act,
              context);
        }
        case Step.Pending<C>(long until, Generator<C> _) ->
            check(
                until > context.timeNanos(), "pending until a time that has passed", step, context);
        case Step.Exhausted<C> _ -> {}
      }
      return step.around(Validated::new);
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Validated<>(generator.update(context, event));
    }

    private static void check(boolean condition, String problem, Object answer, Context context) {
      if (!condition) {
        throw new IllegalStateException(
            "%s: answer=%s, context=%s".formatted(problem, answer, context));
      }
    }
  }

  record Friendly<C>(Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return explained("asked for an act", context, () -> generator.next(context))
          .around(Friendly::new);
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Friendly<>(
          explained("told of " + event, context, () -> generator.update(context, event)));
    }

    private <T> T explained(String when, Context context, Supplier<T> answer) {
      try {
        return answer.get();
      } catch (RuntimeException e) {
        throw new IllegalStateException(
            "a generator failed when %s: %s%n  generator: %s%n  context: %s"
                .formatted(when, e, generator, context),
            e);
      }
    }
  }
}
