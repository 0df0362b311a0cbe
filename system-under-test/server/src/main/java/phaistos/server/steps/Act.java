package phaistos.server.steps;

/**
 * What a step does.
 *
 * @param <R> what it answers; {@link Void} if nothing
 * @param <E> what it may throw beside unchecked exceptions
 */
@FunctionalInterface
public interface Act<R, E extends Exception> {
  R run() throws E;

  /**
   * An act that answers nothing.
   *
   * @param <E> what it may throw beside unchecked exceptions
   */
  @FunctionalInterface
  interface Silent<E extends Exception> {
    void run() throws E;
  }
}
