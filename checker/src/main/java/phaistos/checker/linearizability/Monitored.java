package phaistos.checker.linearizability;

import java.util.Comparator;
import java.util.Optional;
import phaistos.histories.Edn;

/**
 * What a monitor needs from a model to decide, without a search, a history that adds every element
 * once: the kind of object, and the effect of each call.
 *
 * @param <C> the model's calls
 */
public interface Monitored<C> {
  /** The objects that there are monitors for. */
  enum Kind {
    FIFO_QUEUE,
    UNORDERED_QUEUE,
    STACK,
    PRIORITY_QUEUE,
    REGISTER,
    SET
  }

  /** The effect of a call. For a register the element is the value that it holds. */
  sealed interface Access {
    /** The element goes in: enqueue, push, insert, add, write. */
    record Put(Edn element) implements Access {}

    /** This element comes out: dequeue, pop, delete-min, remove. */
    record Take(Edn element) implements Access {}

    /** An unknown element comes out. */
    record TakeAny() implements Access {}

    /** The object was empty. */
    record SeeNone() implements Access {}

    /** The object contained the element. */
    record See(Edn element) implements Access {}

    /** The object did not contain the element. */
    record Miss(Edn element) implements Access {}

    /** The object contained exactly these elements. */
    record SeeAll(PersistentMap<Edn, Boolean> elements) implements Access {}

    /** No effect and no result: it can happen at any time. */
    record Nothing() implements Access {}

    /** A call that no monitor supports. */
    record Other() implements Access {}
  }

  Kind kind();

  Access access(C call);

  /** What a register holds at first. */
  default Optional<Edn> initialElement() {
    return Optional.empty();
  }

  /** In which order a priority queue gives its elements. */
  default Comparator<Edn> order() {
    return Comparator.comparing(Edn::toString);
  }
}
