package phaistos.simulator;

/**
 * Sees what the tasks of a simulation do, on the carrier, as it happens. It changes nothing in the
 * simulation.
 */
public interface SimulationProbe {
  /**
   * A task makes a port call.
   *
   * @param step how many times the scheduler has chosen a task so far
   * @param timeNanos simulated, since the start of the simulation
   * @param kind of the call: "disk.sync"
   */
  void called(long step, long timeNanos, String kind);

  /**
   * The scheduler has chosen a task.
   *
   * @param task its machine and name: "n1/walwriter"
   * @param thread of the task, not running yet
   */
  void chosen(long step, long timeNanos, String task, Thread thread);
}
