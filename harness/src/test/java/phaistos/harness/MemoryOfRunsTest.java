package phaistos.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.cluster.Cluster.NodeId;
import phaistos.formats.DataDirectory;
import phaistos.server.steps.Steps;

/**
 * Runs of the default mix leave nothing in memory: of each, the steps of a server and the thread of
 * a task that never ended are garbage afterwards. With the system property phaistos.memory.seeds,
 * so many runs.
 */
@Tag("slow")
class MemoryOfRunsTest {
  private static final int SEEDS = Integer.getInteger("phaistos.memory.seeds", 2);

  /** After so many steps the running task is noted. */
  private static final int STEPS = 1_000;

  @TempDir Path store;

  /** What was seen of each run. */
  private static final class Seen implements SimulationWatch {
    private final Map<String, WeakReference<Object>> objects = new HashMap<>();
    private String seed = "";

    private void sees(String what, Object object) {
      objects.put("seed " + seed + ": " + what, new WeakReference<>(object));
    }

    @Override
    public void starts(NodeId node, Steps steps, DataDirectory files) {
      sees("the last server of " + node, steps);
    }

    @Override
    public void called(long step, long timeNanos, String kind) {}

    @Override
    public void chosen(long step, long timeNanos, String task, Thread thread) {
      if (step % STEPS == 0) {
        sees("the last thread of task " + task, thread);
      }
    }

    List<String> held() {
      Predicate<Map.Entry<String, WeakReference<Object>>> isHeld =
          e -> !e.getValue().refersTo(null);
      return objects.entrySet().stream().filter(isHeld).map(Map.Entry::getKey).sorted().toList();
    }
  }

  @Test
  void leaveNoWorldBehind() throws InterruptedException {
    Seen seen = new Seen();
    for (long seed = 1; seed <= SEEDS; seed++) {
      seen.seed = Long.toString(seed);
      run(seed, seen);
    }
    assertFalse(seen.objects.isEmpty());
    for (int i = 0; i < 100 && !seen.held().isEmpty(); i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals(List.of(), seen.held());
  }

  private void run(long seed, Seen seen) {
    Deployment deployment = new SimulatedDeployment(Optional.of(seen), Optional.empty());
    Harness.run(
        Mix.plan(seed)
            .on(deployment)
            .timeLimit(Duration.ofMillis(500))
            .output(new TestPlan.Output(store, Optional.empty(), Keep.VERDICT)),
        Progress.NONE,
        Instant.EPOCH);
  }
}
