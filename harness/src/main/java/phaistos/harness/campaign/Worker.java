package phaistos.harness.campaign;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.stream.Collectors;
import phaistos.checker.Verdict;
import phaistos.harness.Cutoff;
import phaistos.harness.Harness;
import phaistos.harness.Progress;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.RunStore;

/**
 * The life of a worker process: it reads jobs, makes the runs one after the other in this JVM, and
 * answers each. It ends at once when its input ends, in the middle of a run too: then the parent is
 * gone, and nobody would note the run.
 */
public final class Worker {
  /** Makes the test that options ask for. */
  @FunctionalInterface
  public interface Tests {
    /**
     * @param options those of {@code run}, without seed and store, as a shell takes them
     */
    TestPlan plan(String options, long seed, Path store);
  }

  private Worker() {}

  /**
   * Does not return before the input ends.
   *
   * @param out for answers; nobody else may write to it
   */
  public static void work(InputStream in, PrintStream out, Tests tests, Explainer explainer)
      throws InterruptedException {
    serve(in, out, job -> job[3].isEmpty() ? run(job, tests, explainer) : explain(job, explainer));
  }

  /**
   * @param answers gives the answer to a job: see {@link Job#line}
   */
  static void serve(InputStream in, PrintStream out, Function<String[], String> answers)
      throws InterruptedException {
    BlockingQueue<String> jobs = new LinkedBlockingQueue<>();
    Thread.ofPlatform().daemon().name("jobs").start(() -> read(in, jobs));
    out.println(WorkerProcess.READY);
    out.flush();
    while (true) {
      out.println(answers.apply(jobs.take().split("\t", 5)));
      out.flush();
    }
  }

  private static void read(InputStream in, BlockingQueue<String> jobs) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        jobs.add(line);
      }
    } catch (IOException _) {
      // As if it had ended.
    }
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    Runtime.getRuntime().halt(0);
  }

  private static String explain(String[] job, Explainer explainer) {
    Edn.Table answer = Edn.Table.EMPTY;
    try {
      answer =
          explainer
              .explain(
                  Path.of(job[3]),
                  job[2],
                  Long.parseLong(job[1]),
                  Duration.ofMillis(Long.parseLong(job[4])))
              .map(Entry::toEdn)
              .orElse(Edn.Table.EMPTY);
    } catch (RuntimeException e) {
      e.printStackTrace();
    }
    return WorkerProcess.RESULT + EdnWriter.print(answer);
  }

  private static String run(String[] job, Tests tests, Explainer explainer) {
    Path store = Path.of(job[0]);
    long began = System.nanoTime();
    try {
      TestPlan plan = tests.plan(job[2], Long.parseLong(job[1]), store);
      TestResult result = Harness.run(plan, Progress.NONE, new Cutoff(), Instant.now());
      if (result.storeFailure().isPresent()) {
        return WorkerProcess.STORE + oneLine(result.storeFailure().get().getMessage());
      }
      long millis = millis(began);
      Optional<BrokenPromise> promise = Optional.empty();
      if (result.verdict() instanceof Verdict.Invalid) {
        // The parent ends this process when its limit is reached, and this is only a second look.
        long left = Long.parseLong(job[4]) - millis;
        promise = explainer.promise(plan, Duration.ofMillis(left / 2));
      }
      return result(RunResult.of(plan, result, millis, promise));
    } catch (RunStore.StoreException e) {
      return WorkerProcess.STORE + oneLine(e.getMessage());
    } catch (RuntimeException e) {
      e.printStackTrace();
      String why = "Phaistos itself failed: " + e + place(e);
      return result(
          RunResult.without(
              RunResult.Ending.CRASHED, oneLine(why), job[2], millis(began), Optional.empty()));
    }
  }

  private static String place(RuntimeException e) {
    List<StackTraceElement> own =
        List.of(e.getStackTrace()).stream()
            .filter(frame -> frame.getClassName().startsWith("phaistos."))
            .toList();
    return own.isEmpty()
        ? ""
        : ", at " + own.getFirst().getClassName() + "." + own.getFirst().getMethodName();
  }

  private static String result(RunResult result) {
    return WorkerProcess.RESULT + EdnWriter.print(result.toEdn());
  }

  private static String oneLine(String text) {
    return text.lines().collect(Collectors.joining(" "));
  }

  private static long millis(long began) {
    return (System.nanoTime() - began) / 1_000_000;
  }
}
