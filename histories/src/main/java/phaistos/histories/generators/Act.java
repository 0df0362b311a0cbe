package phaistos.histories.generators;

import java.util.function.Function;
import phaistos.histories.Process;

/**
 * What a generator asks a process to do, not before {@code timeNanos} (since the start of the run).
 */
public sealed interface Act<C> {
  long timeNanos();

  Process process();

  /** An invocation: the only act that stands in the history. */
  record Call<C>(long timeNanos, Process process, C call) implements Act<C> {}

  /** The process does nothing for a while. */
  record Sleep<C>(long timeNanos, Process process, long nanos) implements Act<C> {}

  /** A line for the run log. */
  record Log<C>(long timeNanos, Process process, String message) implements Act<C> {}

  /** The same act, not before this time. */
  default Act<C> notBefore(long time) {
    if (time <= timeNanos()) {
      return this;
    }
    return switch (this) {
      case Call<C> a -> new Call<>(time, a.process, a.call);
      case Sleep<C> a -> new Sleep<>(time, a.process, a.nanos);
      case Log<C> a -> new Log<>(time, a.process, a.message);
    };
  }

  /** The same act with another payload. */
  default <D> Act<D> map(Function<? super C, ? extends D> function) {
    return switch (this) {
      case Call<C> a -> new Call<>(a.timeNanos, a.process, function.apply(a.call));
      case Sleep<C> a -> new Sleep<>(a.timeNanos, a.process, a.nanos);
      case Log<C> a -> new Log<>(a.timeNanos, a.process, a.message);
    };
  }
}
