package phaistos.histories;

import java.util.Optional;

/** An invocation with its completion, or without one if the history ends first. */
public record Operation<C>(Event.Invoke<C> invocation, Optional<Event<C>> completion) {
  public Process process() {
    return invocation.process();
  }

  public boolean isOk() {
    return completion.isPresent() && completion.get() instanceof Event.Ok;
  }

  public boolean isFail() {
    return completion.isPresent() && completion.get() instanceof Event.Fail;
  }

  /** Info, or never completed: it may have happened. */
  public boolean isIndeterminate() {
    return !isOk() && !isFail();
  }

  /** The completion's payload, which has the result; without a completion the invocation's. */
  public C call() {
    return completion.map(Event::call).orElse(invocation.call());
  }
}
