package phaistos.runner;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import phaistos.harness.ClusterPlan;
import phaistos.harness.Deployment;
import phaistos.harness.FaultPlan;
import phaistos.harness.Harness;
import phaistos.harness.LoadPlan;
import phaistos.harness.Mix;
import phaistos.harness.RealMix;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.runner.options.Suggestions;
import phaistos.runner.options.UsageException;
import phaistos.server.defects.DefectCatalogue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code phaistos run}: runs a test and prints its verdict. */
@Command(
    name = "run",
    description = {
      "Runs a test and prints its verdict.",
      "Without options that say what is run, the seed draws workloads, nodes, settings and faults."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    modelTransformer = FaultOptions.Footer.class)
final class RunCommand implements Callable<Integer> {
  /** The options that say what is run; without any of them it is the default mix. */
  private static final List<String> CHOICES =
      List.of(
          "--workload",
          "--isolation",
          "--read-from",
          "--nemesis",
          "--schedule",
          "--nodes",
          "--standbys",
          "--standby-names",
          "--synchronous-commit",
          "--first-xid",
          "--setting");

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

  @Mixin private LoadOptions load = new LoadOptions();

  @Mixin private FaultOptions faults = new FaultOptions();

  @Option(
      names = "--swarm",
      description =
          "the seed draws workloads, nodes, settings and faults, for any database; so it does for"
              + " the built-in one if no option says what is run. Beside options that say so it"
              + " draws the faults")
  private boolean swarm;

  @Option(names = "--nodes", paramLabel = "N", description = "a primary and N - 1 standbys: 3")
  private Integer nodes;

  @Option(
      names = "--standbys",
      paramLabel = "N",
      description = "standbys beside the primary: another way to say --nodes N + 1")
  private Integer standbys;

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

  @Option(
      names = "--first-xid",
      paramLabel = "N",
      description =
          "where transaction ids begin, 64 bits: 32700 is near a page of the commit log, 1048500"
              + " near a segment, 4294967200 near the wrap; 3 if not given")
  private Long firstXid;

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

  @Mixin private StoreOptions store = new StoreOptions();

  @Option(
      names = LikeRun.OPTION,
      paramLabel = "DIR",
      description = "repeats the stored run of this folder, with its options; comes first")
  private Path like;

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
    int exitCode = interruption.tell(result);
    store.prune(plan.storeName());
    return exitCode;
  }

  /** What the options ask for. */
  TestPlan plan() {
    LoadPlan loadPlan = load.plan(LoadPlan.DEFAULT);
    Deployment deployment = database.deployment();
    FaultPlan faultPlan =
        swarm ? Mix.faults(deployment.capabilities()) : faults.plan(deployment.capabilities());
    if (defect != null) {
      List<String> defects = Defects.names();
      boolean isGenerated =
          DefectCatalogue.mechanical().stream()
              .anyMatch(each -> each.description().name().equals(defect));
      require(isGenerated || defects.contains(defect), "--defect", defect, defects);
      if (database.isPostgres()) {
        throw wrong("--defect: PostgreSQL has no planted defects");
      }
    }
    if (nodes != null && standbys != null) {
      throw new ParameterException(
          spec.commandLine(), "--nodes and --standbys cannot be used together");
    }
    if (nodes != null) {
      requireBetween("--nodes", nodes, 2, 9);
    }
    if (standbys != null) {
      requireBetween("--standbys", standbys, 1, 8);
    }
    if (seed == null) {
      seed = ThreadLocalRandom.current().nextLong(1L << 53);
    }
    for (String named : List.of("--nemesis", "--schedule")) {
      if (swarm && chosen().contains(named)) {
        throw new ParameterException(
            spec.commandLine(), "--swarm draws the faults: it cannot be used with " + named);
      }
    }
    if (swarm && isNothingChosen() && !deployment.isSimulated()) {
      TestPlan mix = RealMix.plan(seed, deployment);
      LoadPlan mixed = load.plan(mix.load());
      return mix.cluster(mix.cluster().withDefects(defects()))
          .load(mixed)
          .output(store.output(replayOfMix(mixed)));
    }
    if (isMix(deployment)) {
      TestPlan mix = Mix.plan(seed);
      LoadPlan mixed = load.plan(mix.load());
      return mix.cluster(mix.cluster().withDefects(defects()))
          .load(mixed)
          .output(store.output(replayOfMix(mixed)));
    }
    return TestPlan.of(load.workloadName(), load.workload())
        .on(deployment)
        .cluster(clusterPlan())
        .faults(faultPlan)
        .load(loadPlan)
        .seed(seed)
        .output(store.output(replayCommand(loadPlan)));
  }

  /** Whether no option says what is run: then the seed draws it. */
  private boolean isMix(Deployment deployment) {
    return deployment.isSimulated() && !database.isPostgres() && isNothingChosen();
  }

  private boolean isNothingChosen() {
    return chosen().isEmpty();
  }

  private List<String> chosen() {
    return CHOICES.stream().filter(spec.commandLine().getParseResult()::hasMatchedOption).toList();
  }

  private List<String> defects() {
    return defect == null ? List.of() : List.of(defect);
  }

  private String replayOfMix(LoadPlan loadPlan) {
    List<String> words = new ArrayList<>(List.of("./phaistos", "run"));
    if (swarm) {
      words.addAll(database.words());
      words.add("--swarm");
    }
    words.addAll(load.loadWords(loadPlan));
    words.addAll(List.of("--seed", Long.toString(seed)));
    if (defect != null) {
      words.addAll(List.of("--defect", defect));
    }
    return String.join(" ", words);
  }

  private ClusterPlan clusterPlan() {
    try {
      ClusterPlan plan =
          new ClusterPlan(
              nodes(),
              Optional.ofNullable(standbyNames),
              Optional.ofNullable(synchronousCommit),
              defects(),
              database.settings());
      return firstXid == null ? plan : plan.withFirstXid(firstXid);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private int nodes() {
    if (standbys != null) {
      return standbys + 1;
    }
    return nodes == null ? ClusterPlan.DEFAULT.nodes() : nodes;
  }

  /** The command that repeats this run, with the default store. */
  private String replayCommand(LoadPlan loadPlan) {
    List<String> words = new ArrayList<>(List.of("./phaistos", "run"));
    words.addAll(database.words());
    words.addAll(load.workloadWords());
    words.addAll(swarm ? List.of("--swarm") : faults.words());
    words.addAll(load.loadWords(loadPlan));
    words.addAll(List.of("--seed", Long.toString(seed)));
    if (nodes() != ClusterPlan.DEFAULT.nodes()) {
      words.addAll(List.of("--nodes", Integer.toString(nodes())));
    }
    if (standbyNames != null) {
      words.addAll(List.of("--standby-names", "'" + standbyNames.replace("'", "'\\''") + "'"));
    }
    if (synchronousCommit != null) {
      words.addAll(List.of("--synchronous-commit", synchronousCommit));
    }
    if (firstXid != null) {
      words.addAll(List.of("--first-xid", firstXid.toString()));
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

  private void requireBetween(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw wrong(option + ": " + value + " (expected " + min + " to " + max + ")");
    }
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), "Invalid value for option " + text);
  }
}
