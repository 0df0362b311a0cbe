package phaistos.checker.linearizability;

import java.util.Comparator;
import java.util.Optional;
import phaistos.histories.Edn;

/**
 * What a monitor must know of a model, so that a history in which every element goes in once is
 * decided without a search: which object it is, and what each call does to it.
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

  /** What a call does. Of a register, the element that is in is the value that it holds. */
  sealed interface Access {
    /** The element goes in: enqueue, push, insert, add, write. */
    record Put(Edn element) implements Access {}

    /** This element comes out: dequeue, pop, delete-min, remove. */
    record Take(Edn element) implements Access {}

    /** An element comes out, nobody knows which. */
    record TakeAny() implements Access {}

    /** Nothing was in. */
    record SeeNone() implements Access {}

    /** The element was seen to be in. */
    record See(Edn element) implements Access {}

    /** The element was seen not to be in. */
    record Miss(Edn element) implements Access {}

    /** These elements were in, and no others. */
    record SeeAll(PersistentMap<Edn, Boolean> elements) implements Access {}

    /** It changes nothing and answers nothing: it can happen at any time. */
    record Nothing() implements Access {}

    /** Something that no monitor understands. */
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
