package phaistos.harness;

import phaistos.cluster.simulated.StepWatch;
import phaistos.simulator.SimulationProbe;

/** Sees a simulated run from the inside: its port calls, choices and the steps of its servers. */
public interface SimulationWatch extends SimulationProbe, StepWatch {}
