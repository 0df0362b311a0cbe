package phaistos.junit;

import java.nio.file.Path;
import java.util.Optional;
import phaistos.harness.Harness;
import phaistos.harness.Progress;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;

/** The seed of one invocation of a {@link PhaistosTest}, and what runs with it. */
public final class SimulatedRun {
  private final long seed;
  private final String test;

  SimulatedRun(long seed, String test) {
    this.seed = seed;
    this.test = test;
  }

  public long seed() {
    return seed;
  }

  /** Runs the plan with this seed; its files go to the plan's store, or to target/phaistos. */
  public TestResult run(TestPlan plan) {
    Path store =
        plan.output().store().equals(Path.of("store"))
            ? Path.of("target", "phaistos")
            : plan.output().store();
    String again =
        "mvn test -Dtest=%s -D%s=%d".formatted(test.replace('.', '#'), PhaistosTest.SEED, seed);
    Optional<String> replay = plan.output().replay().or(() -> Optional.of(again));
    return Harness.run(
        plan.seed(seed).output(new TestPlan.Output(store, replay, plan.output().keep())),
        Progress.NONE);
  }

  /**
   * Runs the plan and fails unless its verdict is valid. Unknown fails too: nothing was shown. The
   * message has the proof, the seed, the command that repeats it, and the page.
   */
  public TestResult check(TestPlan plan) {
    TestResult result = run(plan);
    if (result.exitCode() != 0) {
      throw new AssertionError(
          String.join("\n", result.firstScreen())
              + "\npage:   "
              + result.folder().resolve("index.html").toUri());
    }
    return result;
  }
}
