package phaistos.simulator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import phaistos.environment.SeededRandomness;

/**
 * A simulation from the inside: its machines, its network, and the environment of the root body,
 * whose machine is called {@value #ROOT}. Only the simulation's tasks may use it. After the run any
 * thread may read images and counters.
 */
public final class SimulatedWorld {
  public static final String ROOT = "control";

  private final Scheduler scheduler;
  private final SeededRandomness seed;
  private final long seedNumber;
  private final boolean lively;
  private final SimulatedNetwork network;
  private final Map<String, SimulatedMachine> machines = new LinkedHashMap<>();
  private final List<SimulationResult.TaskFailure> failures =
      Collections.synchronizedList(new ArrayList<>());
  private final List<Runnable> atEnd = Collections.synchronizedList(new ArrayList<>());
  private final SimulatedEnvironment environment;

  SimulatedWorld(Scheduler scheduler, SeededRandomness seed, long seedNumber, boolean lively) {
    this.lively = lively;
    this.scheduler = scheduler;
    this.seed = seed;
    this.seedNumber = seedNumber;
    this.network = new SimulatedNetwork(scheduler, seed.child("network"), lively);
    this.environment = add(ROOT, true).boot();
  }

  public long seed() {
    return seedNumber;
  }

  /** The simulation's monotonic time. Asking for it is no act of the simulation. */
  public long nowNanos() {
    return scheduler.now();
  }

  boolean isLively() {
    return lively;
  }

  /** The ports of the root body. */
  public SimulatedEnvironment environment() {
    return environment;
  }

  public SimulatedNetwork network() {
    return network;
  }

  /** The machine of this name. The first call creates it, switched on and without a process. */
  public SimulatedMachine machine(String name) {
    SimulatedMachine machine = machines.get(name);
    return machine != null ? machine : add(name, false);
  }

  /** All machines, the root's first. */
  public Collection<SimulatedMachine> machines() {
    return Collections.unmodifiableCollection(machines.values());
  }

  /** The drawn settings of this run, for people. */
  public String knobs() {
    return "yields per 256 calls: " + scheduler.yieldsPer256() + ", " + network.knobs();
  }

  /** How fast the links and disks are that were used so far, for people. */
  public String paces() {
    String disks =
        machines.values().stream()
            .map(machine -> machine.disk().pace())
            .collect(Collectors.joining(", "));
    return disks + "; " + network.paces();
  }

  /** Registers an action for the carrier to run when the run is over, whether it broke or not. */
  public void atEnd(Runnable action) {
    atEnd.add(action);
  }

  private SimulatedMachine add(String name, boolean root) {
    SimulatedMachine machine =
        new SimulatedMachine(name, scheduler, network, this, seed.child("machine " + name), root);
    machines.put(name, machine);
    network.add(machine);
    return machine;
  }

  void failed(SimulationResult.TaskFailure failure) {
    failures.add(failure);
  }

  List<SimulationResult.TaskFailure> failures() {
    return List.copyOf(failures);
  }

  void close() {
    List.copyOf(atEnd).forEach(Runnable::run);
  }
}
