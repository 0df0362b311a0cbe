package phaistos.simulator;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import phaistos.environment.Clock;
import phaistos.environment.Disk;
import phaistos.environment.Environment;
import phaistos.environment.Latch;
import phaistos.environment.Network;
import phaistos.environment.Randomness;
import phaistos.environment.Task;
import phaistos.environment.Tasks;

/**
 * The ports of one process on one machine, from its start to its end. Once the process has ended,
 * its tasks are never resumed: no {@code finally} runs, as after kill -9.
 */
public final class SimulatedEnvironment implements Environment {
  /** The wall clock's start: a constant, so that nothing depends on the day of the run. */
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final SimulatedMachine machine;
  private final Scheduler scheduler;
  private final Network network;
  private final Randomness randomness;
  private final List<SimulatedTask> tasks = new ArrayList<>();
  private final List<SimulatedTask> heldTasks = new ArrayList<>();
  private final List<Runnable> heldContinuations = new ArrayList<>();
  private boolean alive = true;
  private boolean paused;

  SimulatedEnvironment(
      SimulatedMachine machine, Scheduler scheduler, Network network, Randomness randomness) {
    this.machine = machine;
    this.scheduler = scheduler;
    this.network = network;
    this.randomness = randomness;
    scheduler.register(this);
  }

  public SimulatedMachine machine() {
    return machine;
  }

  /** Whether its process is still running. */
  public boolean isAlive() {
    return alive;
  }

  @Override
  public Clock clock() {
    return new SimulatedClock();
  }

  @Override
  public Tasks tasks() {
    return new SimulatedTasks();
  }

  @Override
  public Disk disk() {
    return machine.disk();
  }

  @Override
  public Network network() {
    return network;
  }

  @Override
  public Randomness randomness() {
    return randomness;
  }

  List<SimulatedTask> liveTasks() {
    return tasks;
  }

  void started(SimulatedTask task) {
    task.place = tasks.size();
    tasks.add(task);
  }

  /** Notes that a task has returned or thrown. */
  void ended(SimulatedTask task, Throwable failure) {
    if (alive) {
      SimulatedTask last = tasks.removeLast();
      if (last != task) {
        tasks.set(task.place, last);
        last.place = task.place;
      }
    }
    if (failure != null) {
      machine.failed(this, task, failure);
    }
  }

  /** Keeps a continuation back while the process is paused; false if it is not. */
  boolean hold(SimulatedTask task, Runnable continuation) {
    if (paused) {
      heldTasks.add(task);
      heldContinuations.add(continuation);
    }
    return paused;
  }

  void pause() {
    paused = true;
    scheduler.removeRunnable(this, true);
  }

  void resume() {
    paused = false;
    for (int i = 0; i < heldTasks.size(); i++) {
      scheduler.enqueue(heldTasks.get(i), heldContinuations.get(i));
    }
    heldTasks.clear();
    heldContinuations.clear();
  }

  /** Ends the process: from now on none of its tasks runs. */
  void end() {
    alive = false;
    scheduler.removeRunnable(this, false);
    tasks.forEach(scheduler::forgetLimit);
    tasks.clear();
    heldTasks.clear();
    heldContinuations.clear();
    scheduler.forget(this);
  }

  private final class SimulatedClock implements Clock {
    @Override
    public long monotonicNanos() {
      scheduler.portCall("clock.monotonic", 0, 0);
      return scheduler.now();
    }

    @Override
    public Instant wallClock() {
      scheduler.portCall("clock.wall", 0, 0);
      return START.plusNanos(scheduler.now()).plus(machine.wallClockOffset());
    }
  }

  private final class SimulatedTasks implements Tasks {
    @Override
    public Task spawn(String name, Runnable body) {
      scheduler.portCall("tasks.spawn", name.hashCode(), 0);
      return scheduler.spawn(SimulatedEnvironment.this, name, body);
    }

    @Override
    public Latch newLatch() {
      return new SimulatedLatch(scheduler);
    }

    @Override
    public void yieldPoint() {
      scheduler.portCall("tasks.yieldPoint", 0, 0);
    }

    @Override
    public void sleep(long nanos) {
      scheduler.portCall("tasks.sleep", nanos, 0);
      scheduler.sleep(nanos);
    }
  }
}
