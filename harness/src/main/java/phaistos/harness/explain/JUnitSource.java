package phaistos.harness.explain;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import phaistos.harness.ClusterPlan;
import phaistos.harness.LoadPlan;
import phaistos.harness.LoadScript;
import phaistos.harness.TestPlan;
import phaistos.nemesis.Schedule;
import phaistos.workloads.Workloads;

/**
 * A smaller run as the source of a JUnit test, which fails as long as the violation is there. It
 * needs {@code phaistos-junit} and the JVM options of simulated runs.
 */
final class JUnitSource {
  static final String CLASS = "RepeatsTheViolationTest";

  private JUnitSource() {}

  /**
   * The source; empty if the workload has no name, or the smaller run draws its calls or faults.
   *
   * @param run the folder of the run that is explained, as a person types it
   */
  static Optional<String> of(Explanation.Smaller smaller, String reason, Path run) {
    TestPlan plan = smaller.plan();
    List<String> names = List.of(plan.workload().name().split(","));
    boolean isKnown = names.stream().allMatch(name -> Workloads.named(name).isPresent());
    if (!isKnown || smaller.calls().isEmpty() || smaller.schedule().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        """
        import java.nio.file.Path;
        import java.time.Duration;
        import java.util.List;
        import java.util.Map;
        import java.util.Optional;
        import phaistos.harness.ClusterPlan;
        import phaistos.harness.Deployment;
        import phaistos.harness.FaultPlan;
        import phaistos.harness.LoadPlan;
        import phaistos.harness.LoadScript;
        import phaistos.harness.TestPlan;
        import phaistos.junit.PhaistosTest;
        import phaistos.junit.SimulatedRun;
        import phaistos.nemesis.Schedule;
        import phaistos.workloads.Isolation;
        import phaistos.workloads.ReadFrom;
        import phaistos.workloads.Workloads;

        /** %s */
        class %s {
          private static final String CALLS =
              %s;

          private static final String FAULTS =
              %s;

          @PhaistosTest(seeds = %dL)
          void keepsItsPromise(SimulatedRun run) {
            run.check(
                TestPlan.of(%s, %s)
                    .on(Deployment.simulated())
                    .cluster(
                        %s)
                    .faults(new FaultPlan.Given(Schedule.ofEdn(FAULTS, "faults"), "faults"))
                    .load(
                        %s));
          }
        }
        """
            .formatted(
                comment(reason),
                CLASS,
                block(LoadScript.callsToEdn(smaller.calls().get())),
                block(smaller.schedule().map(Schedule::toEdn).get()),
                plan.seed(),
                text(plan.workload().name()),
                workload(smaller, names),
                cluster(plan.cluster(), run),
                load(plan.load())));
  }

  private static String comment(String reason) {
    String plain = reason.replace("*/", "* /").replace("\\", "");
    return plain + (plain.endsWith(".") ? "" : ".");
  }

  /** Several workloads, or one of several, bear their names in front of their calls. */
  private static String workload(Explanation.Smaller smaller, List<String> names) {
    boolean isCombined =
        names.size() > 1
            || smaller.calls().orElseThrow().stream()
                .anyMatch(call -> call.call().name().startsWith(names.getFirst() + "/"));
    String list = names.stream().map(JUnitSource::text).collect(Collectors.joining(", "));
    return isCombined
        ? "Workloads.combined(" + list + ")"
        : "Workloads.named(" + list + ").orElseThrow().factory()";
  }

  private static String cluster(ClusterPlan cluster, Path run) {
    List<String> settings = new ArrayList<>();
    new TreeMap<>(cluster.set())
        .forEach((name, value) -> settings.add(text(name) + ", " + text(value)));
    String ids =
        cluster.firstXid().isPresent()
            ? ".withFirstXid(%dL)".formatted(cluster.firstXid().getAsLong())
            : "";
    String left =
        cluster.segmentLeft().isPresent()
            ? ".withSegmentLeft(%d)".formatted(cluster.segmentLeft().getAsInt())
            : "";
    return "new ClusterPlan(%d, %s, %s, List.of(), Map.of(%s))%s%s%s"
        .formatted(
            cluster.nodes(),
            optional(cluster.standbyNames()),
            optional(cluster.synchronousCommit()),
            String.join(", ", settings),
            ids,
            left,
            cluster.plantedSource(run));
  }

  private static String optional(Optional<String> value) {
    return value.map(text -> "Optional.of(" + text(text) + ")").orElse("Optional.empty()");
  }

  private static String load(LoadPlan load) {
    LoadScript script = load.script().orElseThrow();
    return """
    new LoadPlan(Duration.ofMillis(%d), %d, %d)
                            .withIsolation(Isolation.%s)
                            .withReadFrom(ReadFrom.%s)
                            .withScript(
                                new LoadScript(
                                    Optional.of(LoadScript.callsOfEdn(CALLS)),
                                    %dL,
                                    %b,
                                    %b,
                                    %b))\
    """
        .formatted(
            load.timeLimit().toMillis(),
            load.concurrency(),
            load.rate(),
            load.isolation().name(),
            load.readFrom().name(),
            script.crashAtNanos(),
            script.crashesWhenAnswered(),
            script.crashesAtStep(),
            script.endsAtCrash());
  }

  private static String text(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String block(String value) {
    String indent = "\n" + " ".repeat(6);
    String lines = value.strip().replace("\\", "\\\\").replace("\"\"\"", "\\\"\"\"");
    return "\"\"\"" + indent + lines.replace("\n", indent) + indent + "\"\"\"";
  }
}
