package phaistos.simulator;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Optional;
import phaistos.environment.SeededRandomness;

/**
 * Runs code written against the ports in one deterministic process: one seed, one schedule, one
 * history.
 *
 * <p>The whole simulation runs on one platform thread of its own, the carrier; the thread that
 * called {@link #run} is its watchdog meanwhile, so that even a step that never ends leads to a
 * report.
 *
 * <p>It does not find races between two accesses without a port call, a lock or a yield point
 * between them (there is no preemption), nor defects that need the memory model's reorderings.
 */
public final class Simulation {
  private static final long STACK_BYTES = 16 << 20;

  private Simulation() {}

  /** What runs first; the simulation ends when it returns. */
  @FunctionalInterface
  public interface Body<T> {
    T run(SimulatedWorld world) throws Exception;
  }

  /**
   * @throws UnsupportedOperationException if this JVM cannot run the simulator; says what is
   *     missing
   */
  public static <T> SimulationResult<T> run(SimulationOptions options, Body<T> body) {
    VirtualThreads.require();
    Run<T> run = new Run<>(options, body);
    Thread carrier = new Thread(null, run, "simulation-" + options.seed(), STACK_BYTES);
    carrier.setDaemon(true);
    run.prepare(carrier);
    carrier.start();
    new Watchdog(carrier, run.scheduler, options.stepLimit()).watch();
    return run.result();
  }

  /** The work of the carrier. */
  private static final class Run<T> implements Runnable {
    private final SimulationOptions options;
    private final Body<T> body;
    private Scheduler scheduler;
    private SimulatedWorld world;
    private volatile Optional<T> value = Optional.empty();
    private volatile Breakage breakage;

    Run(SimulationOptions options, Body<T> body) {
      this.options = options;
      this.body = body;
    }

    void prepare(Thread carrier) {
      SeededRandomness seed = new SeededRandomness(options.seed());
      Trace trace = new Trace(options.seed(), options.listener().orElse(null));
      scheduler = new Scheduler(carrier, trace, seed, options);
      world = new SimulatedWorld(scheduler, seed, options.seed(), options.lively());
    }

    @Override
    public void run() {
      try {
        scheduler.spawn(world.environment(), "root", this::runBody);
        breakage = scheduler.loop();
      } catch (Throwable failure) {
        breakage = new Breakage.Failed(failure);
      } finally {
        world.close();
      }
    }

    private void runBody() {
      try {
        value = Optional.ofNullable(body.run(world));
      } catch (Exception thrown) {
        throw new RootFailure(thrown);
      }
      scheduler.finish();
    }

    SimulationResult<T> result() {
      Breakage broken = breakage != null ? breakage : scheduler.stopped();
      if (broken instanceof Breakage.Failed(RootFailure wrapped)) {
        broken = new Breakage.Failed(wrapped.getCause());
      }
      return new SimulationResult<>(
          options.seed(),
          broken == null ? value : Optional.empty(),
          Optional.ofNullable(broken),
          scheduler.trace().hash(),
          scheduler.trace().events(),
          scheduler.steps(),
          scheduler.now(),
          world.failures());
    }
  }

  /** A checked exception on its way out of the root task. */
  private static final class RootFailure extends RuntimeException {
    RootFailure(Exception cause) {
      super(cause);
    }
  }

  /**
   * Measures real time in its own rounds. A debugger that stops all threads stops these too, so a
   * breakpoint may last any time. A step is stuck if it made no progress within the limit although
   * the carrier waits or used the processor for half of the limit. On a machine that is busy with
   * other work the limit is six times as long.
   */
  private record Watchdog(Thread carrier, Scheduler scheduler, Duration limit) {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    void watch() {
      long interval = Math.clamp(limit.toMillis() / 10, 1, 250);
      long seen = -1;
      long elapsed = 0;
      long cpuSince = 0;
      try {
        while (!carrier.join(Duration.ofMillis(interval))) {
          long progress = scheduler.progress();
          elapsed += Duration.ofMillis(interval).toNanos();
          if (progress != seen) {
            seen = progress;
            elapsed = 0;
            cpuSince = THREADS.getThreadCpuTime(carrier.threadId());
          } else if (isStuck(elapsed, cpuSince)) {
            scheduler.requestStop(() -> new Breakage.Stuck(limit, stacks()));
            return;
          }
        }
      } catch (InterruptedException _) {
        scheduler.requestStop(new Breakage.Interrupted());
        Thread.currentThread().interrupt();
      }
    }

    private boolean isStuck(long elapsedNanos, long cpuSince) {
      if (elapsedNanos <= limit.toNanos()) {
        return false;
      }
      long cpuNanos = THREADS.getThreadCpuTime(carrier.threadId()) - cpuSince;
      return cpuNanos > limit.toNanos() / 2
          || carrier.getState() != Thread.State.RUNNABLE
          || elapsedNanos > 6 * limit.toNanos();
    }

    private String stacks() {
      StringBuilder text = new StringBuilder();
      SimulatedTask task = scheduler.current();
      if (task != null) {
        text.append(task.describe()).append('\n');
      }
      text.append("carrier ").append(carrier.getName()).append(' ').append(carrier.getState());
      for (StackTraceElement frame : carrier.getStackTrace()) {
        text.append("\n    at ").append(frame);
      }
      return text.toString();
    }
  }
}
