package phaistos.checker;

import java.io.IOException;

/** The environment of a check: a deadline, a flag that ends it early, and a place for artifacts. */
public interface CheckContext {
  /** The time on the {@link System#nanoTime()} clock after which the verdict is unknown. */
  long deadlineNanos();

  /** Whether the check was cancelled. */
  boolean isCancelled();

  /** Writes a file beside the results. */
  void writeArtifact(String name, byte[] content) throws IOException;

  /** No deadline, never cancelled, artifacts thrown away. */
  CheckContext UNLIMITED = within(Long.MAX_VALUE);

  /** A context that ends after this time and discards artifacts. */
  static CheckContext within(long limitNanos) {
    long now = System.nanoTime();
    long deadline = limitNanos > Long.MAX_VALUE / 2 ? now + Long.MAX_VALUE / 2 : now + limitNanos;
    return new CheckContext() {
      @Override
      public long deadlineNanos() {
        return deadline;
      }

      @Override
      public boolean isCancelled() {
        return Thread.currentThread().isInterrupted() || System.nanoTime() - deadline > 0;
      }

      @Override
      public void writeArtifact(String name, byte[] content) {}
    };
  }
}
