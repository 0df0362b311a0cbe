package phaistos.harness.campaign;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import phaistos.cluster.machine.MachineFiles;
import phaistos.harness.Durations;
import phaistos.histories.Edn;
import phaistos.histories.EdnReader;

/**
 * A process that makes one run after the other. The parent writes a job as a line to its standard
 * input; it answers with a line that begins with {@link #RESULT}. Other lines are for its log. It
 * ends when its input does, so it does not outlive a parent that is killed. Not thread-safe.
 */
final class WorkerProcess implements AutoCloseable {
  /** Begins the line with a run's result. */
  static final String RESULT = "@result ";

  /** Begins the line that says that the store cannot be written. */
  static final String STORE = "@store ";

  /** The first line of a worker: from here on its runs are timed. */
  static final String READY = "@ready";

  private static final Duration START = Duration.ofMinutes(5);
  private static final int TAIL_LINES = 200;
  private static final Duration EXPLAIN_MORE = Duration.ofMinutes(1);
  private static final Duration DUMP = Duration.ofSeconds(5);

  private final List<String> command;
  private volatile Process process;
  private volatile boolean isClosed;
  private BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private Tail tail = new Tail();

  /** The store cannot be written: no run can be made. */
  static final class StoreFullException extends RuntimeException {
    StoreFullException(String message) {
      super(message);
    }
  }

  WorkerProcess(List<String> command) {
    this.command = command;
  }

  /** The last lines of a process. Thread-safe. */
  private static final class Tail {
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

    void add(String line) {
      lines.add(line);
      while (lines.size() > TAIL_LINES) {
        lines.poll();
      }
    }

    List<String> lines() {
      return new ArrayList<>(lines);
    }
  }

  /** What became of a job. */
  private sealed interface Answer {
    record Line(String text) implements Answer {}

    record Gone() implements Answer {}

    record Late() implements Answer {}
  }

  /**
   * Makes a run.
   *
   * @param folder the root of the run's store, made by the worker
   * @throws StoreFullException if the store cannot be written
   */
  RunResult run(Job job, Path folder, Duration limit) throws InterruptedException {
    long began = System.nanoTime();
    Answer answer = ask(job.line(folder, limit), limit);
    if (answer instanceof Answer.Gone && wasKilled()) {
      // By somebody, or by a kernel without memory. Once may be anybody's doing; twice is the
      // run's.
      delete(folder);
      began = System.nanoTime();
      answer = ask(job.line(folder, limit), limit);
    }
    return switch (answer) {
      case Answer.Line(String text) -> RunResult.ofEdn(table(text));
      case Answer.Gone _ -> ended(job, folder, began);
      case Answer.Late _ -> hung(job, folder, began, limit);
    };
  }

  /**
   * Explains a stored run.
   *
   * @param limit for the search; a process that does not end in a while after it is killed
   * @return empty if there was no answer
   */
  Optional<Explainer.Explanation> explain(Job job, Duration limit) throws InterruptedException {
    Duration patience = limit.multipliedBy(2).plus(EXPLAIN_MORE);
    Answer answer = ask(job.line(Path.of(""), limit), patience);
    if (answer instanceof Answer.Gone && wasKilled()) {
      answer = ask(job.line(Path.of(""), limit), patience);
    }
    return switch (answer) {
      case Answer.Line(String text) -> Entry.explanation(table(text));
      case Answer.Gone _, Answer.Late _ -> {
        restart();
        yield Optional.empty();
      }
    };
  }

