package phaistos.histories.generators;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntPredicate;
import phaistos.histories.Event;
import phaistos.histories.Process;
import phaistos.histories.generators.Generator.Step;

/** Combinators that choose among generators, or choose the threads that act for them. */
final class Routing {
  private Routing() {}

  /**
   * Chooses the earliest of several acts. Among equally early ones it draws, each part weighted by
   * the number of its threads: a part with one thread of ten must not get half of the rate. While a
   * part is pending, an act that lies in the future is asked for again at its time, so that the
   * pending part's new state is kept.
   */
  private static final class Soonest<C> {
    private final long now;
    private final Seed seed;
    private final Map<Integer, Generator<C>> waiting = new TreeMap<>();
    private Step.Emit<C> best;
    private int place = -1;
    private int weight;
    private int ties;
    private long pendingUntil = Generator.NEVER;

    Soonest(Context context) {
      now = context.timeNanos();
      seed = context.seed().child("soonest");
    }

    /** Takes the n-th part's answer into account. */
    void offer(int n, int partWeight, Step<C> step) {
      switch (step) {
        case Step.Exhausted<C> _ -> {}
        case Step.Pending<C>(long until, Generator<C> rest) -> {
          waiting.put(n, rest);
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

    /**
     * @param rest the whole with other parts at these places
     */
    Step<C> step(Function<Map<Integer, Generator<C>>, Generator<C>> rest) {
      if (best == null) {
        return waiting.isEmpty()
            ? new Step.Exhausted<>()
            : new Step.Pending<>(pendingUntil, rest.apply(waiting));
      }
      if (!waiting.isEmpty() && best.act().timeNanos() > now) {
        return new Step.Pending<>(
            Math.min(pendingUntil, best.act().timeNanos()), rest.apply(waiting));
      }
      Map<Integer, Generator<C>> changed = new TreeMap<>(waiting);
      changed.put(place, best.rest());
      return new Step.Emit<>(best.act(), rest.apply(changed));
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
        if (parts.get(i) instanceof Leaves.Nothing<C> && !endsWithTheFirst) {
          continue;
        }
        Step<C> step = parts.get(i).next(context.split(i));
        if (endsWithTheFirst && step instanceof Step.Exhausted<C>) {
          return step;
        }
        soonest.offer(i, weight(parts.get(i), context), step);
      }
      return soonest.step(this::with);
    }

    private Any<C> with(Map<Integer, Generator<C>> changed) {
      List<Generator<C>> all = new ArrayList<>(parts);
      changed.forEach(all::set);
      return new Any<>(all, endsWithTheFirst);
    }

    private static <C> int weight(Generator<C> part, Context context) {
      return part instanceof OnThreads<C>(IntPredicate wanted, Generator<C> _)
          ? Math.max(1, context.restrictedTo(wanted).threadCount())
          : 1;
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      return new Any<>(updated(parts, context, event), endsWithTheFirst);
    }
  }

  /** The seed alone chooses the part. The choice stands until that part has acted. */
  record Mix<C>(Seed seed, List<Generator<C>> parts) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      List<Generator<C>> left = parts;
      while (!left.isEmpty()) {
        int place = seed.drawInt(left.size());
        switch (left.get(place).next(context.split(place))) {
          case Step.Exhausted<C> _ -> left = Generators.without(left, place);
          case Step.Pending<C>(long until, Generator<C> rest) -> {
            return new Step.Pending<>(until, new Mix<>(seed, Generators.with(left, place, rest)));
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
      return new Mix<>(seed, updated(parts, context, event));
    }
  }

  private static <C> List<Generator<C>> updated(
      List<Generator<C>> parts, Context context, Event<C> event) {
    List<Generator<C>> all = new ArrayList<>(parts.size());
    for (Generator<C> part : parts) {
      all.add(part.update(context, event));
    }
    return all;
  }

  record OnThreads<C>(IntPredicate threads, Generator<C> generator) implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      Context view = context.restrictedTo(threads);
      if (view.threadCount() == 0) {
        // Nobody is there, and nobody will ever be.
        return new Step.Exhausted<>();
      }
      return generator.next(view).around(rest -> new OnThreads<>(threads, rest));
    }

    @Override
    public Generator<C> update(Context context, Event<C> event) {
      if (!threads.test(context.threadOf(event.process()))) {
        return this;
      }
      return new OnThreads<>(threads, generator.update(context.restrictedTo(threads), event));
    }
  }

  /**
   * A copy for each thread, or for each process.
   *
   * @param own the copies that have been asked or told, by thread or process number
   */
  record Each<C>(boolean process, Generator<C> fresh, Map<Long, Generator<C>> own)
      implements Generator<C> {
    @Override
    public Step<C> next(Context context) {
      Soonest<C> soonest = new Soonest<>(context);
      int[] free = context.freeThreads().toArray();
      for (int i = 0; i < free.length; i++) {
        Context view = context.split(i).restrictedTo(only(free[i]));
        soonest.offer(free[i], 1, of(context, free[i]).next(view));
      }
      Step<C> step = soonest.step(changed -> with(context, changed));
      // The copies of busy threads may have more to give.
      return step instanceof Step.Exhausted<C> && !context.allFree()
          ? new Step.Pending<>(NEVER, this)
          : step;
    }

    /**
     * A completion goes to the copy of its process, even if the thread is another process by now.
     */
    @Override
    public Generator<C> update(Context context, Event<C> event) {
      int thread = context.threadOf(event.process());
      long key = process ? number(event.process()) : thread;
      Context view = context.restrictedTo(only(thread));
      Map<Long, Generator<C>> all = new TreeMap<>(own);
      all.put(key, own.getOrDefault(key, fresh).update(view, event));
      return new Each<>(process, fresh, all);
    }

    private Generator<C> of(Context context, int thread) {
      return own.getOrDefault(key(context, thread), fresh);
    }

    private Each<C> with(Context context, Map<Integer, Generator<C>> changed) {
      Map<Long, Generator<C>> all = new TreeMap<>(own);
      changed.forEach((thread, generator) -> all.put(key(context, thread), generator));
      return new Each<>(process, fresh, all);
    }

    private long key(Context context, int thread) {
      return process ? number(context.processOf(thread)) : thread;
    }

    private static long number(Process process) {
      return switch (process) {
        case Process.Client client -> client.id();
        case Process.Nemesis _ -> Context.NEMESIS;
      };
    }

    private static IntPredicate only(int wanted) {
      return thread -> thread == wanted;
    }
  }
}
