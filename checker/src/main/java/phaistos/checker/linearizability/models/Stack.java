package phaistos.checker.linearizability.models;

import java.util.Optional;
import phaistos.checker.linearizability.Model;
import phaistos.checker.linearizability.Monitored;
import phaistos.checker.linearizability.Step;
import phaistos.checker.linearizability.models.Queues.Dequeue;
import phaistos.checker.linearizability.models.Queues.Enqueue;
import phaistos.checker.linearizability.models.Queues.FoundEmpty;
import phaistos.checker.linearizability.models.Queues.QueueCall;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/**
 * Last in, first out. In a history: {@code :push v}, and {@code :pop} with the element in its ok,
 * {@code :empty} if the stack was seen to be empty, nil if the element is not known.
 */
public record Stack() implements Model<Stack.Pile, QueueCall> {
  static final Queues.Words WORDS = new Queues.Words("stack", "push", "pop");

  @Override
  public Pile initial() {
    return Pile.EMPTY;
  }

  @Override
  public Step<Pile> step(Pile pile, QueueCall call) {
    return switch (call) {
      case Enqueue push -> Step.next(pile.plus(push.element()));
      case FoundEmpty _ when pile.size == 0 -> Step.next(pile);
      case FoundEmpty _ -> WORDS.isNotEmpty(pile.toString());
      case Dequeue pop when pile.size == 0 -> WORDS.isEmpty(pop);
      case Dequeue pop when pop.element().isPresent() && !pop.element().get().equals(pile.top) ->
          Step.inconsistent("can't " + describe(pop) + ", on top is " + EdnWriter.print(pile.top));
      case Dequeue _ -> Step.next(pile.below.orElseThrow());
    };
  }

  @Override
  public boolean isObservation(QueueCall call) {
    return call instanceof FoundEmpty;
  }

  @Override
  public Optional<Monitored<QueueCall>> monitored() {
    return Queues.QueueAccess.of(Monitored.Kind.STACK);
  }

  @Override
  public String describe(QueueCall call) {
    return WORDS.describe(call);
  }

  /** An immutable stack, with a hash of its sequence that changes in constant time. */
  public static final class Pile {
    static final Pile EMPTY = new Pile(Edn.NIL, Optional.empty(), 0, 1);
    private static final int SHOWN = 8;

    private final Edn top;
    private final Optional<Pile> below;
    private final int size;
    private final int hash;

    private Pile(Edn top, Optional<Pile> below, int size, int hash) {
      this.top = top;
      this.below = below;
      this.size = size;
      this.hash = hash;
    }

    Pile plus(Edn element) {
      return new Pile(element, Optional.of(this), size + 1, hash * 31 + element.hashCode());
    }

    @Override
    public boolean equals(Object other) {
      if (!(other instanceof Pile pile) || pile.size != size) {
        return false;
      }
      Pile mine = this;
      for (Pile theirs = pile; mine != theirs; theirs = theirs.below.orElseThrow()) {
        if (mine.hash != theirs.hash || !mine.top.equals(theirs.top)) {
          return false;
        }
        mine = mine.below.orElseThrow();
      }
      return true;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public String toString() {
      StringBuilder shown = new StringBuilder();
      Pile pile = this;
      for (int i = 0; i < SHOWN && pile.size > 0; i++, pile = pile.below.orElseThrow()) {
        shown.insert(0, EdnWriter.print(pile.top)).insert(0, ' ');
      }
      String hidden = pile.size > 0 ? pile.size + " more and" : "";
      return "[" + (hidden.isEmpty() ? shown.toString().strip() : hidden + shown) + ">";
    }
  }
}
