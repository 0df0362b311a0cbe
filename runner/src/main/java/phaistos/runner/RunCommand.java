package phaistos.runner;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import phaistos.harness.ClusterPlan;
import phaistos.harness.Deployment;
import phaistos.harness.Durations;
import phaistos.harness.FaultPlan;
import phaistos.harness.Harness;
import phaistos.harness.LoadPlan;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.runner.options.DurationConverter;
import phaistos.runner.options.Suggestions;
import phaistos.runner.options.UsageException;
import phaistos.server.defects.DefectCatalogue;
import phaistos.workloads.Workloads;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code phaistos run}: runs a test and prints its verdict. */
@Command(
    name = "run",
    description = "Runs a test and prints its verdict.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    modelTransformer = FaultOptions.Footer.class)
final class RunCommand implements Callable<Integer> {
  private static final Duration LONGEST = Duration.ofDays(7);

  /** For completion. */
  static final class Defects extends ArrayList<String> {
    Defects() {
      super(names());
    }

    static List<String> names() {
      return DefectCatalogue.all().stream().map(defect -> defect.description().name()).toList();
    }
  }

  @Spec private CommandSpec spec;

  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(names = "--workload", paramLabel = "NAME", description = "what the clients do: commits")
  private String workload = "commits";

  @Mixin private FaultOptions faults = new FaultOptions();

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "60s",
      description = "how long the load lasts: 500ms, 60s, 5m")
  private Duration timeLimit;

  @Option(names = "--concurrency", paramLabel = "N", description = "client threads")
  private int concurrency = 10;

  @Option(names = "--rate", paramLabel = "N", description = "operations a second, all clients")
  private int rate = 100;

  @Option(names = "--nodes", paramLabel = "N", description = "a primary and N - 1 standbys")
  private int nodes = ClusterPlan.DEFAULT.nodes();

  @Option(
      names = "--standby-names",
      paramLabel = "NAMES",
      description = "synchronous_standby_names of all nodes; ANY 1 of the others if not given")
  private String standbyNames;

  @Option(
      names = "--synchronous-commit",
      paramLabel = "LEVEL",
      description = "off, local, remote_write, on, remote_apply; on if not given")
  private String synchronousCommit;

  @Option(names = "--seed", paramLabel = "N", description = "drawn if not given")
  private Long seed;

  @Option(
      names = "--defect",
      paramLabel = "NAME",
      completionCandidates = Defects.class,
      description =
          "plants a defect in the database (./phaistos defects describes them):"
              + " ${COMPLETION-CANDIDATES}")
  private String defect;

  @Option(names = "--store", paramLabel = "DIR", description = "where histories and reports go")
  private Path store = Path.of("store");

  @Override
  public Integer call() {
    TestPlan plan = plan();
    List<String> objections = Harness.objections(plan);
    if (!objections.isEmpty()) {
      throw new UsageException(String.join("\n", objections));
    }
    Interruption interruption = new Interruption(plan);
    TestResult result;
    try (ConsoleProgress progress =
        new ConsoleProgress(
            System.err,
            ConsoleProgress.Display.standardError(),
            plan.deployment().isSimulated(),
            interruption::folder)) {
      result = Harness.run(plan, progress, interruption.cutoff(), Instant.now());
    }
    return interruption.tell(result);
  }

  private TestPlan plan() {
    List<String> workloads = Workloads.all().stream().map(Workloads.Entry::name).toList();
    require(workloads.contains(workload), "--workload", workload, workloads);
    Deployment deployment = database.deployment();
    FaultPlan faultPlan = faults.plan(deployment.capabilities());
    if (defect != null) {
      List<String> defects = Defects.names();
      require(defects.contains(defect), "--defect", defect, defects);
      if (database.isPostgres()) {
        throw wrong("--defect: PostgreSQL has no planted defects");
      }
    }
    requireAtLeast("--concurrency", concurrency, 1, 1_000);
    requireAtLeast("--rate", rate, 1, 1_000_000);
    if (!timeLimit.isPositive() || timeLimit.compareTo(LONGEST) > 0) {
      throw wrong(
          "--time-limit: "
              + Durations.format(timeLimit)
              + " (expected above 0s, and up to "
              + LONGEST.toDays()
              + "d)");
    }
    requireAtLeast("--nodes", nodes, 2, 9);
    if (seed == null) {
      seed = ThreadLocalRandom.current().nextLong(1L << 53);
    }
    return TestPlan.of(workload, Workloads.named(workload).orElseThrow().factory())
        .on(deployment)
        .cluster(clusterPlan())
        .faults(faultPlan)
        .load(new LoadPlan(timeLimit, concurrency, rate))
        .seed(seed)
        .output(new TestPlan.Output(store, Optional.of(replayCommand())));
  }

  private ClusterPlan clusterPlan() {
    try {
      return new ClusterPlan(
          nodes,
          Optional.ofNullable(standbyNames),
          Optional.ofNullable(synchronousCommit),
          defect == null ? List.of() : List.of(defect),
          database.settings());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  /** The command that repeats this run, with the default store. */
  private String replayCommand() {
    List<String> words = new ArrayList<>(List.of("./phaistos", "run"));
    words.addAll(database.words());
    words.addAll(List.of("--workload", workload));
    words.addAll(faults.words());
    words.addAll(List.of("--time-limit", Durations.format(timeLimit)));
    words.addAll(List.of("--concurrency", Integer.toString(concurrency)));
    words.addAll(List.of("--rate", Integer.toString(rate), "--seed", Long.toString(seed)));
    if (nodes != ClusterPlan.DEFAULT.nodes()) {
      words.addAll(List.of("--nodes", Integer.toString(nodes)));
    }
    if (standbyNames != null) {
      words.addAll(List.of("--standby-names", "'" + standbyNames.replace("'", "'\\''") + "'"));
    }
    if (synchronousCommit != null) {
      words.addAll(List.of("--synchronous-commit", synchronousCommit));
    }
    if (defect != null) {
      words.addAll(List.of("--defect", defect));
    }
    return String.join(" ", words);
  }

  private void require(boolean condition, String option, String value, List<String> expected) {
    if (!condition) {
      String words = String.join(", ", expected);
      throw wrong(
          option
              + ": '"
              + value
              + "' (expected one of "
              + words
              + ")"
              + Suggestions.text(value, expected));
    }
  }

  private void requireAtLeast(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw wrong(option + ": " + value + " (expected " + min + " to " + max + ")");
    }
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), "Invalid value for option " + text);
  }
}
