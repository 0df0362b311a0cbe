package phaistos.checker.linearizability;

import java.util.Optional;

/** The answer of a monitor. */
sealed interface Finding {
  /**
   * An order exists.
   *
   * @param order the operations in it, those that returned and as many of the others as it needs,
   *     for {@link Replay}; not given if it would have cost a search
   */
  record Holds(Optional<int[]> order) implements Finding {}

  /**
   * No order exists.
   *
   * @param suspects operations that alone have no order, even with all takes of unknown elements
   *     added
   */
  record Violated(int[] suspects) implements Finding {}

  /** No monitor can decide: {@code why} is for people. */
  record Undecided(String why) implements Finding {}
}
