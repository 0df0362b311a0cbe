package phaistos.nemesis;

import java.util.Set;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;

/**
 * Brings faults about. Called from one task at a time; every act is an event of the history, with
 * what became of it.
 */
public interface Nemesis {
  /** The {@code :f}s that it knows. */
  Set<String> functions();

  /** Restores the known good state. */
  void setup();

  /** Acts; the answer's value says what was hit, and what effect was measured. */
  UntypedCall invoke(UntypedCall call);

  /** Told of every event of the run, by the interpreter's task; must not block. */
  default void heard(Event<UntypedCall> event) {}

  /** Restores the known good state. */
  void teardown();
}
