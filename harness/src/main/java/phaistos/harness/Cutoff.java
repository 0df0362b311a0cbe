package phaistos.harness;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A request to end a run early, as Ctrl-C makes it. The run ends its load with the crash of all
 * nodes, and is judged by what was seen so far: unknown at best. Without a request it does not
 * change the run, so a seed keeps its history. Thread-safe.
 */
public final class Cutoff {
  private final AtomicReference<String> cause = new AtomicReference<>();

  /** Requests the end of the run. */
  public void request(String why) {
    cause.compareAndSet(null, why);
  }

  public boolean isRequested() {
    return cause.get() != null;
  }

  /** Why the end was requested: "SIGINT". */
  public Optional<String> cause() {
    return Optional.ofNullable(cause.get());
  }
}
