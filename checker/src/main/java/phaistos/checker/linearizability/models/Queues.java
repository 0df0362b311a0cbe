package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Monitored;
import phaistos.checker.linearizability.PersistentMap;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * Queues. In a history: {@code :enqueue v}, and {@code :dequeue} with the element in its ok, or
 * {@code :empty} if the queue was seen to be empty. A dequeue of nil took an element that is not
 * known. A failed call did not happen, whatever its error. Jepsen's tests mostly record an empty
 * queue as a fail; then nothing was observed.
 */
public final class Queues {
  private Queues() {}

  /** A call on a queue, or on another object with add and remove. */
  public sealed interface QueueCall {}

  public record Enqueue(Edn element) implements QueueCall {}

  /** Empty where the element is not known. */
  public record Dequeue(Optional<Edn> element) implements QueueCall {}

  /** A dequeue that saw that there is none. */
  public record FoundEmpty() implements QueueCall {}

  /** What an object calls its two functions, and itself. */
  record Words(String object, String in, String out) {
    private static final Edn EMPTY = Edn.keyword("empty");

    QueueCall decode(UntypedCall call) {
      String name = call.name();
      if (name.equals(in)) {
        if (call.value().equals(EMPTY)) {
          throw new IllegalArgumentException(
              "an element :empty cannot be told from the answer :empty of an empty " + object);
        }
        return new Enqueue(call.value());
      }
      if (!name.equals(out)) {
        throw new IllegalArgumentException(
            "a %s knows :%s and :%s, not %s".formatted(object, in, out, EdnWriter.print(call.f())));
      }
      return call.value().equals(EMPTY)
          ? new FoundEmpty()
          : new Dequeue(
              call.value() instanceof Edn.Nil ? Optional.empty() : Optional.of(call.value()));
    }

    String describe(QueueCall call) {
      return switch (call) {
        case Enqueue enqueue -> in + " " + EdnWriter.print(enqueue.element);
        case Dequeue dequeue -> out + " " + dequeue.element.map(EdnWriter::print).orElse("?");
        case FoundEmpty _ -> out + " finds it empty";
      };
    }

    /** Why this call cannot have seen the object empty. */
    <S> Step<S> isNotEmpty(String state) {
      return Step.inconsistent("the " + object + " is not empty: " + state);
    }

    <S> Step<S> isEmpty(QueueCall call) {
      return Step.inconsistent("can't " + describe(call) + " from an empty " + object);
    }
  }

  static final Words WORDS = new Words("queue", "enqueue", "dequeue");

  /** Such calls on an object of this kind. */
  record QueueAccess(Monitored.Kind kind) implements Monitored<QueueCall> {
    static Optional<Monitored<QueueCall>> of(Monitored.Kind kind) {
      return Optional.of(new QueueAccess(kind));
    }

    @Override
    public Monitored.Access access(QueueCall call) {
      return switch (call) {
        case Enqueue enqueue -> new Monitored.Access.Put(enqueue.element);
        case Dequeue dequeue when dequeue.element.isPresent() ->
            new Monitored.Access.Take(dequeue.element.get());
        case Dequeue _ -> new Monitored.Access.TakeAny();
        case FoundEmpty _ -> new Monitored.Access.SeeNone();
      };
    }

    @Override
    public Comparator<Edn> order() {
      return EdnOrder.INSTANCE;
    }
  }

  static QueueCall decode(UntypedCall call) {
    return WORDS.decode(call);
  }

  private static String describe(QueueCall call) {
    return WORDS.describe(call);
  }

  /** First in, first out. */
  public record FifoQueue() implements Model<Fifo, QueueCall> {
    @Override
    public Fifo initial() {
      return Fifo.EMPTY;
    }

    @Override
    public Step<Fifo> step(Fifo queue, QueueCall call) {
      return switch (call) {
        case Enqueue enqueue -> Step.next(queue.plus(enqueue.element));
        case FoundEmpty _ when queue.size() == 0 -> Step.next(queue);
        case FoundEmpty _ -> WORDS.isNotEmpty(queue.toString());
        case Dequeue dequeue when queue.size() == 0 -> WORDS.isEmpty(dequeue);
        case Dequeue dequeue
            when dequeue.element.isPresent() && !dequeue.element.get().equals(queue.first()) ->
            Step.inconsistent(
                "can't " + describe(dequeue) + ", the first is " + EdnWriter.print(queue.first()));
        case Dequeue _ -> Step.next(queue.rest());
      };
    }

    @Override
    public boolean isObservation(QueueCall call) {
      return call instanceof FoundEmpty;
    }

    @Override
    public Optional<Monitored<QueueCall>> monitored() {
      return QueueAccess.of(Monitored.Kind.FIFO_QUEUE);
    }

    @Override
    public String describe(QueueCall call) {
      return Queues.describe(call);
    }
  }

  /** A linked list. */
  private record Cell(Edn element, Optional<Cell> next) {}

  /**
   * An immutable queue of two lists (Okasaki 1998, section 5.2), with a hash of its sequence that
   * changes in constant time.
   */
  public static final class Fifo {
    static final Fifo EMPTY = new Fifo(Optional.empty(), Optional.empty(), 0, 0, 1);

