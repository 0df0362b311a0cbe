package phaistos.histories.generators;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import phaistos.histories.Codec;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * The algebra: all generators there are, under Jepsen's names. What differs from Jepsen is said at
 * each; in general, a generator that draws is given its {@link Seed}, times are nanoseconds, and
 * {@code mix} and {@code flip-flop} pass updates on.
 */
@SuppressWarnings("varargs") // the arrays are only read
public final class Generators {
  private Generators() {}

  /** One payload as a function of nothing but its arguments. */
  @FunctionalInterface
  public interface Draw<C> {
    /**
     * @param number how many this generator gave before, from 0
     * @param seed a seed for this number alone
     */
    C draw(Context context, Seed seed, long number);
  }

  // Leaves.

  public static <C> Generator<C> nothing() {
    return new Leaves.Nothing<>();
  }

  /** One invocation by any free thread. */
  public static <C> Generator<C> call(C call) {
    return new Leaves.One<>(call);
  }

  /** Invocations without end, each drawn anew: Jepsen's function as a generator. */
  public static <C> Generator<C> draw(Seed seed, Draw<C> draw) {
    return new Leaves.Drawn<>(seed, draw, 0);
  }

  /** Occupies one free thread for this long. */
  public static <C> Generator<C> sleep(long nanos) {
    return new Leaves.Pause<>(nanos);
  }

  /** One line for the run log. */
  public static <C> Generator<C> log(String message) {
    return new Leaves.Line<>(message);
  }

  // One after the other.

  /** Each until it is exhausted, then the next, without waiting for what is under way. */
  @SafeVarargs
  public static <C> Generator<C> concat(Generator<C>... parts) {
    return concat(List.of(parts));
  }

  public static <C> Generator<C> concat(List<Generator<C>> parts) {
    return new Sequencing.Concat<>(List.copyOf(parts));
  }

  /** Waits until every thread is free, then becomes the generator. */
  public static <C> Generator<C> synchronize(Generator<C> generator) {
    return new Sequencing.Synchronize<>(generator);
  }

  /** Each after everything of the one before has completed. */
  @SafeVarargs
  public static <C> Generator<C> phases(Generator<C>... parts) {
    return phases(List.of(parts));
  }

  public static <C> Generator<C> phases(List<Generator<C>> parts) {
    return concat(parts.stream().map(Generators::synchronize).toList());
  }

  /** {@code last} once everything of {@code first} has completed. Jepsen takes them in reverse. */
  public static <C> Generator<C> then(Generator<C> first, Generator<C> last) {
    return concat(first, synchronize(last));
  }

  /** The first so many acts. */
  public static <C> Generator<C> limit(long count, Generator<C> generator) {
    return new Sequencing.Limit<>(count, generator);
  }

  public static <C> Generator<C> once(Generator<C> generator) {
    return limit(1, generator);
  }

  /** The first act again and again. */
  public static <C> Generator<C> repeat(Generator<C> generator) {
    return repeat(Long.MAX_VALUE, generator);
  }

  public static <C> Generator<C> repeat(long count, Generator<C> generator) {
    return new Sequencing.Repeat<>(count, generator);
  }

  /** From the beginning again whenever exhausted. */
  public static <C> Generator<C> cycle(Generator<C> generator) {
    return cycle(Long.MAX_VALUE, generator);
  }

  public static <C> Generator<C> cycle(long count, Generator<C> generator) {
    return new Sequencing.Cycle<>(count, generator, generator);
  }

  /** One act of each in turn; ends when the one whose turn it is has nothing more. */
  @SafeVarargs
  public static <C> Generator<C> flipFlop(Generator<C>... parts) {
    return new Sequencing.FlipFlop<>(List.of(parts), 0);
  }

  /** Until one of its own invocations completes ok. */
  public static <C> Generator<C> untilOk(Generator<C> generator) {
    return new Sequencing.UntilOk<>(generator, List.of(), false);
  }

