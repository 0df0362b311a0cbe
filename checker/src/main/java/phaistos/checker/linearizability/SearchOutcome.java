package phaistos.checker.linearizability;

/**
 * How a search for a linearization ended.
 *
 * <p>{@code configurations} counts the visited configurations, a machine-independent measure of the
 * search.
 */
sealed interface SearchOutcome {
  long configurations();

  /**
   * {@code replayed}: the number of operations in the order that was found, if it was written out
   * and replayed.
   */
  record Linearizable(long configurations, long replayed) implements SearchOutcome {
    Linearizable(long configurations) {
      this(configurations, 0);
    }
  }

  /**
   * All returns before {@code rank} can be passed, and that of {@code blocked} cannot. Without
   * {@link Foresight} the two are equal.
   */
  record Stuck(int rank, int blocked, long configurations) implements SearchOutcome {}

  /** {@code rank}: how many returns were passed. */
  record GivenUp(String cause, int rank, long configurations) implements SearchOutcome {}
}
