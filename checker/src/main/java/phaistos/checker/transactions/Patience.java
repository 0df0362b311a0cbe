package phaistos.checker.transactions;

import phaistos.checker.CheckContext;

/**
 * Ends a check whose time is up, wherever it is: whoever works through something long calls {@link
 * #tick} at each step. Not thread-safe.
 */
final class Patience {
  private static final int CHECK_EVERY = 4096;

  private final CheckContext context;
  private int ticks;

  /** The check cannot go on; what was found so far stands. */
  static final class Over extends RuntimeException {
    private static final long serialVersionUID = 1;

    Over(String reason) {
      super(reason, null, false, false);
    }
  }

  Patience(CheckContext context) {
    this.context = context;
  }

  /** A small step. */
  void tick() {
    if (++ticks % CHECK_EVERY == 0) {
      check();
    }
  }

  /**
   * A large step.
   *
   * @throws Over if the time is up
   */
  void check() {
    if (isOver()) {
      throw new Over("the time limit ended the check before it was complete");
    }
  }

  boolean isOver() {
    return context.isCancelled();
  }
}
