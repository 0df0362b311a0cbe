package phaistos.histories;

/**
 * One line of a history: Jepsen's op. Only {@code index} decides the order. {@code timeNanos},
 * since the start of the run, is for people and plots; -1 if unknown.
 *
 * @param <C> the workload's sealed payload, or {@link UntypedCall}
 */
public sealed interface Event<C> {
  long index();

  long timeNanos();

  Process process();

  C call();

  Details details();

  /** A process invokes a call. */
  record Invoke<C>(long index, long timeNanos, Process process, C call, Details details)
      implements Event<C> {}

  /** It happened, with this result. */
  record Ok<C>(long index, long timeNanos, Process process, C call, Details details)
      implements Event<C> {}

  /** It certainly did not happen and never will. */
  record Fail<C>(long index, long timeNanos, Process process, C call, Details details)
      implements Event<C> {}

  /** It may have happened, or may happen at any later time, or never. */
  record Info<C>(long index, long timeNanos, Process process, C call, Details details)
      implements Event<C> {}

  default boolean isInvoke() {
    return this instanceof Invoke;
  }

  default boolean isClient() {
    return process() instanceof Process.Client;
  }

  /** The same event with another payload. */
  default <D> Event<D> withCall(D call) {
    return switch (this) {
      case Invoke<C> e -> new Invoke<>(e.index, e.timeNanos, e.process, call, e.details);
      case Ok<C> e -> new Ok<>(e.index, e.timeNanos, e.process, call, e.details);
      case Fail<C> e -> new Fail<>(e.index, e.timeNanos, e.process, call, e.details);
      case Info<C> e -> new Info<>(e.index, e.timeNanos, e.process, call, e.details);
    };
  }

  /** The same event with other details. */
  default Event<C> withDetails(Details details) {
    return switch (this) {
      case Invoke<C> e -> new Invoke<>(e.index, e.timeNanos, e.process, e.call, details);
      case Ok<C> e -> new Ok<>(e.index, e.timeNanos, e.process, e.call, details);
      case Fail<C> e -> new Fail<>(e.index, e.timeNanos, e.process, e.call, details);
      case Info<C> e -> new Info<>(e.index, e.timeNanos, e.process, e.call, details);
    };
  }

  /** The same event at another place of the history. */
  default Event<C> withIndex(long index) {
    return switch (this) {
      case Invoke<C> e -> new Invoke<>(index, e.timeNanos, e.process, e.call, e.details);
      case Ok<C> e -> new Ok<>(index, e.timeNanos, e.process, e.call, e.details);
      case Fail<C> e -> new Fail<>(index, e.timeNanos, e.process, e.call, e.details);
      case Info<C> e -> new Info<>(index, e.timeNanos, e.process, e.call, e.details);
    };
  }

  /** Jepsen's word: invoke, ok, fail or info. */
  default String type() {
    return switch (this) {
      case Invoke<C> _ -> "invoke";
      case Ok<C> _ -> "ok";
      case Fail<C> _ -> "fail";
      case Info<C> _ -> "info";
    };
  }
}
