package phaistos.simulator;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import phaistos.environment.SeededRandomness;

/**
 * A machine of the simulation: a host name on the network, a disk that outlives processes, a wall
 * clock that may be wrong, and at most one process at a time.
 *
 * <ul>
 *   <li>{@link #start} starts a process with an environment of its own;
 *   <li>{@link #kill} ends it as kill -9 does: the kernel keeps running, keeps the page cache and
 *       closes the connections;
 *   <li>{@link #crash} is a power cut: unsynced writes are lost as the mode says, and the host does
 *       not answer until the next start;
 *   <li>{@link #pause} and {@link #resume} are SIGSTOP and SIGCONT: the kernel goes on accepting
 *       connections and receiving bytes.
 * </ul>
 */
public final class SimulatedMachine {
  private final String name;
  private final Scheduler scheduler;
  private final SimulatedNetwork network;
  private final SimulatedWorld world;
  private final SimulatedDisk disk;
  private final SeededRandomness seed;
  private final boolean root;
  private int starts;
  private boolean poweredOn = true;
  private Duration wallClockOffset = Duration.ZERO;
  private Optional<SimulatedEnvironment> process = Optional.empty();
  private Optional<SimulationResult.TaskFailure> failure = Optional.empty();

  SimulatedMachine(
      String name,
      Scheduler scheduler,
      SimulatedNetwork network,
      SimulatedWorld world,
      SeededRandomness seed,
      boolean root) {
    this.name = name;
    this.scheduler = scheduler;
    this.network = network;
    this.world = world;
    this.seed = seed;
    this.root = root;
    this.disk = new SimulatedDisk(name, scheduler, seed.child("disk"), world.isLively());
  }

  public String name() {
    return name;
  }

  public SimulatedDisk disk() {
    return disk;
  }

  /**
   * Starts a process.
   *
   * @throws IllegalStateException if one is running
   */
  public SimulatedEnvironment start() {
    record("machine.start");
    return boot();
  }

  SimulatedEnvironment boot() {
    if (process.isPresent()) {
      throw new IllegalStateException("a process is running: machine=" + name);
    }
    poweredOn = true;
    failure = Optional.empty();
    SeededRandomness processSeed = seed.child("process-" + starts++);
    SimulatedEnvironment environment =
        new SimulatedEnvironment(
            this, scheduler, network.port(this), new SimulatedRandomness(scheduler, processSeed));
    process = Optional.of(environment);
    return environment;
  }

  /** The running process. */
  public Optional<SimulatedEnvironment> process() {
    return process;
  }

  public boolean isRunning() {
    return process.isPresent();
  }

  /** The exception that ended its last process, if there was one. */
  public Optional<SimulationResult.TaskFailure> failure() {
    return failure;
  }

  /** Ends the process as kill -9 does. Does nothing if none runs. */
  public void kill() {
    record("machine.kill");
    process.ifPresent(this::end);
  }

  /**
   * Cuts the power; which unsynced writes are lost is drawn from the simulation's seed.
   *
   * @return what the disk lost
   */
  public SimulatedDisk.Loss crash(UnsyncedWrites mode) {
    record("machine.crash");
    return cutPower(() -> disk.crash(mode));
  }

  /** The same; which unsynced writes are lost is drawn from this seed. */
  public SimulatedDisk.Loss crash(UnsyncedWrites mode, long lossSeed) {
    scheduler.portCall("machine.crash", name.hashCode(), lossSeed);
    return cutPower(() -> disk.crash(mode, new SeededRandomness(lossSeed)));
  }

  private SimulatedDisk.Loss cutPower(Supplier<SimulatedDisk.Loss> lose) {
    Optional<SimulatedEnvironment> ended = process;
    poweredOn = false;
    process = Optional.empty();
    ended.ifPresent(SimulatedEnvironment::end);
    network.powerCut(this);
    SimulatedDisk.Loss loss = lose.get();
    if (scheduler.current() != null
        && ended.equals(Optional.of(scheduler.current().environment()))) {
      scheduler.parkForever();
    }
    return loss;
  }

  public void pause() {
    record("machine.pause");
    process.ifPresent(SimulatedEnvironment::pause);
  }

  public void resume() {
    record("machine.resume");
    process.ifPresent(SimulatedEnvironment::resume);
  }

  /** Sets how far the wall clock is ahead of the simulation's; the monotonic clock stays right. */
  public void setWallClockOffset(Duration offset) {
    scheduler.portCall("machine.clockOffset " + name, offset.toNanos(), 0);
    wallClockOffset = offset;
  }

  Duration wallClockOffset() {
    return wallClockOffset;
  }

  /** Whether the kernel is up: packets are answered. */
  boolean isPoweredOn() {
    return poweredOn;
  }

  /** Ends the process of a task that threw; for the root's process it ends the run. */
  void failed(SimulatedEnvironment environment, SimulatedTask task, Throwable cause) {
    var recorded = new SimulationResult.TaskFailure(name, task.name(), scheduler.now(), cause);
    world.failed(recorded);
    if (root || cause instanceof VirtualMachineError) {
      scheduler.requestStop(new Breakage.Failed(cause));
    } else if (process.equals(Optional.of(environment))) {
      failure = Optional.of(recorded);
      end(environment);
    }
  }

  private void end(SimulatedEnvironment environment) {
    process = Optional.empty();
    environment.end();
    network.processEnded(this);
    SimulatedTask current = scheduler.current();
    if (current != null && current.environment() == environment && !current.hasEnded()) {
      scheduler.parkForever();
    }
  }

  private void record(String call) {
    scheduler.portCall(call, name.hashCode(), 0);
  }
}