  /**
   * Never more than so many of its own invocations under way. It must hear of their completions:
   * put {@link #filter} and {@link #ignoreUpdates} inside, not around it.
   */
  public static <C> Generator<C> concurrencyLimit(int count, Generator<C> generator) {
    return new Sequencing.ConcurrencyLimit<>(count, generator, List.of());
  }

  /** Ends before more than so many processes, dead ones included, have taken part. */
  public static <C> Generator<C> processLimit(int count, Generator<C> generator) {
    return new Sequencing.ProcessLimit<>(count, List.of(), generator);
  }

  // In time.

  /** Ends this long after its first act. Unlike Jepsen's, also while its generator is pending. */
  public static <C> Generator<C> timeLimit(long nanos, Generator<C> generator) {
    return new Timing.TimeLimit<>(nanos, Generator.NEVER, generator);
  }

  /** Acts at random distances, uniform in [0, 2 * mean): a total rate, not one for each thread. */
  public static <C> Generator<C> stagger(Seed seed, long meanNanos, Generator<C> generator) {
    return new Timing.Stagger<>(seed, meanNanos, 0, generator);
  }

  /** Acts at this distance. */
  public static <C> Generator<C> delay(long nanos, Generator<C> generator) {
    return new Timing.Delay<>(nanos, 0, generator);
  }

  /** Nothing before this moment of the run. */
  public static <C> Generator<C> notBefore(long timeNanos, Generator<C> generator) {
    return new Timing.NotBefore<>(timeNanos, generator);
  }

  /** {@code cycleTimes(5, writes).then(10, reads).forever()}; see {@link Turns}. */
  public static <C> Turns<C> cycleTimes(long nanos, Generator<C> generator) {
    return new Turns<C>(List.of()).then(nanos, generator);
  }

  /** Generators that take turns, each for a time of its own. */
  public record Turns<C>(List<Timing.Turn<C>> turns) {
    public Turns<C> then(long nanos, Generator<C> generator) {
      return new Turns<>(plus(turns, new Timing.Turn<>(nanos, generator)));
    }

    /**
     * Round and round from the first question on; each goes on where it was when its time was over.
     * Nothing happens in the turns of one that has nothing more; ends when all have.
     */
    public Generator<C> forever() {
      return new Timing.CycleTimes<>(turns, Generator.NEVER);
    }
  }

  // Side by side.

  /** The soonest act of several; of equally soon ones any. Ends when all have. */
  @SafeVarargs
  public static <C> Generator<C> any(Generator<C>... parts) {
    return any(List.of(parts));
  }

  public static <C> Generator<C> any(List<Generator<C>> parts) {
    return new Routing.Any<>(parts, false);
  }

  /** Like {@link #any}, but ends when the first of them does. */
  @SafeVarargs
  public static <C> Generator<C> shortestAny(Generator<C>... parts) {
    return new Routing.Any<>(List.of(parts), true);
  }

  /** One of several by chance, each act anew; an exhausted one drops out. */
  @SafeVarargs
  public static <C> Generator<C> mix(Seed seed, Generator<C>... parts) {
    return mix(seed, List.of(parts));
  }

  /** The same; for weights, give a part several times. */
  public static <C> Generator<C> mix(Seed seed, List<Generator<C>> parts) {
    return new Routing.Mix<>(seed, List.copyOf(parts));
  }

  /** Sees, and hears of, only these threads; ends where there are none of them. */
  public static <C> Generator<C> onThreads(IntPredicate threads, Generator<C> generator) {
    return new Routing.OnThreads<>(threads, generator);
  }

  public static <C> Generator<C> clients(Generator<C> generator) {
    return onThreads(thread -> thread != Context.NEMESIS, generator);
  }

  public static <C> Generator<C> nemesis(Generator<C> generator) {
    return onThreads(thread -> thread == Context.NEMESIS, generator);
  }

  /** Both at once. */
  public static <C> Generator<C> clientsAndNemesis(Generator<C> clients, Generator<C> nemesis) {
    return any(clients(clients), nemesis(nemesis));
  }

