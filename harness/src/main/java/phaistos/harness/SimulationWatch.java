package phaistos.harness;

import phaistos.cluster.simulated.StepWatch;
import phaistos.histories.Event;
import phaistos.histories.UntypedCall;
import phaistos.simulator.SimulationProbe;

/** Sees a simulated run from the inside: its port calls, choices and the steps of its servers. */
public interface SimulationWatch extends SimulationProbe, StepWatch {
  /** The next event of the run's history. */
  default void heard(Event<UntypedCall> event) {}
}
