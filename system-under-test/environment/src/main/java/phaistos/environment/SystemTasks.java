package phaistos.environment;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/**
 * Threads of the machine. Virtual threads made commits slower: one that waits for a disk or socket
 * goes on only when a carrier is free, and while it waits the others' fsync is not begun.
 */
public final class SystemTasks implements Tasks {
  private final String prefix;
  private final BiConsumer<Task, Throwable> onFailure;

  /**
   * @param prefix put before the names of threads, to tell nodes of one JVM apart
   * @param onFailure receives every exception that escapes a task
   */
  public SystemTasks(String prefix, BiConsumer<Task, Throwable> onFailure) {
    this.prefix = prefix;
    this.onFailure = onFailure;
  }

  @Override
  public Task spawn(String name, Runnable body) {
    SystemTask[] self = new SystemTask[1];
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(prefix + name)
            .unstarted(
                () -> {
                  try {
                    body.run();
                  } catch (Throwable failure) {
                    onFailure.accept(self[0], failure);
                  }
                });
    self[0] = new SystemTask(name, thread);
    thread.start();
    return self[0];
  }

  @Override
  public Latch newLatch() {
    return new SystemLatch();
  }

  @Override
  public void yieldPoint() {
    // The JDK's scheduler and the machine interleave enough.
  }

  @Override
  public void sleep(long nanos) {
    long start = System.nanoTime();
    long left = nanos;
    while (left > 0) {
      LockSupport.parkNanos(left);
      Interrupts.refuse();
      left = nanos - (System.nanoTime() - start);
    }
  }

  private record SystemTask(String name, Thread thread) implements Task {
    @Override
    public boolean isDone() {
      return !thread.isAlive();
    }

    @Override
    public void join() {
      try {
        thread.join();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        Interrupts.refuse();
      }
    }
  }
}