  /** Each thread has a copy of the generator for itself. */
  public static <C> Generator<C> eachThread(Generator<C> generator) {
    return new Routing.Each<>(false, generator, new TreeMap<>());
  }

  /** Each process has: where one dies, its thread goes on with a fresh copy. */
  public static <C> Generator<C> eachProcess(Generator<C> generator) {
    return new Routing.Each<>(true, generator, new TreeMap<>());
  }

  /** The first so many client threads for this generator; see {@link Reserve}. */
  public static <C> Reserve<C> reserve(int threads, Generator<C> generator) {
    return new Reserve<C>(0, List.of()).reserve(threads, generator);
  }

  /** {@code reserve(5, writes).reserve(2, cas).rest(reads)}. */
  public record Reserve<C>(int taken, List<Generator<C>> parts) {
    public Reserve<C> reserve(int threads, Generator<C> generator) {
      int from = taken;
      int to = taken + threads;
      return new Reserve<>(
          to, plus(parts, onThreads(thread -> thread >= from && thread < to, generator)));
    }

    /** All other client threads have this one. */
    public Generator<C> rest(Generator<C> generator) {
      int from = taken;
      return new Routing.Any<>(plus(parts, onThreads(thread -> thread >= from, generator)), false);
    }
  }

  // Other payloads.

  /** Every payload through a function. */
  public static <C> Generator<C> map(UnaryOperator<C> function, Generator<C> generator) {
    return new Mapping.Mapped<>(function, generator);
  }

  /** Only the payloads that pass. */
  public static <C> Generator<C> filter(Predicate<C> wanted, Generator<C> generator) {
    return new Mapping.Filtered<>(wanted, generator);
  }

  /** What a generator becomes after an event. */
  @FunctionalInterface
  public interface Reaction<C> {
    /**
     * @param generator this generator, which has heard of the event; return it to go on
     */
    Generator<C> after(Generator<C> generator, Context context, Event<C> event);
  }

  /** Becomes something else after an event. Jepsen's does not tell the generator inside. */
  public static <C> Generator<C> onUpdate(Reaction<C> reaction, Generator<C> generator) {
    return new Mapping.OnUpdate<>(reaction, generator);
  }

  /** Hears of nothing. */
  public static <C> Generator<C> ignoreUpdates(Generator<C> generator) {
    return new Mapping.Deaf<>(generator);
  }

  /**
   * A typed generator as the interpreter wants it. Put it inside {@link #clients} or {@link
   * #nemesis}: the codec must understand every event that reaches it.
   */
  public static <C> Generator<UntypedCall> encoded(Codec<C> codec, Generator<C> generator) {
    return new Mapping.Encoded<>(codec, generator);
  }

  // For whoever writes generators.

  /** Tells {@code log} of every question, answer and event. */
  public static <C> Generator<C> trace(String name, Consumer<String> log, Generator<C> generator) {
    return new Watching.Traced<>(name, log, generator);
  }

  /** Fails where the generator breaks the laws of {@link Generator}. */
  public static <C> Generator<C> validate(Generator<C> generator) {
    return new Watching.Validated<>(generator);
  }

  /** Says which generator failed, and in which situation. */
  public static <C> Generator<C> friendlyExceptions(Generator<C> generator) {
    return new Watching.Friendly<>(generator);
  }

  static <T> List<T> plus(List<T> list, T last) {
    @SuppressWarnings("unchecked")
    T[] items = (T[]) Arrays.copyOf(list.toArray(), list.size() + 1);
    items[list.size()] = last;
    return List.of(items);
  }

  static <T> List<T> with(List<T> list, int place, T item) {
    @SuppressWarnings("unchecked")
    T[] items = (T[]) list.toArray();
    items[place] = item;
    return List.of(items);
  }

  static <T> List<T> without(List<T> list, int place) {
    List<T> items = new ArrayList<>(list);
    items.remove(place);
    return List.copyOf(items);
  }
}
