package phaistos.checker.linearizability;

import java.util.Locale;

/** How a linearization is searched for. All give the same verdicts. */
public enum Algorithm {
  /** Depth first with a memory: Wing and Gong 1993, Lowe 2017. Fast if a linearization exists. */
  WGL,
  /** Breadth first over the returns: Lowe 2017. Memory follows the concurrency. */
  LINEAR,
  /**
   * Both, after a short try of the first alone: on two threads if one is free, else in turns. The
   * first answer counts.
   */
  COMPETITION;

  /** As the command line and Knossos spell it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
