package phaistos.histories.generators;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import phaistos.histories.Details;
import phaistos.histories.Event;
import phaistos.histories.generators.Generator.Step;

/**
 * Runs a generator without clients, on simulated time, to see what it would do. An {@link Answer}
 * says how long each call takes and how it ends. Deterministic; used by tests of generators.
 */
public final class Rehearsal {
  /** More calls of the generator than this throw an {@link IllegalStateException}. */
  private static final int ASKED_MAX = 1_000_000;

  private Rehearsal() {}

  /** How a call ends. */
  @FunctionalInterface
  public interface Answer<C> {
    /** The completion. Its time is not before the invocation's. */
    Event<C> completion(Event.Invoke<C> invocation);
  }

  /** Every call ends ok in no time. */
  public static <C> Answer<C> quick() {
    return perfect(0);
  }

  /** Every call ends ok after this long. */
  public static <C> Answer<C> perfect(long nanos) {
    return i -> new Event.Ok<>(-1, i.timeNanos() + nanos, i.process(), i.call(), Details.NONE);
  }

  /** Every call crashes after this long. */
  public static <C> Answer<C> perfectInfo(long nanos) {
    return i -> new Event.Info<>(-1, i.timeNanos() + nanos, i.process(), i.call(), Details.NONE);
  }

  /** Calls end ok, info and fail in turn, after this long. */
  public static <C> Answer<C> imperfect(long nanos) {
    return i -> {
      long time = i.timeNanos() + nanos;
      return switch ((int) (i.index() % 3)) {
        case 0 -> new Event.Ok<>(-1, time, i.process(), i.call(), Details.NONE);
        case 1 -> new Event.Info<>(-1, time, i.process(), i.call(), Details.NONE);
        default -> new Event.Fail<>(-1, time, i.process(), i.call(), Details.NONE);
      };
    };
  }

  private record Due<C>(long timeNanos, long number, int thread, List<Event<C>> completion) {}

  /** All events, in order, with indices. */
  public static <C> List<Event<C>> run(
      Generator<C> generator, int clientThreads, Seed seed, Answer<C> answer) {
    List<Event<C>> events = new ArrayList<>();
    PriorityQueue<Due<C>> due =
        new PriorityQueue<>(
            Comparator.<Due<C>>comparingLong(Due::timeNanos).thenComparingLong(Due::number));
    Context context = Context.start(clientThreads, seed);
    Generator<C> current = generator;
    for (long asked = 0; asked < ASKED_MAX; asked++) {
      long dueTime = due.isEmpty() ? Generator.NEVER : due.peek().timeNanos();
      long wake = Generator.NEVER;
      switch (current.next(context)) {
        case Step.Exhausted<C> _ -> {
          if (due.isEmpty()) {
            return events;
          }
        }
        case Step.Pending<C>(long until, Generator<C> rest) -> {
          wake = until;
          current = rest;
        }
        case Step.Emit<C>(Act<C> next, Generator<C> rest) -> {
          if (next.timeNanos() <= context.timeNanos()) {
            int thread = context.threadOf(next.process());
            check(context.isFree(thread), "an act by a thread that is not free");
            context = context.withBusy(thread).withNextSeed();
            current = rest;
            switch (next) {
              case Act.Call<C> call -> {
                Event.Invoke<C> invocation = invocation(events.size(), context, call);
                events.add(invocation);
                current = current.update(context, invocation);
                Event<C> end = answer.completion(invocation);
                due.add(new Due<>(end.timeNanos(), asked, thread, List.of(end)));
              }
              case Act.Sleep<C> sleep ->
                  due.add(new Due<>(context.timeNanos() + sleep.nanos(), asked, thread, List.of()));
              case Act.Log<C> _ -> context = context.withFree(thread);
            }
            continue;
          }
          wake = next.timeNanos();
        }
      }
      check(Math.min(wake, dueTime) != Generator.NEVER, "pending for ever with every thread free");
      if (wake < dueTime) {
        check(wake > context.timeNanos(), "pending until a time that has passed");
        context = context.withTime(wake);
        continue;
      }
      Due<C> first = due.remove();
      context = context.withTime(first.timeNanos()).withFree(first.thread());
      for (Event<C> completion : first.completion()) {
        Event<C> event = completion.withIndex(events.size());
        if (event instanceof Event.Info<C>) {
          context = context.withFreshProcess(first.thread());
        }
        events.add(event);
        current = current.update(context, event);
      }
    }
    throw new IllegalStateException("a generator without an end: asked=" + ASKED_MAX);
  }

  private static <C> Event.Invoke<C> invocation(int index, Context context, Act.Call<C> call) {
    return new Event.Invoke<>(
        index, context.timeNanos(), call.process(), call.call(), Details.NONE);
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalStateException(message);
    }
  }
}
