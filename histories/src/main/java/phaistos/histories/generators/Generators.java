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
 * Every generator and combinator, under Jepsen's names. Three things differ from Jepsen everywhere:
 * a generator that draws random numbers is given its {@link Seed}; times are in nanoseconds; {@link
 * #mix} and {@link #flipFlop} pass updates on to their parts. Other differences stand at the
 * method.
 */
@SuppressWarnings("varargs") // the arrays are only read
public final class Generators {
  private Generators() {}

  /** Makes one payload. A pure function of its arguments. */
  @FunctionalInterface
  public interface Draw<C> {
    /**
     * @param number how many payloads this generator has made before, from 0
     * @param seed a seed for this number alone
     */
    C draw(Context context, Seed seed, long number);
  }

  // Leaves.

  public static <C> Generator<C> nothing() {
    return new Leaves.Nothing<>();
  }

  /** One invocation of {@code call}, by any free thread. */
  public static <C> Generator<C> call(C call) {
    return new Leaves.One<>(call);
  }

  /** Invocations without end; each payload is drawn anew. Jepsen writes this as a function. */
  public static <C> Generator<C> draw(Seed seed, Draw<C> draw) {
    return new Leaves.Drawn<>(seed, draw, 0);
  }

  /** Keeps one free thread busy for this long and invokes nothing. */
  public static <C> Generator<C> sleep(long nanos) {
    return new Leaves.Pause<>(nanos);
  }

  /** Writes one line to the run log. */
  public static <C> Generator<C> log(String message) {
    return new Leaves.Line<>(message);
  }

  // One after the other.

  /**
   * Runs each part until it is exhausted, then the next. Does not wait for calls that are still
   * open; {@link #phases} does.
   */
  @SafeVarargs
  public static <C> Generator<C> concat(Generator<C>... parts) {
    return concat(List.of(parts));
  }

  public static <C> Generator<C> concat(List<Generator<C>> parts) {
    return new Sequencing.Concat<>(List.copyOf(parts));
  }

  /** Waits until every thread is free, then goes on as {@code generator}. */
  public static <C> Generator<C> synchronize(Generator<C> generator) {
    return new Sequencing.Synchronize<>(generator);
  }

  /** Runs the parts in turn. Each part starts when every call of the part before has completed. */
  @SafeVarargs
  public static <C> Generator<C> phases(Generator<C>... parts) {
    return phases(List.of(parts));
  }

  public static <C> Generator<C> phases(List<Generator<C>> parts) {
    return concat(parts.stream().map(Generators::synchronize).toList());
  }

  /**
   * Runs {@code first}, waits until all of its calls have completed, then runs {@code last}. Jepsen
   * takes the two in the opposite order.
   */
  public static <C> Generator<C> then(Generator<C> first, Generator<C> last) {
    return concat(first, synchronize(last));
  }

  /** Only the first {@code count} acts of the generator. */
  public static <C> Generator<C> limit(long count, Generator<C> generator) {
    return new Sequencing.Limit<>(count, generator);
  }

  public static <C> Generator<C> once(Generator<C> generator) {
    return limit(1, generator);
  }

  /** Repeats the first act of the generator without end. */
  public static <C> Generator<C> repeat(Generator<C> generator) {
    return repeat(Long.MAX_VALUE, generator);
  }

  public static <C> Generator<C> repeat(long count, Generator<C> generator) {
    return new Sequencing.Repeat<>(count, generator);
  }

  /** Starts the generator again from the beginning whenever it is exhausted. */
  public static <C> Generator<C> cycle(Generator<C> generator) {
    return cycle(Long.MAX_VALUE, generator);
  }

  public static <C> Generator<C> cycle(long count, Generator<C> generator) {
    return new Sequencing.Cycle<>(count, generator, generator);
  }

  /** Takes one act of each part in turn. Ends when the part whose turn it is, is exhausted. */
  @SafeVarargs
  public static <C> Generator<C> flipFlop(Generator<C>... parts) {
    return new Sequencing.FlipFlop<>(List.of(parts), 0);
  }

  /** Runs the generator until one of its own invocations completes with ok. */
  public static <C> Generator<C> untilOk(Generator<C> generator) {
    return new Sequencing.UntilOk<>(generator, List.of(), false);
  }

  /**
   * Keeps at most {@code count} of its own invocations open at a time. It counts by the events that
   * it is told, so put {@link #filter} and {@link #ignoreUpdates} inside of it, never around it.
   */
  public static <C> Generator<C> concurrencyLimit(int count, Generator<C> generator) {
    return new Sequencing.ConcurrencyLimit<>(count, generator, List.of());
  }

  /** Ends before more than {@code count} processes have taken part. Dead processes count. */
  public static <C> Generator<C> processLimit(int count, Generator<C> generator) {
    return new Sequencing.ProcessLimit<>(count, List.of(), generator);
  }

  // In time.

  /**
   * Ends this long after its first act. It ends even while the generator inside is pending, where
   * Jepsen's goes on.
   */
  public static <C> Generator<C> timeLimit(long nanos, Generator<C> generator) {
    return new Timing.TimeLimit<>(nanos, Generator.NEVER, generator);
  }

  /**
   * Puts a random time between two acts, drawn uniformly from [0, 2 * mean). The rate is that of
   * all threads together.
   */
  public static <C> Generator<C> stagger(Seed seed, long meanNanos, Generator<C> generator) {
    return bursts(seed, meanNanos, 1, generator);
  }

  /**
   * The same rate in bursts: of so many acts, on average, all but the first come at once. Clients
   * that share rows then meet.
   */
  public static <C> Generator<C> bursts(
      Seed seed, long meanNanos, int size, Generator<C> generator) {
    return new Timing.Stagger<>(seed, meanNanos, size, 0, generator);
  }

  /** Puts exactly this time between two acts. */
  public static <C> Generator<C> delay(long nanos, Generator<C> generator) {
    return new Timing.Delay<>(nanos, 0, generator);
  }

  /** Does nothing before this moment, counted from the start of the run. */
  public static <C> Generator<C> notBefore(long timeNanos, Generator<C> generator) {
    return new Timing.NotBefore<>(timeNanos, generator);
  }

  /**
   * Lets generators take turns by time. Example: {@code cycleTimes(5, writes).then(10,
   * reads).forever()}; see {@link Turns}.
   */
  public static <C> Turns<C> cycleTimes(long nanos, Generator<C> generator) {
    return new Turns<C>(List.of()).then(nanos, generator);
  }

  /** Generators that take turns, each for its own length of time. */
  public record Turns<C>(List<Timing.Turn<C>> turns) {
    public Turns<C> then(long nanos, Generator<C> generator) {
      return new Turns<>(plus(turns, new Timing.Turn<>(nanos, generator)));
    }

    /**
     * Starts the turns at the first call of {@link Generator#next} and repeats them without end. A
     * part goes on where its last turn stopped. The turn of an exhausted part stays empty. The
     * whole ends when every part is exhausted.
     */
    public Generator<C> forever() {
      return new Timing.CycleTimes<>(turns, Generator.NEVER);
    }
  }

  // Side by side.

  /**
   * Takes the act that comes first among all parts; among equally early ones it draws. Ends when
   * all parts are exhausted.
   */
  @SafeVarargs
  public static <C> Generator<C> any(Generator<C>... parts) {
    return any(List.of(parts));
  }

  public static <C> Generator<C> any(List<Generator<C>> parts) {
    return new Routing.Any<>(parts, false);
  }

  /** Like {@link #any}, but ends when the first part is exhausted. */
  @SafeVarargs
  public static <C> Generator<C> shortestAny(Generator<C>... parts) {
    return new Routing.Any<>(List.of(parts), true);
  }

  /** Draws a part at random for each act. An exhausted part is dropped. */
  @SafeVarargs
  public static <C> Generator<C> mix(Seed seed, Generator<C>... parts) {
    return mix(seed, List.of(parts));
  }

  /** Like the other {@code mix}. To give a part more weight, list it several times. */
  public static <C> Generator<C> mix(Seed seed, List<Generator<C>> parts) {
    return new Routing.Mix<>(seed, List.copyOf(parts));
  }

  /**
   * Uses only these threads, and passes on only their events. Exhausted where there is no such
   * thread.
   */
  public static <C> Generator<C> onThreads(IntPredicate threads, Generator<C> generator) {
    return new Routing.OnThreads<>(threads, generator);
  }

  public static <C> Generator<C> clients(Generator<C> generator) {
    return onThreads(thread -> thread != Context.NEMESIS, generator);
  }

  public static <C> Generator<C> nemesis(Generator<C> generator) {
    return onThreads(thread -> thread == Context.NEMESIS, generator);
  }

  /** Runs one generator on the client threads and the other on the nemesis thread, side by side. */
  public static <C> Generator<C> clientsAndNemesis(Generator<C> clients, Generator<C> nemesis) {
    return any(clients(clients), nemesis(nemesis));
  }

  /** Gives each thread its own copy of the generator. */
  public static <C> Generator<C> eachThread(Generator<C> generator) {
    return new Routing.Each<>(false, generator, new TreeMap<>());
  }

  /** Gives each process its own copy. After a process dies, its thread starts a fresh copy. */
  public static <C> Generator<C> eachProcess(Generator<C> generator) {
    return new Routing.Each<>(true, generator, new TreeMap<>());
  }

  /** Reserves the first {@code threads} client threads for this generator; see {@link Reserve}. */
  public static <C> Reserve<C> reserve(int threads, Generator<C> generator) {
    return new Reserve<C>(0, List.of()).reserve(threads, generator);
  }

  /**
   * Client threads shared out by number. Example: {@code reserve(5, writes).reserve(2,
   * cas).rest(reads)}.
   */
  public record Reserve<C>(int taken, List<Generator<C>> parts) {
    public Reserve<C> reserve(int threads, Generator<C> generator) {
      int from = taken;
      int to = taken + threads;
      return new Reserve<>(
          to, plus(parts, onThreads(thread -> thread >= from && thread < to, generator)));
    }

    /** Gives this generator to all other client threads. */
    public Generator<C> rest(Generator<C> generator) {
      int from = taken;
      return new Routing.Any<>(plus(parts, onThreads(thread -> thread >= from, generator)), false);
    }
  }

  // Other payloads.

  /** Changes every payload by a function. */
  public static <C> Generator<C> map(UnaryOperator<C> function, Generator<C> generator) {
    return new Mapping.Mapped<>(function, generator);
  }

  /** Drops the payloads that the predicate rejects. */
  public static <C> Generator<C> filter(Predicate<C> wanted, Generator<C> generator) {
    return new Mapping.Filtered<>(wanted, generator);
  }

  /** Decides how a generator goes on after an event. */
  @FunctionalInterface
  public interface Reaction<C> {
    /**
     * @param generator the present generator, already updated with the event; return it to keep it
     */
    Generator<C> after(Generator<C> generator, Context context, Event<C> event);
  }

  /**
   * Replaces the generator after each event by what the reaction returns. The generator inside is
   * told of the event first; Jepsen's is not.
   */
  public static <C> Generator<C> onUpdate(Reaction<C> reaction, Generator<C> generator) {
    return new Mapping.OnUpdate<>(reaction, generator);
  }

  /** Hides all events from the generator inside. */
  public static <C> Generator<C> ignoreUpdates(Generator<C> generator) {
    return new Mapping.Deaf<>(generator);
  }

  /**
   * Turns a generator of typed payloads into the untyped one that the interpreter runs. The codec
   * must be able to decode every event that reaches it, so put it inside {@link #clients} or {@link
   * #nemesis}.
   */
  public static <C> Generator<UntypedCall> encoded(Codec<C> codec, Generator<C> generator) {
    return new Mapping.Encoded<>(codec, generator);
  }

  // For whoever writes generators.

  /** Writes every call of the generator, its answer and every event to {@code log}. */
  public static <C> Generator<C> trace(String name, Consumer<String> log, Generator<C> generator) {
    return new Watching.Traced<>(name, log, generator);
  }

  /** Throws when the generator breaks one of the laws of {@link Generator}. */
  public static <C> Generator<C> validate(Generator<C> generator) {
    return new Watching.Validated<>(generator);
  }

  /** Adds the generator and the context to an exception that the generator throws. */
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
