package phaistos.harness;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The wish to end a run before its time, as Ctrl-C expresses it. The run ends its load with the
 * crash of all nodes, and is judged by what was seen so far: unknown at best. Thread-safe. A run
 * that nobody cuts short reads it and is not changed by it, so a seed keeps its history.
 */
public final class Cutoff {
  private final AtomicReference<String> cause = new AtomicReference<>();

  /** Ends the run soon. */
  public void request(String why) {
    cause.compareAndSet(null, why);
  }

  public boolean isRequested() {
    return cause.get() != null;
  }

  /** Why the run is to end: "SIGINT". */
  public Optional<String> cause() {
    return Optional.ofNullable(cause.get());
  }
}