  private Answer ask(String line, Duration limit) throws InterruptedException {
    try {
      if (process == null || !process.isAlive()) {
        start();
      }
      Writer in = process.outputWriter(StandardCharsets.UTF_8);
      in.write(line + "\n");
      in.flush();
    } catch (IOException e) {
      // It has ended meanwhile; what it said tells why.
      return new Answer.Gone();
    }
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      String answer =
          answers.poll(Math.min(deadline - System.nanoTime(), 200_000_000L), TimeUnit.NANOSECONDS);
      if (answer != null && answer.startsWith(STORE)) {
        throw new StoreFullException(answer.substring(STORE.length()));
      }
      if (answer != null) {
        return new Answer.Line(answer.substring(RESULT.length()));
      }
      if (!process.isAlive() && answers.isEmpty()) {
        return new Answer.Gone();
      }
      if (System.nanoTime() >= deadline) {
        return new Answer.Late();
      }
    }
  }

  /** Whether the process was ended by a signal from outside: SIGKILL or SIGTERM. */
  private boolean wasKilled() throws InterruptedException {
    int code = process == null ? -1 : process.waitFor();
    return !isClosed && (code == 128 + 9 || code == 128 + 15);
  }

  /** Returns when it is ready, has ended, or has had time enough. */
  private void start() throws IOException, InterruptedException {
    answers = new LinkedBlockingQueue<>();
    tail = new Tail();
    process = new ProcessBuilder(command).start();
    reader(process, process.getInputStream(), answers, tail);
    reader(process, process.getErrorStream(), answers, tail);
    long deadline = System.nanoTime() + START.toNanos();
    while (process.isAlive() && !READY.equals(answers.peek()) && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
    answers.poll();
  }

  private static void reader(
      Process process, java.io.InputStream in, BlockingQueue<String> answers, Tail tail) {
    Thread.ofPlatform()
        .daemon()
        .name("output of worker " + process.pid())
        .start(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  if (line.startsWith(RESULT) || line.startsWith(STORE) || line.equals(READY)) {
                    answers.add(line);
                  } else {
                    tail.add(line);
                  }
                }
              } catch (IOException _) {
                // The process was killed.
              }
            });
  }

  private static Edn.Table table(String line) {
    try {
      Optional<Edn> value = new EdnReader(new StringReader(line), "worker").next();
      return (Edn.Table) value.orElseThrow();
    } catch (IOException | RuntimeException e) {
      throw new IllegalStateException("no answer of a worker: " + line, e);
    }
  }

  private RunResult ended(Job job, Path folder, long began) throws InterruptedException {
    int code = process == null ? -1 : process.waitFor();
    Thread.sleep(50); // the last lines are still on their way
    List<String> said = tail.lines();
    String why =
        said.stream()
            .filter(line -> line.contains("OutOfMemoryError"))
            .findFirst()
            .orElse("its process ended with exit code " + code);
    write(said, folder);
    restart();
    return RunResult.without(
        RunResult.Ending.CRASHED, why, job.options(), millis(began), run(folder));
  }

  private RunResult hung(Job job, Path folder, long began, Duration limit)
      throws InterruptedException {
    dump();
    write(tail.lines(), folder);
    restart();
    String why = "it did not end within " + Durations.format(limit);
    return RunResult.without(RunResult.Ending.HUNG, why, job.options(), millis(began), run(folder));
  }

  /** Asks the JVM for the stacks of its threads. */
  private void dump() throws InterruptedException {
    try {
      Process kill =
          new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid()))
              .redirectErrorStream(true)
              .start();
      kill.waitFor(DUMP.toMillis(), TimeUnit.MILLISECONDS);
      process.waitFor(1, TimeUnit.SECONDS);
    } catch (IOException _) {
      tail.add("kill is not there: no stacks");
    }
  }

  /** The last words of a worker stay beside the run, with the stacks if it hung. */
  private static void write(List<String> lines, Path folder) {
    try {
      Files.createDirectories(folder);
      Files.write(folder.resolve("worker.log"), lines);
    } catch (IOException e) {
      throw new StoreFullException(
          folder.resolve("worker.log") + " cannot be written: " + Journal.reason(e));
    }
  }

  private static void delete(Path folder) {
    try {
      MachineFiles.delete(folder);
    } catch (IOException e) {
      throw new StoreFullException(folder + " cannot be deleted: " + Journal.reason(e));
    }
  }

  private static long millis(long began) {
    return (System.nanoTime() - began) / 1_000_000;
  }

  /** The folder of the run that did not end, if it was begun. */
  private static Optional<String> run(Path store) {
    if (!Files.isDirectory(store)) {
      return Optional.empty();
    }
    try (Stream<Path> found = Files.walk(store, 3)) {
      return found
          .filter(path -> Files.isRegularFile(path) && path.endsWith("test.edn"))
          .map(path -> path.getParent().toString())
          .findFirst();
    } catch (IOException | UncheckedIOException _) {
      return Optional.empty();
    }
  }

  /** Kills the process and those that it has started; no other one is started. From any thread. */
  void kill() {
    isClosed = true;
    end();
  }

  private void end() {
    Process running = process;
    if (running != null) {
      running.descendants().forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly();
    }
  }

  private void restart() {
    end();
    process = null;
  }

  @Override
  public void close() {
    kill();
    process = null;
  }
}
