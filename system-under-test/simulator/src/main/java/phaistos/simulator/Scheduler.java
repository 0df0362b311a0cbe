package phaistos.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import phaistos.environment.SeededRandomness;

/**
 * Runs the tasks of a simulation one at a time on one platform thread, the carrier, choosing the
 * next with a seeded generator; when nothing can run, the clock jumps to the next timer.
 *
 * <p>Every method but {@link #submit} and {@link #requestStop} belongs to the carrier. A port call
 * from any other thread breaks the run. So does a wake-up by a thread of the JVM (a contended
 * monitor, a timed wait of java.util.concurrent). The result then names the stack.
 */
final class Scheduler {
  /**
   * The simulated time of a port call and of a step, so that loops that only read the clock end.
   */
  private static final long CALL_NANOS = 250;

  private final Thread carrier;
  private final Trace trace;
  private final SeededRandomness choices;
  private final int yieldsPer256;
  private final long limitNanos;
  private final Tail tail;

  /** Null if nobody looks. */
  private final SimulationProbe probe;

  private final Timers timers = new Timers();
  private final List<SimulatedEnvironment> environments = new ArrayList<>();

  private SimulatedTask[] runnable = new SimulatedTask[64];
  private Runnable[] continuations = new Runnable[64];
  private int runnableCount;

  /** The place of the next task if the running one drew it as it gave way, or -1. */
  private int drawn = -1;

  private SimulatedTask current;
  private long now;
  private long taskIds;
  private long steps;

  /** Counts port calls and steps; the watchdog looks at it from its own thread. */
  private volatile long progress;

  private volatile Breakage stopped;
  private boolean finished;

  /** The task that a foreign thread woke, if one did. */
  private volatile SimulatedTask intruder;

  private volatile boolean ending;

  Scheduler(Thread carrier, Trace trace, SeededRandomness seed, SimulationOptions options) {
    this.carrier = carrier;
    this.trace = trace;
    this.choices = seed.child("schedule");
    // Few or many switches, one density for the whole run: different seeds find different races.
    this.yieldsPer256 = 8 << seed.child("yield-density").nextInt(5);
    this.limitNanos = options.limit().toNanos();
    this.probe = options.probe().orElse(null);
    this.tail = options.tail().orElse(new Tail(Long.MAX_VALUE, 0));
  }

  /** Runs until {@link #finish} says that the root task has ended, or nothing can go on. */
  Breakage loop() {
    while (!finished) {
      if (stopped != null) {
        return explained(stopped);
      }
      if (now > limitNanos) {
        return new Breakage.OutOfTime(java.time.Duration.ofNanos(limitNanos), describeTasks());
      }
      while (timers.nextTimeNanos() <= now) {
        timers.fireNext();
      }
      if (runnableCount == 0) {
        if (timers.isEmpty()) {
          return deadlock();
        }
        now = timers.nextTimeNanos();
        continue;
      }
      step();
    }
    ending = true;
    return stopped == null ? null : explained(stopped);
  }

  private Breakage explained(Breakage breakage) {
    ending = true;
    return breakage instanceof Breakage.RuleBroken(String text) && intruder != null
        ? new Breakage.RuleBroken(text + ", the task: " + intruder.describe())
        : breakage;
  }

  private Breakage deadlock() {
    String tasks = describeTasks();
    boolean onMonitor =
        environments.stream()
            .flatMap(environment -> environment.liveTasks().stream())
            .anyMatch(SimulatedTask::waitsOutsideOfThePorts);
    return onMonitor
        ? new Breakage.RuleBroken("a task waits for a monitor or on real time:\n" + tasks)
        : new Breakage.Deadlock(tasks);
  }

  private void step() {
    if (steps == tail.fromStep()) {
      choices.reseed(tail.seed());
    }
    int index = drawn >= 0 ? drawn : runnableCount == 1 ? 0 : choices.nextInt(runnableCount);
    drawn = -1;
    SimulatedTask task = runnable[index];
    Runnable continuation = continuations[index];
    int last = --runnableCount;
    runnable[index] = runnable[last];
    continuations[index] = continuations[last];
    runnable[last] = null;
    continuations[last] = null;
    steps++;
    advance();
    trace.record(now, task, "run", runnableCount, 0);
    if (probe != null) {
      probe.chosen(steps, now, task.qualifiedName(), task.thread());
    }
    current = task;
    continuation.run();
    current = null;
  }

  private void advance() {
    now += CALL_NANOS;
    PROGRESS.setOpaque(this, progress + 1);
  }

  void finish() {
    finished = true;
  }

  /** Asks for the end of the run with this outcome; any thread may call it. */
  void requestStop(Breakage outcome) {
    if (stopped == null) {
      stopped = outcome;
    }
  }

  /**
   * The same for the watchdog, which takes stacks meanwhile. The JDK submits a task anew whose
   * stack it has taken; from now on that breaks no rule.
   */
  void requestStop(Supplier<Breakage> outcome) {
    ending = true;
    requestStop(outcome.get());
  }

  SimulatedTask spawn(SimulatedEnvironment environment, String name, Runnable body) {
    SimulatedTask task = new SimulatedTask(this, environment, ++taskIds, name, body);
    environment.started(task);
    task.thread().start();
    return task;
  }

  /**
   * Takes a continuation that can go on. The JDK calls it, on the carrier unless a rule is broken.
   */
  void submit(SimulatedTask task, Runnable continuation) {
    if (ending) {
      // The JDK submits a runnable task once more after its stack was taken.
      return;
    }
    if (VirtualThreads.currentCarrier() != carrier) {
      intruder = task;
      violation(
          "task woken by a thread outside of the simulation: a contended synchronized block, a"
              + " sleep or a timed wait of java.util.concurrent. Woken by "
              + Thread.currentThread().getName());
      return;
    }
    if (task.environment().isAlive() && !task.environment().hold(task, continuation)) {
      enqueue(task, continuation);
    }
  }

