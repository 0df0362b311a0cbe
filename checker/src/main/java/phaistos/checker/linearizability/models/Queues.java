package phaistos.checker.linearizability.models;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.PersistentMap;
import phaistos.checker.linearizability.Step;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.UntypedCall;

/**
 * Queues. In a history: {@code :enqueue v}, and {@code :dequeue} with the element in its ok. A
 * dequeue of nil took an element that is not known; one that found the queue empty is to be
 * recorded as a fail, as Jepsen's are.
 */
public final class Queues {
  private Queues() {}

  /** A call on a queue. */
  public sealed interface QueueCall {}

  public record Enqueue(Edn element) implements QueueCall {}

  /** Empty where the element is not known. */
  public record Dequeue(Optional<Edn> element) implements QueueCall {}

  static QueueCall decode(UntypedCall call) {
    return switch (call.name()) {
      case "enqueue" -> new Enqueue(call.value());
      case "dequeue" ->
          new Dequeue(
              call.value() instanceof Edn.Nil ? Optional.empty() : Optional.of(call.value()));
      default ->
          throw new IllegalArgumentException(
              "a queue knows :enqueue and :dequeue, not " + EdnWriter.print(call.f()));
    };
  }

  private static String describe(QueueCall call) {
    return switch (call) {
      case Enqueue enqueue -> "enqueue " + EdnWriter.print(enqueue.element);
      case Dequeue dequeue -> "dequeue " + dequeue.element.map(EdnWriter::print).orElse("?");
    };
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
        case Dequeue dequeue when queue.size() == 0 ->
            Step.inconsistent("can't " + describe(dequeue) + " from an empty queue");
        case Dequeue dequeue
            when dequeue.element.isPresent() && !dequeue.element.get().equals(queue.first()) ->
            Step.inconsistent(
                "can't " + describe(dequeue) + ", the first is " + EdnWriter.print(queue.first()));
        case Dequeue _ -> Step.next(queue.rest());
      };
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
   * What goes in comes out once, in any order. The state is every multiset that the queue might
   * hold: a dequeue of something unknown may have taken any element. All but such dequeues keep it
   * a single one.
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
