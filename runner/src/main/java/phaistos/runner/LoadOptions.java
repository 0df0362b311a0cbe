package phaistos.runner;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import phaistos.harness.Durations;
import phaistos.harness.LoadPlan;
import phaistos.runner.options.DurationConverter;
import phaistos.runner.options.Suggestions;
import phaistos.workloads.Isolation;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.WorkloadFactory;
import phaistos.workloads.Workloads;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for what the clients of a run do. */
final class LoadOptions {
  private static final Duration LONGEST = Duration.ofDays(7);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** For completion and help. */
  static final class Names extends ArrayList<String> {
    Names() {
      super(Workloads.all().stream().map(Workloads.Entry::name).toList());
    }
  }

  @Option(
      names = "--workload",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "commits",
      completionCandidates = Names.class,
      description =
          "what the clients do, several at once with commas between:" + " ${COMPLETION-CANDIDATES}")
  private List<String> workloads;

  @Option(
      names = "--isolation",
      paramLabel = "LEVEL",
      defaultValue = "read-committed",
      description = "of every transaction: read-committed, repeatable-read, serializable")
  private String isolation;

  @Option(
      names = "--read-from",
      paramLabel = "NODES",
      defaultValue = "primary",
      description = "where reads go: primary, standby (in turn), any (in turn)")
  private String readFrom;

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "how long the load lasts: 500ms, 60s, 5m; up to twice as long if a goal of the workload"
              + " is not reached; 60s, or drawn if the seed draws what is run")
  private Duration timeLimit;

  @Option(
      names = "--budget",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "the load goes on until every goal is reached, at least for the time limit and at most"
              + " for this")
  private Duration budget;

  @Option(names = "--concurrency", paramLabel = "N", description = "client threads: 10")
  private Integer concurrency;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "operations a second, all clients: 100, or drawn if the seed draws what is run")
  private Integer rate;

  @Option(
      names = "--burst",
      paramLabel = "N",
      description =
          "how many operations of a workload begin together, on average, at the same rate: 1, or"
              + " drawn if the seed draws what is run")
  private Integer burst;

  /** "bank,register". */
  String workloadName() {
    return String.join(",", workloads);
  }

  WorkloadFactory workload() {
    List<String> known = new Names();
    List<Workloads.Entry> entries = new ArrayList<>();
    for (String name : workloads) {
      require(known.contains(name), "--workload", name, known);
      Workloads.Entry entry = Workloads.named(name).orElseThrow();
      if (entries.contains(entry)) {
        throw wrong("--workload: '" + name + "' is given twice");
      }
      if (!readFrom.equals(ReadFrom.PRIMARY.word()) && !entry.readsAnywhere()) {
        throw wrong("--read-from: '" + readFrom + "': " + name + " says itself where it reads");
      }
      entries.add(entry);
    }
    return Workloads.factory(entries);
  }

  /**
   * What the options ask for.
   *
   * @param usual what is not asked for
   */
  LoadPlan plan(LoadPlan usual) {
    require(Isolation.named(isolation).isPresent(), "--isolation", isolation, Isolation.words());
    require(ReadFrom.named(readFrom).isPresent(), "--read-from", readFrom, ReadFrom.words());
    Duration time = timeLimit == null ? usual.timeLimit() : timeLimit;
    if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
      throw wrong(
          "--time-limit: "
              + Durations.format(time)
              + " (expected above 0s, and up to "
              + LONGEST.toDays()
              + "d)");
    }
    if (budget != null && (budget.compareTo(time) < 0 || budget.compareTo(LONGEST) > 0)) {
      throw wrong(
          "--budget: "
              + Durations.format(budget)
              + " (expected from --time-limit, "
              + Durations.format(time)
              + ", to "
              + LONGEST.toDays()
              + "d)");
    }
    return new LoadPlan(
        time,
        within("--concurrency", concurrency, usual.concurrency(), 1_000),
        within("--rate", rate, usual.rate(), 1_000_000),
        within("--burst", burst, usual.burst(), 1_000),
        hasOption("--isolation") ? Isolation.named(isolation).orElseThrow() : usual.isolation(),
        hasOption("--read-from") ? ReadFrom.named(readFrom).orElseThrow() : usual.readFrom(),
        Optional.ofNullable(budget),
        usual.script());
  }

  private boolean hasOption(String name) {
    return spec.commandLine().getParseResult().hasMatchedOption(name);
  }

  /** The options that request the same workload again. */
  List<String> workloadWords() {
    List<String> words = new ArrayList<>(List.of("--workload", workloadName()));
    if (!isolation.equals(Isolation.READ_COMMITTED.word())) {
      words.addAll(List.of("--isolation", isolation));
    }
    if (!readFrom.equals(ReadFrom.PRIMARY.word())) {
      words.addAll(List.of("--read-from", readFrom));
    }
    return words;
  }

  /** The options that request the same load again. */
  List<String> loadWords(LoadPlan plan) {
    List<String> words =
        new ArrayList<>(List.of("--time-limit", Durations.format(plan.timeLimit())));
    if (budget != null) {
      words.addAll(List.of("--budget", Durations.format(budget)));
    }
    words.addAll(List.of("--concurrency", Integer.toString(plan.concurrency())));
    words.addAll(List.of("--rate", Integer.toString(plan.rate())));
    if (plan.burst() != 1) {
      words.addAll(List.of("--burst", Integer.toString(plan.burst())));
    }
    return words;
  }

  private void require(boolean condition, String option, String value, List<String> expected) {
    if (!condition) {
      throw wrong(
          option
              + ": '"
              + value
              + "' (expected one of "
              + String.join(", ", expected)
              + ")"
              + Suggestions.text(value, expected));
    }
  }

  private int within(String option, Integer given, int usual, int max) {
    if (given == null) {
      return usual;
    }
    if (given < 1 || given > max) {
      throw wrong(option + ": " + given + " (expected 1 to " + max + ")");
    }
    return given;
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), "Invalid value for option " + text);
  }
}
