package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.harness.ClusterPlan;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;

class SetWorkloadTest {
  @TempDir Path store;

  @Test
  void keepsEveryAcknowledgedElement() {
    TestResult result = SetWorkload.plan(7).store(store).run();
    assertEquals(0, result.exitCode(), String.join("\n", result.firstScreen()));
  }

  @Test
  void aDatabaseThatAcknowledgesTooEarlyIsFound() {
    ClusterPlan early = ClusterPlan.DEFAULT.withDefects(List.of("ack-before-standby-flush"));
    TestPlan plan = SetWorkload.plan(1).cluster(early).store(store);
    assertTrue(
        LongStream.rangeClosed(1, 12).anyMatch(seed -> plan.seed(seed).run().exitCode() == 1),
        "none of the seeds 1 to 12 shows it");
  }
}
