package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.List;
import phaistos.histories.Details;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;

/**
 * Records client calls as a history, for tests in Java. The order of the calls of its methods is
 * the order of the history, so call {@code invoke} before the object and the completion after it.
 * Not thread-safe: guard it by a lock if threads share it.
 *
 * @param <C> the model's call
 */
public final class Recorder<C> {
  private final List<Event<C>> events = new ArrayList<>();

  /** The process invokes a call. */
  public Recorder<C> invoke(long process, C call) {
    events.add(new Event.Invoke<>(-1, -1, new Process.Client(process), call, Details.NONE));
    return this;
  }

  /** It happened; the call carries the result. */
  public Recorder<C> ok(long process, C call) {
    events.add(new Event.Ok<>(-1, -1, new Process.Client(process), call, Details.NONE));
    return this;
  }

  /** It certainly did not happen. */
  public Recorder<C> fail(long process, C call) {
    events.add(new Event.Fail<>(-1, -1, new Process.Client(process), call, Details.NONE));
    return this;
  }

  /** The outcome is unknown; the process must not be used again. */
  public Recorder<C> info(long process, C call) {
    events.add(new Event.Info<>(-1, -1, new Process.Client(process), call, Details.NONE));
    return this;
  }

  /**
   * @throws IllegalArgumentException if a process invoked while its call was open, or completed a
   *     call that it did not invoke
   */
  public History<C> history() {
    return History.of(events);
  }
}
