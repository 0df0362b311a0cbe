package phaistos.checker.linearizability.models;

import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Step;
import phaistos.checker.linearizability.models.Queues.Enqueue;
import phaistos.checker.linearizability.models.Queues.Fifo;
import phaistos.checker.linearizability.models.Queues.QueueCall;
import phaistos.histories.Edn;
import phaistos.histories.UntypedCall;

/**
 * First in, first out, with room for so many elements. In a history as for {@link Queues}; and an
 * enqueue whose ok is {@code :full} saw that there was no room.
 *
 * @param capacity at least 1
 */
public record BoundedQueue(long capacity) implements Model<Fifo, BoundedQueue.Call> {
  private static final Edn FULL = Edn.keyword("full");

  public BoundedQueue {
    if (capacity < 1) {
      throw new IllegalArgumentException("a bounded queue has room for 1 or more: " + capacity);
    }
  }

  /** A call on a bounded queue. */
  public sealed interface Call {}

  /** One that any queue knows. */
  public record Usual(QueueCall call) implements Call {}

  /** An enqueue that found no room. */
  public record FoundFull() implements Call {}

  @Override
  public Fifo initial() {
    return new Queues.FifoQueue().initial();
  }

  @Override
  public Step<Fifo> step(Fifo queue, Call call) {
    boolean isFull = queue.size() >= capacity;
    return switch (call) {
      case FoundFull _ ->
          isFull ? Step.next(queue) : Step.inconsistent("the queue is not full: " + queue);
      case Usual(Enqueue _) when isFull ->
          Step.inconsistent("can't " + describe(call) + ", the queue is full: " + queue);
      case Usual(QueueCall usual) -> new Queues.FifoQueue().step(queue, usual);
    };
  }

  @Override
  public boolean isObservation(Call call) {
    return switch (call) {
      case FoundFull _ -> true;
      case Usual(QueueCall usual) -> new Queues.FifoQueue().isObservation(usual);
    };
  }

  @Override
  public String describe(Call call) {
    return switch (call) {
      case FoundFull _ -> "enqueue finds it full";
      case Usual(QueueCall usual) -> new Queues.FifoQueue().describe(usual);
    };
  }

  static Call decode(UntypedCall call) {
    return call.name().equals("enqueue") && call.value().equals(FULL)
        ? new FoundFull()
        : new Usual(Queues.decode(call));
  }
}
