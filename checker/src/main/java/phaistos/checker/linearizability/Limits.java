package phaistos.checker.linearizability;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * When a search must give up: a moment, somebody's wish, or memory. Asked every thousand
 * configurations or so. Thread-safe if {@code cancelled} is.
 *
 * @param deadlineNanos in {@link System#nanoTime()}'s terms
 * @param cancelled whether nobody waits for the answer any more
 * @param bytesMax how much one search may hold
 */
record Limits(long deadlineNanos, BooleanSupplier cancelled, long bytesMax) {
  /** Why to stop now, or empty. */
  Optional<String> exceeded(long bytes) {
    if (bytes > bytesMax) {
      return Optional.of("the memory limit of " + (bytesMax >> 20) + " MB is reached");
    }
    if (System.nanoTime() - deadlineNanos > 0) {
      return Optional.of("the time limit is reached");
    }
    if (cancelled.getAsBoolean()) {
      return Optional.of("cancelled");
    }
    return Optional.empty();
  }

  /** Ends after this part of the time that is left, if that ends at all. */
  Limits part(int parts) {
    long left = deadlineNanos - System.nanoTime();
    return new Limits(deadlineNanos - left + left / parts, cancelled, bytesMax);
  }

  Limits or(BooleanSupplier alsoCancelled) {
    return new Limits(
        deadlineNanos, () -> cancelled.getAsBoolean() || alsoCancelled.getAsBoolean(), bytesMax);
  }
}
