package phaistos.environment;

/**
 * PostgreSQL's latch (latch.c): a flag that one task waits for and any task sets. A set latch stays
 * set until it is reset, so that a wake-up between two waits is not lost. The waiter's loop is:
 * reset, check the condition, await. Only one task may wait on a latch at a time; {@link #set} is
 * thread-safe.
 */
public interface Latch {
  void set();

  void reset();

  /** Waits until the latch is set. */
  void await();

  /**
   * Waits until the latch is set or the limit has passed.
   *
   * @return whether the latch is set
   */
  boolean await(long limitNanos);
}
