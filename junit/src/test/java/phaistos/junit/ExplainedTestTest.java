package phaistos.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import phaistos.harness.ClusterPlan;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.harness.explain.Explain;
import phaistos.harness.explain.Explanation;
import phaistos.workloads.commits.Commits;

/** The test that explain prints compiles, and fails with the violation when it is run. */
class ExplainedTestTest {
  @TempDir Path folder;

  @Test
  void theTestOfAnExplanationFailsAsTheRunDid() throws Exception {
    TestPlan plan =
        TestPlan.of(Commits.NAME, Commits::workload)
            .cluster(ClusterPlan.DEFAULT.withDefects(List.of("ack-before-standby-flush")))
            .nemesis("partition")
            .timeLimit(Duration.ofSeconds(4))
            .seed(3)
            .store(folder.resolve("store"));
    TestResult result = plan.run();
    assertEquals(1, result.exitCode(), String.join("\n", result.firstScreen()));
    Explanation why =
        Explain.of(
                plan,
                StoredRun.open(result.folder()),
                Explain.Limits.of(Duration.ofMinutes(10)).withoutJump())
            .orElseThrow();
    String source = why.junit().orElseThrow();
    assertFalse(source.contains("ack-before-standby-flush"), source);
    Events tests = run(compile(source));
    assertEquals(1, tests.failed().count(), source);
    String message =
        tests.failed().stream()
            .map(event -> event.getRequiredPayload(TestExecutionResult.class))
            .map(failed -> failed.getThrowable().orElseThrow().getMessage())
            .findFirst()
            .orElseThrow();
    assertTrue(message.startsWith("INVALID") && message.contains("was lost"), message);
  }

  private static Events run(Class<?> test) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(test))
        .execute()
        .testEvents();
  }

  private Class<?> compile(String source) throws IOException, ClassNotFoundException {
    Path file = folder.resolve("RepeatsTheViolationTest.java");
    Files.writeString(file, source);
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                System.err,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                file.toString());
    assertEquals(0, code, source);
    URLClassLoader loader =
        new URLClassLoader(
            new URL[] {folder.toUri().toURL()}, ExplainedTestTest.class.getClassLoader());
    return Class.forName("RepeatsTheViolationTest", true, loader);
  }
}
