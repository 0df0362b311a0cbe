package phaistos.checker.linearizability.models;

import java.util.Optional;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Monitored;
import phaistos.checker.linearizability.Step;
import phaistos.checker.linearizability.models.Queues.Dequeue;
import phaistos.checker.linearizability.models.Queues.Enqueue;
import phaistos.checker.linearizability.models.Queues.FoundEmpty;
import phaistos.checker.linearizability.models.Queues.QueueCall;
import phaistos.histories.EdnWriter;

/**
 * The smallest comes out first, as {@link EdnOrder} compares; of elements that compare as equal any
 * may. In a history: {@code :insert v}, and {@code :delete-min} with the element in its ok, {@code
 * :empty} if the queue was seen to be empty, nil if the element is not known.
 */
public record PriorityQueue() implements Model<SortedBag, QueueCall> {
  static final Queues.Words WORDS = new Queues.Words("priority queue", "insert", "delete-min");

  @Override
  public SortedBag initial() {
    return SortedBag.EMPTY;
  }

  @Override
  public Step<SortedBag> step(SortedBag bag, QueueCall call) {
    return switch (call) {
      case Enqueue insert -> Step.next(bag.plus(insert.element()));
      case FoundEmpty _ when bag.size() == 0 -> Step.next(bag);
      case FoundEmpty _ -> WORDS.isNotEmpty(bag.toString());
      case Dequeue delete when bag.size() == 0 -> WORDS.isEmpty(delete);
      case Dequeue delete when delete.element().isEmpty() -> Step.next(bag.minus(bag.first()));
      case Dequeue delete when !bag.contains(delete.element().get()) ->
          Step.inconsistent("can't " + describe(delete) + ", it is not in " + bag);
      case Dequeue delete when EdnOrder.INSTANCE.compare(bag.first(), delete.element().get()) < 0 ->
          Step.inconsistent(
              "can't " + describe(delete) + ", the smallest is " + EdnWriter.print(bag.first()));
      case Dequeue delete -> Step.next(bag.minus(delete.element().get()));
    };
  }

  @Override
  public boolean isObservation(QueueCall call) {
    return call instanceof FoundEmpty;
  }

  @Override
  public Optional<Monitored<QueueCall>> monitored() {
    return Queues.QueueAccess.of(Monitored.Kind.PRIORITY_QUEUE);
  }

  @Override
  public String describe(QueueCall call) {
    return WORDS.describe(call);
  }
}
