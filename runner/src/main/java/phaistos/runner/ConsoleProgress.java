package phaistos.runner;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import phaistos.harness.Progress;

/**
 * Shows how a run goes: one line that is rewritten on a terminal, a plain line every few seconds
 * elsewhere. The run sets figures, from any thread, and never waits for the output; a thread of
 * real time prints. Thread-safe.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
  private static final long TERMINAL_INTERVAL_MILLIS = 200;
  private static final long PLAIN_INTERVAL_MILLIS = 5_000;

  private final AtomicLong runNanos = new AtomicLong();
  private final AtomicLong ok = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong info = new AtomicLong();
  private final AtomicLong faults = new AtomicLong();
  private final AtomicLong lagBytes = new AtomicLong();
  private final AtomicReference<String> phase = new AtomicReference<>("starting");

  private final PrintStream out;
  private final boolean terminal;
  private final boolean simulated;
  private final long startNanos = System.nanoTime();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread printer;

  ConsoleProgress(PrintStream out, boolean terminal, boolean simulated) {
    this.out = out;
    this.terminal = terminal;
    this.simulated = simulated;
    this.printer = Thread.ofPlatform().daemon().name("progress").start(this::print);
  }

  @Override
  public void phase(String name) {
    phase.set(name);
  }

  @Override
  public void time(long nanos) {
    runNanos.set(nanos);
  }

  @Override
  public void countOk() {
    ok.incrementAndGet();
  }

  @Override
  public void countFail() {
    failed.incrementAndGet();
  }

  @Override
  public void countInfo() {
    info.incrementAndGet();
  }

  @Override
  public void countFault() {
    faults.incrementAndGet();
  }

  @Override
  public void lag(long bytes) {
    lagBytes.set(bytes);
  }

  String line() {
    double real = (System.nanoTime() - startNanos) / 1e9;
    String time =
        simulated
            ? "%5.1f s simulated in %.1f s".formatted(runNanos.get() / 1e9, real)
            : "%5.1f s".formatted(real);
    return String.format(
        Locale.ROOT,
        "%-9s %s  ok %d  fail %d  info %d  faults %d  lag %d B",
        phase.get(),
        time,
        ok.get(),
        failed.get(),
        info.get(),
        faults.get(),
        lagBytes.get());
  }

  private void print() {
    try {
      long interval = terminal ? TERMINAL_INTERVAL_MILLIS : PLAIN_INTERVAL_MILLIS;
      while (!end.await(interval, TimeUnit.MILLISECONDS)) {
        if (terminal) {
          out.print("\r\u001b[K" + line());
          out.flush();
        } else {
          out.println(line());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the display, and removes the line from a terminal. */
  @Override
  public void close() {
    end.countDown();
    try {
      printer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (terminal) {
      out.print("\r\u001b[K");
      out.flush();
    }
  }
}
