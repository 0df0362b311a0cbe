package phaistos.server.steps;

/**
 * What a step does.
 *
 * @param <R> its result; {@link Void} if none
 * @param <E> what it may throw beside unchecked exceptions
 */
@FunctionalInterface
public interface Act<R, E extends Exception> {
  R run() throws E;

  /**
   * An act without a result.
   *
   * @param <E> what it may throw beside unchecked exceptions
   */
  @FunctionalInterface
  interface Silent<E extends Exception> {
    void run() throws E;
  }
}
