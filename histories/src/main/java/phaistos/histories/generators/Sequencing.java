package phaistos.histories.generators;

import java.util.List;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.generators.Generator.Step;

/** Combinators that order generators, count their acts, or end them. */
final class Sequencing {
  private Sequencing() {}

  record Concat<C>(List<Generator<C>> parts) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      for (int i = 0; i < parts.size(); i++) {
        Step<C> step = parts.get(i).next(context);
        if (!(step instanceof Step.Exhausted<C>)) {
          List<Generator<C>> left = parts.subList(i, parts.size());
          return step.around(rest -> new Concat<>(Generators.with(left, 0, rest)));
        }
      }
      return new Step.Exhausted<>();
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      if (parts.isEmpty()) {
        return this;
      }
      return new Concat<>(Generators.with(parts, 0, parts.getFirst().update(context, event)));
    }
  }

  record Synchronize<C>(Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return context.allFree() ? generator.next(context) : new Step.Pending<>(NEVER, this);
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Synchronize<>(generator.update(context, event));
    }
  }

  record Limit<C>(long count, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      if (count <= 0) {
        return new Step.Exhausted<>();
      }
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) ->
            new Step.Emit<>(act, new Limit<>(count - 1, rest));
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new Limit<>(count, rest));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Limit<>(count, generator.update(context, event));
    }
  }

  record Repeat<C>(long count, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      if (count <= 0) {
        return new Step.Exhausted<>();
      }
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> _) ->
            new Step.Emit<>(act, new Repeat<>(count - 1, generator));
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new Repeat<>(count, rest));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Repeat<>(count, generator.update(context, event));
    }
  }

  record Cycle<C>(long count, Generator<C> whole, Generator<C> current) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      if (count <= 0) {
        return new Step.Exhausted<>();
      }
      Step<C> step = current.next(context);
      if (!(step instanceof Step.Exhausted<C>)) {
        return step.around(rest -> new Cycle<>(count, whole, rest));
      }
      // Once only: what is exhausted from the start would be so for ever.
      return count == 1
          ? step
          : whole.next(context).around(rest -> new Cycle<>(count - 1, whole, rest));
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Cycle<>(count, whole, current.update(context, event));
    }
  }

  record FlipFlop<C>(List<Generator<C>> parts, int turn) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      if (parts.isEmpty()) {
        return new Step.Exhausted<>();
      }
      return switch (parts.get(turn).next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) ->
            new Step.Emit<>(
                act, new FlipFlop<>(Generators.with(parts, turn, rest), (turn + 1) % parts.size()));
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new FlipFlop<>(Generators.with(parts, turn, rest), turn));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new FlipFlop<>(parts.stream().map(part -> part.update(context, event)).toList(), turn);
    }
  }

  /** {@code active}: the processes with an invocation of ours under way. */
  record UntilOk<C>(Generator<C> generator, List<Process> active, boolean done)
      implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      if (done) {
        return new Step.Exhausted<>();
      }
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) ->
            new Step.Emit<>(
                act,
                new UntilOk<>(
                    rest,
                    act instanceof Act.Call ? Generators.plus(active, act.process()) : active,
                    false));
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new UntilOk<>(rest, active, false));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      Generator<C> updated = generator.update(context, event);
      int place = active.indexOf(event.process());
      if (place < 0 || event.isInvoke()) {
        return new UntilOk<>(updated, active, done);
      }
      return new UntilOk<>(
          updated, Generators.without(active, place), done || event instanceof Event.Ok);
    }
  }

  /** {@code active}: the processes with an invocation of ours under way. */
  record ConcurrencyLimit<C>(int count, Generator<C> generator, List<Process> active)
      implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      if (active.size() >= count) {
        return new Step.Pending<>(NEVER, this);
      }
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act.Call<C> call, Generator<C> rest) ->
            new Step.Emit<>(
                call, new ConcurrencyLimit<>(count, rest, Generators.plus(active, call.process())));
        case Step<C> step -> step.around(rest -> new ConcurrencyLimit<>(count, rest, active));
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      Generator<C> updated = generator.update(context, event);
      int place = event.isInvoke() ? -1 : active.indexOf(event.process());
      return new ConcurrencyLimit<>(
          count, updated, place < 0 ? active : Generators.without(active, place));
    }
  }

  /** {@code seen}: the processes that threads in view have been. */
  record ProcessLimit<C>(int count, List<Process> seen, Generator<C> generator)
      implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      return switch (generator.next(context)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) -> {
          List<Process> all = seen;
          for (int thread : context.threads().toArray()) {
            Process process = context.processOf(thread);
            all = all.contains(process) ? all : Generators.plus(all, process);
          }
          yield all.size() <= count
              ? new Step.Emit<>(act, new ProcessLimit<>(count, all, rest))
              : new Step.Exhausted<>();
        }
        case Step.Pending<C>(long until, Generator<C> rest) ->
            new Step.Pending<>(until, new ProcessLimit<>(count, seen, rest));
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new ProcessLimit<>(count, seen, generator.update(context, event));
    }
  }
}
