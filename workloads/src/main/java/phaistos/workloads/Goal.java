package phaistos.workloads;

import java.util.function.Predicate;
import java.util.function.Supplier;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * Something that a run should come to, so that its verdict says something: "a wait was cancelled".
 * It is counted over the events of the run.
 *
 * @param name as reports show it
 * @param minimum how often; below that the verdict is unknown. 0 for what is counted only
 * @param counter a fresh one for each run
 */
public record Goal(String name, int minimum, Supplier<Counter> counter) {
  /** Sees every event of a run, in order. Not thread-safe. */
  public interface Counter {
    /** How often this event completes the goal: mostly 0. */
    int count(Event<UntypedCall> event);
  }

  /** Counts the events that pass. */
  public static Goal of(String name, int minimum, Predicate<Event<UntypedCall>> passes) {
    return new Goal(name, minimum, () -> event -> passes.test(event) ? 1 : 0);
  }

  /** Counts the acknowledged calls of a function that pass. */
  public static Goal ofOk(
      String name, int minimum, String function, Predicate<Event<UntypedCall>> passes) {
    return of(
        name,
        minimum,
        event ->
            event instanceof Event.Ok
                && event.call().name().equals(function)
                && passes.test(event));
  }

  /** The same goal of one of several workloads, whose functions bear its name. */
  Goal within(String workload) {
    String prefix = workload + "/";
    return new Goal(
        workload + ": " + name,
        minimum,
        () -> {
          Counter inner = counter.get();
          return event -> {
            if (!event.isClient()) {
              return inner.count(event);
            }
            String function = event.call().name();
            if (!function.startsWith(prefix)) {
              return 0;
            }
            return inner.count(
                event.withCall(
                    new UntypedCall(
                        Edn.keyword(function.substring(prefix.length())), event.call().value())));
          };
        });
  }
}
