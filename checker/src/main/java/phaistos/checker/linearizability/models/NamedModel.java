package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.linearizability.CallDecoder;
import phaistos.checker.linearizability.Collector;
import phaistos.checker.linearizability.Model;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.HistoryException;
import phaistos.histories.HistoryReader;
import phaistos.histories.UntypedCall;

/**
 * A model under its command-line name, with the decoder of a history's calls.
 *
 * @param hasOwnKeys whether its calls contain a key, so that [key value] does not indicate an
 *     independent history
 */
public record NamedModel<S, C>(
    String name, Model<S, C> model, CallDecoder<C> decoder, boolean hasOwnKeys) {
  /** Invocations of ambiguous shape are held until another one decides. */
  private static final int UNDECIDED_MAX = 100_000;

  /** Makes a model from its initial state, if one was given. */
  private interface Factory {
    NamedModel<?, ?> make(String name, Optional<Edn> initial);
  }

  private static final Map<String, Factory> FACTORIES = new LinkedHashMap<>();

  static {
    FACTORIES.put(
        "register",
        (name, initial) ->
            of(
                name,
                new Register(initial.orElse(Edn.NIL)),
                (_, call) -> Register.check(RegisterCall.decode(call))));
    FACTORIES.put(
        "cas-register",
        (name, initial) ->
            of(
                name,
                new CasRegister(initial.orElse(Edn.NIL)),
                (_, call) -> RegisterCall.decode(call)));
    FACTORIES.put(
        "multi-register",
        (name, initial) ->
            of(
                name,
                initial.map(MultiRegister::of).orElseGet(MultiRegister::new),
                (_, call) -> MultiRegister.decode(call)));
    FACTORIES.put(
        "key-value",
        (name, initial) ->
            new NamedModel<>(
                name,
                new KeyValue(initial.map(NamedModel::text).orElse("")),
                (_, call) -> KeyValue.decode(call),
                true));
    FACTORIES.put(
        "mutex",
        (name, initial) -> fixed(initial, of(name, new Mutexes.Mutex(), Mutexes.ANONYMOUS)));
    FACTORIES.put(
        "reentrant-mutex",
        (name, initial) -> fixed(initial, of(name, new Mutexes.ReentrantMutex(), Mutexes.OWNED)));
    FACTORIES.put(
        "owner-mutex",
        (name, initial) -> fixed(initial, of(name, new Mutexes.OwnerMutex(), Mutexes.OWNED)));
    FACTORIES.put(
        "fenced-mutex",
        (name, initial) -> fixed(initial, of(name, new Mutexes.FencedMutex(), Mutexes.FENCED)));
    FACTORIES.put(
        "semaphore",
        (name, initial) ->
            of(
                name,
                new Mutexes.Semaphore(initial.map(NamedModel::number).orElse(1L)),
                (_, call) -> Mutexes.Semaphore.decode(call)));
    FACTORIES.put(
        "fifo-queue",
        (name, initial) ->
            fixed(initial, of(name, new Queues.FifoQueue(), (_, call) -> Queues.decode(call))));
    FACTORIES.put(
        "unordered-queue",
        (name, initial) ->
            fixed(
                initial, of(name, new Queues.UnorderedQueue(), (_, call) -> Queues.decode(call))));
    FACTORIES.put(
        "bounded-queue",
        (name, initial) ->
            of(
                name,
                new BoundedQueue(
                    initial
                        .map(NamedModel::number)
                        .orElseThrow(
                            () ->
                                new IllegalArgumentException(
                                    name + " needs its capacity: --initial 10"))),
                (_, call) -> BoundedQueue.decode(call)));
    FACTORIES.put(
        "deque",
        (name, initial) -> fixed(initial, of(name, new Deque(), (_, call) -> Deque.decode(call))));
    FACTORIES.put(
        "stack",
        (name, initial) ->
            fixed(initial, of(name, new Stack(), (_, call) -> Stack.WORDS.decode(call))));
    FACTORIES.put(
        "priority-queue",
        (name, initial) ->
            fixed(
                initial,
                of(name, new PriorityQueue(), (_, call) -> PriorityQueue.WORDS.decode(call))));
    FACTORIES.put(
        "set",
        (name, initial) ->
            fixed(
                initial,
                of(
                    name,
                    new Collections.SetModel(),
                    (_, call) -> Collections.SetModel.decode(call))));
    FACTORIES.put(
        "counter",
        (name, initial) ->
            of(
                name,
                new Collections.Counter(initial.map(NamedModel::number).orElse(0L)),
                (_, call) -> Collections.Counter.decode(call)));
    FACTORIES.put(
        "etcd",
        (name, initial) ->
            fixed(
                initial,
                new NamedModel<>(name, new Etcd(), (_, call) -> EtcdCall.decode(call), true)));
    FACTORIES.put(
        "bank",
        (name, initial) ->
            of(name, new Bank(initial.map(Bank::balances)), (_, call) -> Bank.decode(call)));
    FACTORIES.put(
        "noop",
        (name, initial) -> fixed(initial, of(name, new Collections.Noop(), (_, call) -> call)));
  }

  private static <S, C> NamedModel<S, C> of(
      String name, Model<S, C> model, CallDecoder<C> decoder) {
    return new NamedModel<>(name, model, decoder, false);
  }

  private static NamedModel<?, ?> fixed(Optional<Edn> initial, NamedModel<?, ?> named) {
    if (initial.isPresent()) {
      throw new IllegalArgumentException(named.name + " has no other initial state");
    }
    return named;
  }

  private static long number(Edn value) {
    if (value instanceof Edn.Int number) {
      return number.value();
    }
    throw new IllegalArgumentException(
        "the initial state is a number, not " + EdnWriter.print(value));
  }

  private static String text(Edn value) {
    return value instanceof Edn.Text text ? text.value() : EdnWriter.print(value);
  }

  /** All names. */
  public static List<String> names() {
    return List.copyOf(FACTORIES.keySet());
  }

  /**
   * The model of this name.
   *
   * @throws IllegalArgumentException for an unknown name, or an initial state that it cannot have
   */
  public static NamedModel<?, ?> named(String name, Optional<Edn> initial) {
    Factory factory = FACTORIES.get(name);
    if (factory == null) {
      throw new IllegalArgumentException("no model " + name + "; known are " + names());
    }
    return factory.make(name, initial);
  }

  /** The model of which there is one for every key of the history. */
  public NamedModel<S, Independent.Call<C>> independent() {
    return new NamedModel<>(name, new Independent<>(model), Independent.decoder(decoder), true);
  }

  /** Operations on a collected history, independent of the model's types. */
  public interface Use<R> {
    <T, D> R with(Collector<T, D> collected);
  }

  /**
   * Collects the operations of a streamed file and detects whether they have keys.
   *
   * @throws HistoryException with the line of what is wrong
   */
  public <R> R collect(HistoryReader reader, Use<R> use) {
    List<Waiting> waiting = new ArrayList<>();
    Independent.Shape shape = hasOwnKeys ? Independent.Shape.PLAIN : Independent.Shape.EITHER;
    while (shape == Independent.Shape.EITHER && waiting.size() < UNDECIDED_MAX) {
      Optional<Event<UntypedCall>> next = reader.next();
      if (next.isEmpty()) {
        break;
      }
      waiting.add(new Waiting(next.get(), reader.line()));
      if (next.get().isClient() && next.get().isInvoke()) {
        shape = Independent.shape(next.get().call());
      }
    }
    return shape == Independent.Shape.KEYED
        ? use.with(independent().fill(waiting, reader))
        : use.with(fill(waiting, reader));
  }

  private record Waiting(Event<UntypedCall> event, long line) {}

  private Collector<S, C> fill(List<Waiting> waiting, HistoryReader reader) {
    Collector<S, C> collector = new Collector<>(model);
    for (Waiting early : waiting) {
      add(collector, early.event, early.line, reader);
    }
    for (var next = reader.next(); next.isPresent(); next = reader.next()) {
      add(collector, next.get(), reader.line(), reader);
    }
    return collector;
  }

  private void add(
      Collector<S, C> collector, Event<UntypedCall> event, long line, HistoryReader reader) {
    try {
      collector.add(event, decoder);
    } catch (IllegalArgumentException e) {
      throw new HistoryException(reader.source(), line, e.getMessage());
    }
  }
}
