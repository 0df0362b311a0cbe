package phaistos.runner;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import phaistos.harness.Progress;

/**
 * Shows the progress of a run: one rewritten line on a terminal, a plain line every few seconds
 * elsewhere. The run sets figures from any thread and never waits for the output. A thread in real
 * time prints them. Thread-safe.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
  private static final long TERMINAL_INTERVAL_MILLIS = 200;

  /** How often the width of the terminal is read. */
  private static final int INTERVALS_PER_WIDTH = 10;

  private static final long PLAIN_INTERVAL_MILLIS = 5_000;

  private final AtomicLong runNanos = new AtomicLong();
  private final AtomicLong ok = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong info = new AtomicLong();
  private final AtomicLong faults = new AtomicLong();
  private final AtomicLong lagBytes = new AtomicLong();
  private final AtomicReference<String> phase = new AtomicReference<>("starting");

  private final PrintStream out;
  private final Display display;
  private final boolean simulated;
  private final Consumer<Path> folders;
  private final long startNanos = System.nanoTime();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread printer;
  private int shown;

  /**
   * The output of the lines.
   *
   * @param rewrites whether a line can be written over
   * @param columns the current width; unlimited if the output is not a terminal
   */
  record Display(boolean rewrites, IntSupplier columns) {
    /** Standard error. */
    static Display standardError() {
      return Terminal.isThere()
          ? new Display(Terminal.canRewrite(), Terminal::columns)
          : new Display(false, () -> Integer.MAX_VALUE);
    }
  }

  /**
   * @param folders hears where the run writes its files
   */
  ConsoleProgress(PrintStream out, Display display, boolean simulated, Consumer<Path> folders) {
    this.out = out;
    this.folders = folders;
    this.display = display;
    this.simulated = simulated;
    this.printer = Thread.ofPlatform().daemon().name("progress").start(this::print);
  }

  @Override
  public void folder(Path path) {
    folders.accept(path);
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

  /** The figures within this many columns, the most important first; the rest is left out. */
  String line(int columns) {
    double real = (System.nanoTime() - startNanos) / 1e9;
    String run = seconds(runNanos.get() / 1e9);
    String time = simulated ? run : seconds(real);
    List<String> parts =
        List.of(
            phase.get(),
            time,
            "ok " + ok.get(),
            "fail " + failed.get(),
            "info " + info.get(),
            "faults " + faults.get(),
            "lag " + lagBytes.get() + " B",
            simulated ? "simulated in " + seconds(real) : "");
    StringBuilder line = new StringBuilder();
    for (String part : parts) {
      int length = line.length() + (line.isEmpty() ? 0 : 2) + part.length();
      if (length > columns) {
        break;
      }
      if (!part.isEmpty()) {
        line.append(line.isEmpty() ? "" : "  ").append(part);
      }
    }
    return line.toString();
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }

  private void print() {
    try {
      long interval = display.rewrites ? TERMINAL_INTERVAL_MILLIS : PLAIN_INTERVAL_MILLIS;
      int columns = 0;
      for (int n = 0; !end.await(interval, TimeUnit.MILLISECONDS); n++) {
        if (n % INTERVALS_PER_WIDTH == 0) {
          columns = display.columns.getAsInt();
        }
        if (display.rewrites) {
          // A line that fills the last column would wrap.
          rewrite(line(columns - 1));
        } else {
          out.println(line(columns));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Overwrites the last line and pads it with spaces, which works on every terminal. */
  private void rewrite(String line) {
    out.print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
    out.flush();
    shown = line.length();
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
    if (display.rewrites) {
      rewrite("");
      out.print("\r");
      out.flush();
    }
  }
}
