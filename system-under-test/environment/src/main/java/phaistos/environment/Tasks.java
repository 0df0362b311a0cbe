package phaistos.environment;

/**
 * Starts concurrent code. Tasks synchronize with {@link Latch}, or with {@code
 * java.util.concurrent} locks without a time limit; {@code synchronized} is not allowed.
 */
public interface Tasks {
  /**
   * Starts {@code body}. An exception that escapes it is a defect of the program. It ends the
   * environment's node with that cause, and is never swallowed.
   */
  Task spawn(String name, Runnable body);

  Latch newLatch();

  /**
   * A place where another task may run. Code without a blocking call never interleaves in the
   * simulator, so every lock, port call and injection point is such a place; the real adapter does
   * nothing.
   */
  void yieldPoint();

  /** Waits this long. */
  void sleep(long nanos);
}
