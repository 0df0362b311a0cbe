package phaistos.workloads;

import phaistos.histories.Details;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.Process;

/**
 * How a call ended: it happened (ok), it certainly did not and never will (fail), or it is unknown
 * (info). The interpreter adds index, time and process.
 */
public sealed interface Completion<C> {
  C call();

  Details details();

  /** {@code call} carries the result. */
  record Ok<C>(C call, Details details) implements Completion<C> {}

  record Fail<C>(C call, Details details) implements Completion<C> {}

  record Info<C>(C call, Details details) implements Completion<C> {}

  /** A fail or info for a reason, as Jepsen's {@code :error [:kind "text"]}. */
  static Edn error(String kind, String text) {
    return Edn.vector(Edn.keyword(kind), Edn.of(text));
  }

  default Event<C> at(long index, long timeNanos, Process process) {
    return switch (this) {
      case Ok<C> c -> new Event.Ok<>(index, timeNanos, process, c.call, c.details);
      case Fail<C> c -> new Event.Fail<>(index, timeNanos, process, c.call, c.details);
      case Info<C> c -> new Event.Info<>(index, timeNanos, process, c.call, c.details);
    };
  }
}
