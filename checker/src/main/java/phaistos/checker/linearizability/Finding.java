package phaistos.checker.linearizability;

import java.util.Optional;

/** What a monitor found. */
sealed interface Finding {
  /**
   * There is an order.
   *
   * @param order the operations in it, those that returned and as many of the others as it needs,
   *     for {@link Replay}; not given if it would have cost a search
   */
  record Holds(Optional<int[]> order) implements Finding {}

  /**
   * There is none.
   *
   * @param suspects operations that have no order already, were there no others but takes of which
   *     nobody knows what they took
   */
  record Violated(int[] suspects) implements Finding {}

  /** No monitor can tell: {@code why} is for people. */
  record Undecided(String why) implements Finding {}
}
