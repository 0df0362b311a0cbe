package phaistos.checker.transactions.order;

/**
 * What a consistency model asks of the order of transactions.
 *
 * @param shape how reads and writes bind the order
 * @param order which order from outside of the data must be kept
 */
public record Rule(Shape shape, Outside order) {
  /** After Cerone, Bernardi and Gotsman (CONCUR 2015) and Cerone, Gotsman, Yang (CONCUR 2017). */
  public enum Shape {
    /** Each transaction takes place at one moment. */
    SERIAL,
    /**
     * Each starts and commits: it reads the last commits before its start, and no two that write
     * one key overlap.
     */
    SNAPSHOT,
    /** As a snapshot, but those that write one key may overlap. */
    PREFIX
  }

  /** Order that the data does not show. */
  public enum Outside {
    NONE,
    /** Each process runs its transactions one after the other, and sees its earlier ones. */
    PROCESS,
    /** What completed before another was invoked is seen by it. */
    REALTIME
  }

  /** Whether a transaction has two moments, its start and its commit. */
  boolean hasTwoMoments() {
    return shape != Shape.SERIAL;
  }
}