    private final Optional<Cell> front;
    private final Optional<Cell> back;
    private final int size;
    private final int hash;

    /** 31 to the power of size. */
    private final int power;

    private Fifo(Optional<Cell> front, Optional<Cell> back, int size, int hash, int power) {
      this.front = front;
      this.back = back;
      this.size = size;
      this.hash = hash;
      this.power = power;
    }

    int size() {
      return size;
    }

    Fifo plus(Edn element) {
      Cell last = new Cell(element, back);
      int longer = hash * 31 + element.hashCode();
      return size == 0
          ? new Fifo(Optional.of(new Cell(element, Optional.empty())), back, 1, longer, power * 31)
          : new Fifo(front, Optional.of(last), size + 1, longer, power * 31);
    }

    Edn first() {
      return front.orElseThrow().element;
    }

    Fifo rest() {
      Cell gone = front.orElseThrow();
      int shorterPower = power * INVERSE_OF_31;
      int shorter = hash - gone.element.hashCode() * shorterPower;
      if (gone.next.isPresent()) {
        return new Fifo(gone.next, back, size - 1, shorter, shorterPower);
      }
      Optional<Cell> turned = Optional.empty();
      for (Optional<Cell> cell = back; cell.isPresent(); cell = cell.get().next) {
        turned = Optional.of(new Cell(cell.get().element, turned));
      }
      return new Fifo(turned, Optional.empty(), size - 1, shorter, shorterPower);
    }

    private static final int INVERSE_OF_31 = 0xBDEF7BDF;

    List<Edn> elements() {
      List<Edn> all = new ArrayList<>(size);
      for (Optional<Cell> cell = front; cell.isPresent(); cell = cell.get().next) {
        all.add(cell.get().element);
      }
      List<Edn> later = new ArrayList<>();
      for (Optional<Cell> cell = back; cell.isPresent(); cell = cell.get().next) {
        later.add(cell.get().element);
      }
      all.addAll(later.reversed());
      return all;
    }

    @Override
    public boolean equals(Object other) {
      return this == other
          || other instanceof Fifo queue
              && queue.size == size
              && queue.hash == hash
              && queue.elements().equals(elements());
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public String toString() {
      String shown =
          elements().stream().limit(8).map(EdnWriter::print).collect(Collectors.joining(" "));
      return "[" + shown + (size > 8 ? " and " + (size - 8) + " more]" : "]");
    }
  }

  /**
   * Each element comes out once, in any order. The state is the set of multisets that the queue may
   * hold: a dequeue of an unknown element may have taken any. Without such dequeues it is a single
   * multiset.
   */
  public record UnorderedQueue() implements Model<Set<PersistentMap<Edn, Integer>>, QueueCall> {
    @Override
    public Set<PersistentMap<Edn, Integer>> initial() {
      return Set.of(PersistentMap.empty());
    }

    @Override
    public Step<Set<PersistentMap<Edn, Integer>>> step(
        Set<PersistentMap<Edn, Integer>> state, QueueCall call) {
      Set<PersistentMap<Edn, Integer>> next = new LinkedHashSet<>();
      for (PersistentMap<Edn, Integer> bag : state) {
        switch (call) {
          case Enqueue enqueue ->
              next.add(bag.with(enqueue.element, bag.get(enqueue.element).orElse(0) + 1));
          case Dequeue dequeue when dequeue.element.isPresent() -> {
            if (bag.contains(dequeue.element.get())) {
              next.add(take(bag, dequeue.element.get()));
            }
          }
          case Dequeue _ -> bag.forEach((element, _) -> next.add(take(bag, element)));
          case FoundEmpty _ -> {
            if (bag.size() == 0) {
              next.add(bag);
            }
          }
        }
      }
      return next.isEmpty()
          ? Step.inconsistent("can't " + describe(call) + " from " + describeState(state))
          : Step.next(next);
    }

    private static PersistentMap<Edn, Integer> take(PersistentMap<Edn, Integer> bag, Edn element) {
      int count = bag.get(element).orElseThrow();
      return count == 1 ? bag.without(element) : bag.with(element, count - 1);
    }

    @Override
    public Optional<Monitored<QueueCall>> monitored() {
      return QueueAccess.of(Monitored.Kind.UNORDERED_QUEUE);
    }

    @Override
    public String describe(QueueCall call) {
      return Queues.describe(call);
    }

    @Override
    public String describeState(Set<PersistentMap<Edn, Integer>> state) {
      List<String> elements = new ArrayList<>();
      state
          .iterator()
          .next()
          .forEach((e, n) -> elements.add(EdnWriter.print(e) + (n > 1 ? " (" + n + ")" : "")));
      elements.sort(null);
      String more = state.size() > 1 ? " or one of " + (state.size() - 1) + " others" : "";
      int hidden = elements.size() - 8;
      return "{"
          + elements.stream().limit(8).collect(Collectors.joining(" "))
          + (hidden > 0 ? " and " + hidden + " more}" : "}")
          + more;
    }
  }
}
