package phaistos.nemesis;

import java.util.Set;
import phaistos.histories.UntypedCall;

/**
 * Does harm. Called from one task at a time; every act is an event of the history, with what became
 * of it.
 */
public interface Nemesis {
  /** The {@code :f}s that it knows. */
  Set<String> functions();

  /** Restores the known good state. */
  void setup();

  /** Does it; the answer's value says what was hit, and what effect was measured. */
  UntypedCall invoke(UntypedCall call);

  /** Restores the known good state. */
  void teardown();
}