  void enqueue(SimulatedTask task, Runnable continuation) {
    if (runnableCount == runnable.length) {
      runnable = Arrays.copyOf(runnable, runnableCount * 2);
      continuations = Arrays.copyOf(continuations, runnableCount * 2);
    }
    runnable[runnableCount] = task;
    continuations[runnableCount++] = continuation;
  }

  /** Removes the runnable tasks of an environment, to drop them or to hold them. */
  void removeRunnable(SimulatedEnvironment environment, boolean hold) {
    int kept = 0;
    for (int i = 0; i < runnableCount; i++) {
      SimulatedTask task = runnable[i];
      Runnable continuation = continuations[i];
      if (task.environment() == environment) {
        if (hold) {
          environment.hold(task, continuation);
        }
      } else {
        runnable[kept] = task;
        continuations[kept++] = continuation;
      }
    }
    Arrays.fill(runnable, kept, runnableCount, null);
    Arrays.fill(continuations, kept, runnableCount, null);
    runnableCount = kept;
  }

  /** Begins every port call: checks the thread, writes the trace, and lets other tasks run. */
  void portCall(String kind, long a, long b) {
    enter(kind, a, b);
    yieldPoint();
  }

  /** Checks and traces as {@link #portCall} does, without the yield. */
  void enter(String kind, long a, long b) {
    SimulatedTask task = current;
    // The virtual thread of the current task runs nowhere but on the carrier.
    if (task == null || Thread.currentThread() != task.thread()) {
      throw foreignCall(kind);
    }
    advance();
    trace.record(now, task, kind, a, b);
    if (probe != null) {
      probe.called(steps, now, kind);
    }
  }

  /** Lets other tasks run if the seed decides so. */
  void yieldPoint() {
    boolean othersWait = runnableCount > 0;
    boolean goesOn = timers.nextTimeNanos() > now && now <= limitNanos && stopped == null;
    if (!othersWait && goesOn) {
      return;
    }
    boolean stays = othersWait && choices.nextLong() >>> 56 >= yieldsPer256;
    if (stays && stopped == null) {
      return;
    }
    if (othersWait && goesOn && steps != tail.fromStep()) {
      // the draw of the next step, made before this task's stack is put away for nothing
      int next = choices.nextInt(runnableCount + 1);
      if (next == runnableCount) {
        return;
      }
      drawn = next;
    }
    Thread.yield();
    // a thread that is pinned has not given way
    drawn = -1;
  }

  private IllegalStateException foreignCall(String kind) {
    IllegalStateException thrown =
        new IllegalStateException(
            "port call from a thread outside of the simulation: call="
                + kind
                + ", thread="
                + Thread.currentThread());
    StringBuilder text = new StringBuilder(thrown.getMessage());
    for (StackTraceElement frame : thrown.getStackTrace()) {
      text.append("\n    at ").append(frame);
    }
    violation(text.toString());
    return thrown;
  }

  void violation(String text) {
    requestStop(new Breakage.RuleBroken(text));
  }

  Breakage stopped() {
    return stopped;
  }

  SimulatedTask current() {
    return current;
  }

  /** Waits until {@link #wake} or the deadline, Long.MAX_VALUE for none. */
  void park(SimulatedTask task, long deadlineNanos) {
    task.waiting = true;
    if (deadlineNanos != Long.MAX_VALUE) {
      task.limit = timers.add(deadlineNanos, () -> wake(task));
    }
    while (task.waiting) {
      LockSupport.park(this);
      if (task.waiting && Thread.interrupted()) {
        throw new IllegalStateException("task interrupted, which the ports do not know");
      }
    }
  }

  void wake(SimulatedTask task) {
    if (!task.waiting || !task.environment().isAlive()) {
      return;
    }
    task.waiting = false;
    forgetLimit(task);
    LockSupport.unpark(task.thread());
  }

  /** Cancels the limit of a task's wait. */
  void forgetLimit(SimulatedTask task) {
    if (task.limit != null) {
      timers.cancel(task.limit);
      task.limit = null;
    }
  }

  /** Never returns; for code of a node that was just killed. */
  void parkForever() {
    while (true) {
      LockSupport.park(this);
      Thread.interrupted();
    }
  }

  void sleep(long nanos) {
    if (nanos > 0) {
      park(current, now + nanos);
    }
  }

  Timers.Timer after(long delayNanos, Runnable action) {
    return timers.add(now + Math.max(0, delayNanos), action);
  }

  void cancel(Timers.Timer timer) {
    timers.cancel(timer);
  }

  void register(SimulatedEnvironment environment) {
    environments.add(environment);
  }

  void forget(SimulatedEnvironment environment) {
    environments.remove(environment);
  }

  /** Every task that has not ended, with its stack. */
  private String describeTasks() {
    ending = true;
    StringBuilder text = new StringBuilder();
    for (SimulatedEnvironment environment : environments) {
      for (SimulatedTask task : environment.liveTasks()) {
        text.append(text.isEmpty() ? "" : "\n").append(task.describe());
      }
    }
    return text.toString();
  }

  Trace trace() {
    return trace;
  }

  long now() {
    return now;
  }

  long steps() {
    return steps;
  }

  long progress() {
    return progress;
  }

  int yieldsPer256() {
    return yieldsPer256;
  }

  private static final java.lang.invoke.VarHandle PROGRESS;

  static {
    try {
      PROGRESS =
          java.lang.invoke.MethodHandles.lookup()
              .findVarHandle(Scheduler.class, "progress", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }
}
