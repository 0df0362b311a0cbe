package phaistos.simulator;

import java.util.concurrent.Executor;
import phaistos.environment.Task;

/**
 * A task of one environment. It is also the scheduler of its own virtual thread, which is how the
 * simulation knows whose continuation is submitted.
 */
final class SimulatedTask implements Task, Executor {
  private final Scheduler scheduler;
  private final SimulatedEnvironment environment;
  private final long id;
  private final String name;
  private final String qualifiedName;
  private final Thread thread;
  private final Waiters joiners;
  private boolean done;

  /** True from the moment it decides to wait until it is woken. */
  boolean waiting;

  /** The limit of its wait, or null. */
  Timers.Timer limit;

  /** Its place in its environment's list of tasks. */
  int place;

  SimulatedTask(
      Scheduler scheduler, SimulatedEnvironment environment, long id, String name, Runnable body) {
    this.scheduler = scheduler;
    this.environment = environment;
    this.id = id;
    this.name = name;
    this.qualifiedName = environment.machine().name() + "/" + name;
    this.joiners = new Waiters(scheduler);
    this.thread = VirtualThreads.unstarted(this, qualifiedName, () -> run(body));
  }

  private void run(Runnable body) {
    Throwable failure = null;
    try {
      body.run();
    } catch (Throwable thrown) {
      failure = thrown;
    }
    done = true;
    joiners.wakeAll();
    environment.ended(this, failure);
  }

  @Override
  public void execute(Runnable continuation) {
    scheduler.submit(this, continuation);
  }

  @Override
  public String name() {
    return name;
  }

  String qualifiedName() {
    return qualifiedName;
  }

  boolean hasEnded() {
    return done;
  }

  long id() {
    return id;
  }

  SimulatedEnvironment environment() {
    return environment;
  }

  Thread thread() {
    return thread;
  }

  @Override
  public boolean isDone() {
    scheduler.portCall("task.isDone", id, 0);
    return done;
  }

  @Override
  public void join() {
    scheduler.portCall("task.join", id, 0);
    while (!done) {
      joiners.await(Long.MAX_VALUE);
    }
  }

  /** Whether only a thread of the JVM can end its wait. */
  boolean waitsOutsideOfThePorts() {
    Thread.State state = thread.getState();
    return state == Thread.State.BLOCKED || state == Thread.State.TIMED_WAITING;
  }

  /** For reports: its name and where it waits. */
  String describe() {
    StringBuilder text = new StringBuilder(qualifiedName());
    text.append(limit != null ? " (waits with a limit)" : waiting ? " (waits)" : "");
    text.append(waitsOutsideOfThePorts() ? " (waits outside of the ports!)" : "");
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\n    at ").append(frame);
    }
    return text.toString();
  }
}
