package phaistos.histories.generators;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import phaistos.histories.Event;
import phaistos.histories.generators.Generator.Step;

/** Generators that choose among others, and who may act for them. */
final class Routing {
  private Routing() {}

  /**
   * Of several acts the soonest; of equally soon ones any, each as probable as its part has threads
   * (so that a part with one thread of ten does not have half of a common rate).
   */
  private static final class Soonest<C> {
    private final Seed seed;
    private Step.Emit<C> best;
    private int place = -1;
    private int weight;
    private int ties;
    private long pendingUntil = Generator.NEVER;
    private boolean pending;

    Soonest(Context context) {
      seed = context.seed().child("soonest");
    }

    /** Takes the n-th part's answer into account. */
    void offer(int n, int partWeight, Step<C> step) {
      switch (step) {
        case Step.Exhausted<C> _ -> {}
        case Step.Pending<C>(long until) -> {
          pending = true;
          pendingUntil = Math.min(pendingUntil, until);
        }
        case Step.Emit<C> emit -> {
          long difference =
              best == null ? -1 : Long.compare(emit.act().timeNanos(), best.act().timeNanos());
          if (difference < 0) {
            weight = partWeight;
            take(n, emit);
          } else if (difference == 0) {
            weight += partWeight;
            if (seed.child(++ties).drawInt(weight) < partWeight) {
              take(n, emit);
            }
          }
        }
      }
    }

    private void take(int n, Step.Emit<C> emit) {
      place = n;
      best = emit;
    }

    boolean mustWait() {
      return best == null ? pending : pendingUntil < best.act().timeNanos();
    }
  }

  record Any<C>(List<Generator<C>> parts, boolean endsWithTheFirst) implements Generator<C> {
    Any {
      parts = List.copyOf(parts);
    }

    @Override
    public Step<C> next(Context context) {
      Soonest<C> soonest = new Soonest<>(context);
      for (int i = 0; i < parts.size(); i++) {
        Step<C> step = parts.get(i).next(context.split(i));
        if (endsWithTheFirst && step instanceof Step.Exhausted<C>) {
          return step;
        }
        soonest.offer(i, weight(parts.get(i), context), step);
      }
      if (soonest.mustWait()) {
        return new Step.Pending<>(soonest.pendingUntil);
      }
      if (soonest.best == null) {
        return new Step.Exhausted<>();
      }
      return new Step.Emit<>(
          soonest.best.act(),
          new Any<>(Generators.with(parts, soonest.place, soonest.best.rest()), endsWithTheFirst));
    }

    private static <C> int weight(Generator<C> part, Context context) {
      return part instanceof OnThreads<C>(IntPredicate wanted, Generator<C> _)
          ? Math.max(1, (int) context.threads().filter(wanted).count())
          : 1;
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Any<>(
          parts.stream().map(part -> part.update(context, event)).toList(), endsWithTheFirst);
    }
  }

  /** The choice is made by the seed alone and stands until the chosen part has acted. */
  record Mix<C>(Seed seed, List<Generator<C>> parts) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      List<Generator<C>> left = parts;
      while (!left.isEmpty()) {
        int place = seed.drawInt(left.size());
        switch (left.get(place).next(context.split(place))) {
          case Step.Exhausted<C> _ -> left = Generators.without(left, place);
          case Step.Pending<C> pending -> {
            return pending;
          }
          case Step.Emit<C>(Act<C> act, Generator<C> rest) -> {
            return new Step.Emit<>(act, new Mix<>(seed.next(), Generators.with(left, place, rest)));
          }
        }
      }
      return new Step.Exhausted<>();
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Mix<>(seed, parts.stream().map(part -> part.update(context, event)).toList());
    }
  }

  record OnThreads<C>(IntPredicate threads, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      Context view = context.restrictedTo(threads);
      if (view.threadCount() == 0) {
        // Nobody is there, and nobody will ever be.
        return new Step.Exhausted<>();
      }
      return switch (generator.next(view)) {
        case Step.Emit<C>(Act<C> act, Generator<C> rest) ->
            new Step.Emit<>(act, new OnThreads<>(threads, rest));
        case Step.Pending<C> pending -> pending;
        case Step.Exhausted<C> exhausted -> exhausted;
      };
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      if (!threads.test(context.threadOf(event.process()))) {
        return this;
      }
      return new OnThreads<>(threads, generator.update(context.restrictedTo(threads), event));
    }
  }

  /** {@code own}: the copies of the threads that have acted. */
  record EachThread<C>(Generator<C> fresh, Map<Integer, Generator<C>> own) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      Soonest<C> soonest = new Soonest<>(context);
      int[] free = context.freeThreads().toArray();
      for (int i = 0; i < free.length; i++) {
        soonest.offer(i, 1, of(free[i]).next(context.split(i).restrictedTo(only(free[i]))));
      }
      if (soonest.mustWait()) {
        return new Step.Pending<>(soonest.pendingUntil);
      }
      if (soonest.best != null) {
        return new Step.Emit<>(soonest.best.act(), with(free[soonest.place], soonest.best.rest()));
      }
      // The copies of busy threads may have more to give.
      return context.allFree() ? new Step.Exhausted<>() : new Step.Pending<>(NEVER);
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      int thread = context.threadOf(event.process());
      return with(thread, of(thread).update(context.restrictedTo(only(thread)), event));
    }

    private Generator<C> of(int thread) {
      return own.getOrDefault(thread, fresh);
    }

    private EachThread<C> with(int thread, Generator<C> generator) {
      Map<Integer, Generator<C>> changed = new TreeMap<>(own);
      changed.put(thread, generator);
      return new EachThread<>(fresh, changed);
    }

    private static IntPredicate only(int wanted) {
      return thread -> thread == wanted;
    }
  }
}
