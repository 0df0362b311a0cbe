package phaistos.harness.explain;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import phaistos.harness.ClusterPlan;
import phaistos.harness.Harness;
import phaistos.harness.Keep;
import phaistos.harness.Progress;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.server.defects.DefectCatalogue;
import phaistos.workloads.Workloads;

/**
 * Plants a defect, lets a short run find it, and lets explain say which step it is, which does not
 * know. Without the system property {@value #NAMES} two defects, with it those it names; it prints
 * the rows of a table.
 */
class ExplainedDefectsTest {
  private static final String NAMES = "phaistos.explained";
  private static final String JUMP = "phaistos.explained.jump";
  private static final String USUAL = "wal-sync-skipped,level-on-as-local";
  private static final long SEEDS = 4;

  @TempDir Path store;

  private record Row(String name, String text, boolean isRight) {}

  @Test
  void namesTheStepOfTheDefect() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String name : System.getProperty(NAMES, USUAL).split(",")) {
      Row row = row(name);
      System.out.println(row.text);
      rows.add(row);
    }
    long right = rows.stream().filter(Row::isRight).count();
    System.out.println(right + " of " + rows.size() + " right");
    assertTrue(right * 4 >= rows.size() * 3L, right + " of " + rows.size());
  }

  private Row row(String name) throws IOException {
    for (long seed = 1; seed <= SEEDS; seed++) {
      List<Workloads.Entry> both =
          Stream.of("commits", "savepoints").map(w -> Workloads.named(w).orElseThrow()).toList();
      TestPlan plan =
          TestPlan.of("commits,savepoints", Workloads.factory(both))
              .cluster(ClusterPlan.DEFAULT.withDefects(List.of(name)))
              .nemesis("partition", "kill", "crash", "failover")
              .timeLimit(Duration.ofSeconds(5))
              .seed(seed)
              .output(new TestPlan.Output(store, Optional.of("./phaistos run"), Keep.IMAGES));
      TestResult result = Harness.run(plan, Progress.NONE);
      if (result.exitCode() == 1) {
        return explain(name, seed, plan, StoredRun.open(result.folder()));
      }
    }
    return new Row(name, "| `" + name + "` | not found by " + SEEDS + " seeds |", false);
  }

  private static Row explain(String name, long seed, TestPlan plan, StoredRun run)
      throws IOException {
    long cpu = cpuNanos();
    Duration limit = Duration.ofMinutes(Integer.getInteger("phaistos.explained.minutes", 20));
    Explain.Limits limits = Explain.Limits.of(limit);
    Explanation why =
        Explain.of(plan, run, Boolean.getBoolean(JUMP) ? limits : limits.withoutJump())
            .orElseThrow();
    double seconds = (cpuNanos() - cpu) / 1e9;
    String step = why.named().map(Explanation.Place::step).orElse("none");
    boolean isRight =
        DefectCatalogue.named(name).description().steps().stream()
            .anyMatch(each -> each.label().equals(step));
    int calls = why.smaller().flatMap(Explanation.Smaller::calls).map(List::size).orElse(-1);
    int faults = why.smaller().map(Explanation.Smaller::faults).orElse(-1);
    if (!isRight) {
      ExplanationText.lines(why).forEach(System.out::println);
    }
    return new Row(
        name,
        "| `%s` | %d | %s | %d | %d | %.1f | `%s` | %s | %s |"
            .formatted(
                name,
                seed,
                why.cause().violation(),
                calls,
                faults,
                seconds,
                step,
                isRight ? "right" : "WRONG",
                why.jump().map(Explanation.Place::step).orElse("-")),
        isRight);
  }

  private static long cpuNanos() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getProcessCpuTime();
  }
}
