package phaistos.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import phaistos.harness.Cutoff;
import phaistos.harness.Harness;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;

/**
 * How Ctrl-C and SIGTERM end a run. The first signal ends the run, and the history so far is
 * judged. A second signal, or a run that does not end, ends the program without a judgement. Either
 * way it prints one verdict, with the seed and the command that repeats the run. Thread-safe.
 */
final class Interruption {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Nodes in containers take longer to stop. */
  private static final Duration PATIENCE_WITH_CONTAINERS = Duration.ofSeconds(90);

  private final TestPlan plan;
  private final Cutoff cutoff = new Cutoff();
  private final AtomicBoolean isTold = new AtomicBoolean();
  private volatile Optional<Path> folder = Optional.empty();

  Interruption(TestPlan plan) {
    this.plan = plan;
    Signals.handle(this::signal);
  }

  Cutoff cutoff() {
    return cutoff;
  }

  /** Where the run's files are. */
  void folder(Path path) {
    folder = Optional.of(path);
  }

  private void signal(String name) {
    if (cutoff.isRequested()) {
      abandon("SIG" + name + " came again");
      return;
    }
    cutoff.request("SIG" + name);
    System.err.println("\nphaistos: SIG" + name + ": ending the run (once more: at once)");
    Thread.ofPlatform().daemon().name("patience").start(this::waitForEnd);
  }

  private void waitForEnd() {
    Duration limit = plan.deployment().isSimulated() ? PATIENCE : PATIENCE_WITH_CONTAINERS;
    try {
      Thread.sleep(limit);
      abandon("the run did not end within " + limit.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void abandon(String why) {
    if (isTold.compareAndSet(false, true)) {
      String reason = "cut short by " + cutoff.cause().orElse("nobody") + ", not judged: " + why;
      TestResult result = Harness.abandoned(plan, reason, folder);
      result.firstScreen().forEach(System.out::println);
      System.exit(result.exitCode());
    }
  }

  /** Prints the verdict of a completed run and returns its exit code. */
  int tell(TestResult result) {
    if (!isTold.compareAndSet(false, true)) {
      return result.exitCode();
    }
    result.firstScreen().forEach(System.out::println);
    result
        .storeFailure()
        .ifPresent(failure -> System.err.println("phaistos: " + failure.getMessage()));
    return result.exitCode();
  }
}
