package phaistos.runner;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import phaistos.harness.ClusterPlan;
import phaistos.harness.Cutoff;
import phaistos.harness.FaultPlan;
import phaistos.harness.Mix;
import phaistos.harness.TestPlan;
import phaistos.harness.campaign.DefectCampaign;
import phaistos.harness.campaign.DefectCampaign.Cell;
import phaistos.harness.campaign.DefectRow;
import phaistos.harness.campaign.EqualTraces;
import phaistos.harness.campaign.Trial;
import phaistos.runner.options.DurationConverter;
import phaistos.runner.options.Suggestions;
import phaistos.runner.options.UsageException;
import phaistos.server.defects.Defect;
import phaistos.server.defects.DefectCatalogue;
import phaistos.server.steps.Step;
import phaistos.workloads.ReadFrom;
import phaistos.workloads.Workloads;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code ./phaistos defects}: runs tests with each planted defect and prints what was found; or
 * lists the defects, or the steps that they act on.
 */
@Command(
    name = "defects",
    description =
        "runs tests with each defect that can be planted in the database, and prints how many"
            + " seeds find it and how fast.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class DefectsCommand implements Callable<Integer> {
  /** The runs without a defect, in which nothing may be found. */
  private static final String NONE = "no-defect";

  private static final String MIX = "default mix";

  @Spec private CommandSpec spec;

  @ArgGroup private What what = new What();

  /** One of the three; the campaign if none is given. */
  private static final class What {
    @Option(names = "--list", description = "prints the names of the defects, one a line")
    private boolean list;

    @Option(names = "--describe", description = "prints each defect with the mistake it stands for")
    private boolean describe;

    @Option(names = "--steps", description = "prints the steps of the database, by part")
    private boolean steps;
  }

  @Option(
      names = "--mechanical",
      description =
          "the generated ones in place of the others: each step left out, done twice, or failed"
              + " once in a hundred times")
  private boolean mechanical;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = "these defects, or no-defect; all and no-defect if not given")
  private List<String> only = List.of();

  /** Which runs show a defect. */
  private enum Cells {
    MIX,
    OWN,
    ALL
  }

  @Option(
      names = "--cells",
      paramLabel = "WHICH",
      defaultValue = "ALL",
      description =
          "mix: by the default mix; own: by the workload and faults that the defect's description"
              + " names; all: both")
  private Cells which;

  @Option(names = "--seeds", paramLabel = "N", description = "seeds for each defect")
  private int seeds = 10;

  @Option(names = "--first-seed", paramLabel = "N", description = "the first of them")
  private long firstSeed = 1;

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "how long the load of each run lasts; drawn if not given")
  private Duration timeLimit;

  @Option(
      names = "--until-found",
      description = "ends a defect's runs with the first one that finds it")
  private boolean untilFound;

  @Option(
      names = "--limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "1d",
      description = "real time after which no run begins")
  private Duration limit;

  @Option(
      names = "--cpu-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "1d",
      description = "CPU time after which no run of a defect begins, for each cell")
  private Duration cpuLimit;

  @Option(names = "--json", description = "prints one JSON object a line")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (what.steps) {
      steps(out);
    } else if (what.describe) {
      defects().forEach(defect -> describe(out, defect));
    } else if (what.list) {
      defects().forEach(defect -> out.println(defect.description().name()));
    } else {
      return campaign(out);
    }
    out.flush();
    return 0;
  }

  private List<Defect> defects() {
    List<Defect> all = mechanical ? DefectCatalogue.mechanical() : DefectCatalogue.all();
    List<String> names = all.stream().map(defect -> defect.description().name()).toList();
    for (String name : only) {
      if (!names.contains(name) && !name.equals(NONE)) {
        throw new UsageException(
            "--only: no defect '%s' (./phaistos defects --list)%s"
                .formatted(name, Suggestions.text(name, names)));
      }
    }
    return all.stream()
        .filter(defect -> only.isEmpty() || only.contains(defect.description().name()))
        .toList();
  }

  /** Exit code 0 if every defect was found and nothing without one, else 1. */
  private int campaign(PrintWriter out) {
    if (seeds < 1) {
      throw new UsageException("--seeds: " + seeds + " (expected 1 or more)");
    }
    List<Cell> cells = new ArrayList<>();
    List<DefectRow> notRun = new ArrayList<>();
    if (only.isEmpty() || only.contains(NONE)) {
      cells.add(new Cell(NONE, MIX, this::mix));
    }
    for (Defect defect : defects()) {
      String name = defect.description().name();
      Defect.Cell own = defect.description().cell();
      if (which != Cells.OWN) {
        cells.add(new Cell(name, MIX, seed -> planted(mix(seed), name)));
      } else {
        notRun.add(new DefectRow(name, MIX, List.of()));
      }
      if (which != Cells.MIX && !own.isMix()) {
        cells.add(new Cell(name, words(own), seed -> planted(own(own, seed), name)));
      } else if (!own.isMix()) {
        notRun.add(new DefectRow(name, words(own), List.of()));
      }
    }
    Cutoff cutoff = new Cutoff();
    Signals.handle(name -> cutoff.request("SIG" + name));
    if (!json) {
      out.println(
          "%-34s %-40s %5s %5s %8s %9s  %s"
              .formatted("defect", "cell", "seeds", "found", "CPU s", "sim. s", "seen by"));
      out.flush();
    }
    List<DefectRow> rows =
        new DefectCampaign(
                Path.of(System.getProperty("java.io.tmpdir")),
                firstSeed,
                seeds,
                limit,
                cpuLimit,
                untilFound)
            .run(
                cells,
                cutoff,
                row -> {
                  print(out, row);
                  notRun.stream()
                      .filter(other -> other.defect().equals(row.defect()))
                      .forEach(other -> print(out, other));
                  out.flush();
                });
    List<DefectRow> planted = rows.stream().filter(row -> !row.defect().equals(NONE)).toList();
    long defects = planted.stream().map(DefectRow::defect).distinct().count();
    long found =
        planted.stream().filter(row -> row.found() > 0).map(DefectRow::defect).distinct().count();
    boolean isFalseAlarm = rows.stream().anyMatch(DefectsCommand::isFalseAlarm);
    if (!json) {
      out.println("%d of %d defects found".formatted(found, defects));
      EqualTraces.of(rows).forEach(out::println);
      if (isFalseAlarm) {
        out.println("a violation was found without a defect");
      }
      out.flush();
    }
    return found == defects && !isFalseAlarm ? 0 : 1;
  }

  /** Whether a run without a defect is invalid. */
  private static boolean isFalseAlarm(DefectRow row) {
    return row.defect().equals(NONE) && row.found() > 0
        || row.trials().stream().anyMatch(Trial::isFalseAlarm);
  }

  /** "levels, checkpoint+crash". */
  private static String words(Defect.Cell own) {
    List<String> words = new ArrayList<>();
    if (!own.workload().isEmpty()) {
      words.add(own.workload());
    }
    if (!own.nemesis().isEmpty()) {
      words.add(String.join("+", own.nemesis()));
    }
    own.settings().forEach((name, value) -> words.add(name + "=" + value));
    return String.join(", ", words);
  }

  private TestPlan mix(long seed) {
    TestPlan plan = Mix.plan(seed);
    return timeLimit == null ? plan : plan.timeLimit(timeLimit);
  }

  /** The default mix with the workload, faults and settings that a defect's description names. */
  private TestPlan own(Defect.Cell own, long seed) {
    TestPlan plan = mix(seed);
    if (!own.workload().isEmpty()) {
      TestPlan named =
          TestPlan.of(own.workload(), Workloads.named(own.workload()).orElseThrow().factory());
      plan =
          named
              .on(plan.deployment())
              .cluster(plan.cluster())
              .faults(plan.faults())
              .load(plan.load().withReadFrom(ReadFrom.PRIMARY))
              .seed(seed);
    }
    if (!own.nemesis().isEmpty()) {
      plan = plan.faults(new FaultPlan.Swarm(own.nemesis()));
    }
    for (var setting : own.settings().entrySet()) {
      plan = plan.cluster(with(plan.cluster(), setting.getKey(), setting.getValue()));
    }
    return plan;
  }

  private static ClusterPlan with(ClusterPlan cluster, String setting, String value) {
    if (setting.equals("synchronous_commit")) {
      return cluster.withSynchronousCommit(value);
    }
    if (setting.equals("synchronous_standby_names")) {
      return cluster.withNodes(3).withStandbyNames(value);
    }
    Map<String, String> all = new LinkedHashMap<>(cluster.set());
    all.put(setting, value);
    return cluster.withSet(all);
  }

  private static TestPlan planted(TestPlan plan, String defect) {
    return plan.cluster(plan.cluster().withDefects(List.of(defect)));
  }

  private void print(PrintWriter out, DefectRow row) {
    if (json) {
      out.println(json(row));
      return;
    }
    out.println(
        "%-34s %-40s %5d %4.0f%% %8s %9s  %s"
            .formatted(
                row.defect(),
                row.cell(),
                row.trials().size(),
                100 * row.share(),
                seconds(row.cpuSeconds()),
                seconds(row.simulatedSeconds()),
                row.checker().orElse(row.trials().isEmpty() ? "not run" : "nobody")));
    if (!row.trials().isEmpty()) {
      out.println("    " + row.verdict());
    }
  }

  private static String seconds(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.1f", value.getAsDouble()) : "-";
  }

  private static String json(DefectRow row) {
    java.io.StringWriter text = new java.io.StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.writeStartObject();
      out.writeStringField("defect", row.defect());
      out.writeStringField("cell", row.cell());
      out.writeNumberField("seeds", row.trials().size());
      out.writeNumberField("found", row.found());
      out.writeNumberField("share", row.share());
      number(out, "cpu-seconds", row.cpuSeconds());
      number(out, "simulated-seconds", row.simulatedSeconds());
      out.writeStringField("checker", row.checker().orElse(null));
      out.writeStringField("verdict", row.verdict());
      out.writeArrayFieldStart("runs");
      for (Trial trial : row.trials()) {
        out.writeStartObject();
        out.writeNumberField("seed", trial.seed());
        out.writeNumberField("exit", trial.exitCode());
        out.writeBooleanField("found", trial.isFound());
        out.writeBooleanField("also-without-defect", trial.isFalseAlarm());
        out.writeNumberField("cpu-seconds", trial.cpuNanos() / 1e9);
        out.writeNumberField("simulated-seconds", trial.simulatedNanos() / 1e9);
        out.writeStringField("trace", trial.traceHash().orElse(null));
        out.writeStringField("verdict", trial.verdict());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void number(JsonGenerator out, String name, OptionalDouble value)
      throws IOException {
    if (value.isPresent()) {
      out.writeNumberField(name, value.getAsDouble());
    } else {
      out.writeNullField(name);
    }
  }

  private static void describe(PrintWriter out, Defect defect) {
    Defect.Description description = defect.description();
    String steps = description.steps().stream().map(Step::label).collect(Collectors.joining(", "));
    out.println(description.name());
    out.println("  does:       " + description.does());
    out.println("  stands for: " + description.standsFor());
    out.println("  source:     " + description.source());
    out.println("  how:        %s %s".formatted(description.kind().word(), steps));
  }

  private static void steps(PrintWriter out) {
    for (Step.Part part : Step.Part.values()) {
      out.println("%s (%s)".formatted(part.label(), part.files()));
      for (Step<?, ?> step : Step.all()) {
        if (step.part() == part) {
          out.println("  %-24s %s".formatted(step.label(), step.sentence()));
        }
      }
    }
    out.println();
    out.println(Step.all().size() + " steps");
  }
}
