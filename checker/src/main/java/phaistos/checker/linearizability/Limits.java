package phaistos.checker.linearizability;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * When a search must give up: at a deadline, when cancelled, or by memory. Checked about every
 * thousand configurations. Thread-safe if {@code cancelled} is.
 *
 * @param deadlineNanos in {@link System#nanoTime()}'s terms
 * @param cancelled whether the answer is no longer needed
 * @param bytesMax the memory that one search may use
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

  /** The same with a deadline after this part of the remaining time, if there is a deadline. */
  Limits part(int parts) {
    long left = deadlineNanos - System.nanoTime();
    return new Limits(deadlineNanos - left + left / parts, cancelled, bytesMax);
  }

  Limits or(BooleanSupplier alsoCancelled) {
    return new Limits(
        deadlineNanos, () -> cancelled.getAsBoolean() || alsoCancelled.getAsBoolean(), bytesMax);
  }
}
