package phaistos.nemesis;

import java.util.Set;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * Injects faults. Called from one task at a time. Every act is an event of the history, followed by
 * one with its result.
 */
public interface Nemesis {
  /** The {@code :f}s that it handles. */
  Set<String> functions();

  /** Restores the known good state. */
  void setup();

  /** Acts. The answer's value names the targets and the measured effect. */
  UntypedCall invoke(UntypedCall call);

  /** Receives every event of the run, on the interpreter's task; must not block. */
  default void heard(Event<UntypedCall> event) {}

  /** Restores the known good state. */
  void teardown();
}
