package phaistos.runner;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import phaistos.harness.Cutoff;
import phaistos.harness.Durations;
import phaistos.harness.campaign.Campaign;
import phaistos.harness.campaign.CampaignOptions;
import phaistos.harness.campaign.CampaignReport;
import phaistos.runner.options.DurationConverter;
import phaistos.runner.options.ExitCode;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.UsageException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code phaistos campaign}: a night of runs, and what they found. */
@Command(
    name = "campaign",
    description = {
      "Runs many seeds in worker processes on all cores, and groups what fails by cause.",
      "Seeds that failed before come first, then those that reached something new, then fresh",
      "ones. A call that is killed loses no run that is over: the next call with the same options",
      "goes on.",
      "Options that are not listed here are options of run: --db, --time-limit, --defect, ...",
      "In them {a|b|c} is a choice that the seed draws."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class CampaignCommand implements Callable<Integer> {
  /** Each of these found its defect with every seed that was tried. */
  private static final List<String> CANARIES =
      Stream.of(
              "commit-noted-as-abort",
              "row-hidden",
              "row-change-lost",
              "commit-bits-forgotten",
              "commit-log-neighbours-cleared")
          .map(name -> "--workload commits --nemesis none --time-limit 8s --defect " + name)
          .toList();

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Length length;

  /** How long it goes on. */
  private static final class Length {
    @Option(
        names = "--for",
        paramLabel = "TIME",
        converter = DurationConverter.class,
        description = "real time after which no run begins: 30m, 8h")
    private Duration time;

    @Option(names = "--seeds", paramLabel = "N", description = "fresh seeds")
    private Integer seeds;

    @Option(
        names = "--bisect",
        arity = "2",
        paramLabel = "X",
        description =
            "GOOD..BAD SEED: finds the first revision of the project with which the seed fails;"
                + " builds each that it tries in a folder of its own")
    private List<String> bisect;

    @Option(
        names = "--report",
        description = "runs nothing: the result of the store's last campaign, also of one at work")
    private boolean report;
  }

  @Option(
      names = "--mix",
      paramLabel = "FILE",
      description = "the tests, one a line: a weight, then options of run (docs/CAMPAIGNS.md)")
  private Path mix;

  /** Replaced by what is in the file before the command line is parsed. */
  @Option(
      names = CampaignConfig.OPTION,
      paramLabel = "FILE",
      description = "options of campaign, one with its value a line; # begins a comment")
  private Path config;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "worker processes; as many as there are cores if not given")
  private Integer workers;

  @Option(
      names = "--first-seed",
      paramLabel = "N",
      description = "the first fresh seed; behind the last one of this store if not given")
  private Long firstSeed;

  @Option(
      names = "--seed-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "10m",
      description = "real time for one run; then its process is killed, and that is a finding")
  private Duration seedLimit;

  @Option(
      names = "--explain-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "3m",
      description = "real time to explain one failure, a few of each kind; 0 to explain nothing")
  private Duration explainLimit;

  @Option(
      names = "--known",
      paramLabel = "FILE",
      description = "findings that are known, by their ids, one a line; beside those of this store")
  private Path known;

  @Option(names = "--json", paramLabel = "FILE", description = "writes the result as JSON")
  private Path json;

  @Option(
      names = "--junit",
      paramLabel = "FILE",
      description = "writes JUnit's XML: a test case for each run")
  private Path junit;

  @Option(
      names = "--sarif",
      paramLabel = "FILE",
      description = "writes the findings as SARIF 2.1.0")
  private Path sarif;

  @Option(names = "--store", paramLabel = "DIR", description = "where all of it goes")
  private Path store = Path.of("store");

  @Option(names = "--quiet", description = "prints the result only, not each run")
  private boolean quiet;

  @Unmatched private List<String> run = new ArrayList<>();

  @Override
  public Integer call() {
    if (length.bisect != null) {
      return bisect();
    }
    CampaignOptions options = options();
    for (Path file : new Path[] {json, junit, sarif}) {
      requireWritable(file);
    }
    if (length.report) {
      return tell(
          Campaign.last(options)
              .orElseThrow(
                  () -> new UsageException("--report: there was no campaign in " + store)));
    }
    CampaignMix tests = tests();
    Cutoff cutoff = new Cutoff();
    Signals.handle(
        name -> {
          if (cutoff.isRequested()) {
            Runtime.getRuntime().halt(ExitCode.CRASHED);
          }
          cutoff.request("SIG" + name);
          System.err.println(
              "phaistos: SIG%s: no run begins any more (once more: at once)".formatted(name));
        });
    try {
      return tell(new Campaign(options, tests, cutoff, this::progress).run());
    } catch (Campaign.CampaignException e) {
      System.err.println("phaistos: " + e.getMessage());
      return ExitCode.CRASHED;
    }
  }

  private CampaignMix tests() {
    return mix == null ? CampaignMix.of(run) : CampaignMix.read(mix, run);
  }

  private int bisect() {
    require(
        length.bisect.get(1).matches("-?\\d{1,18}"),
        "--bisect: no seed: '" + length.bisect.get(1) + "'");
    long seed = Long.parseLong(length.bisect.get(1));
    List<String> words = new ArrayList<>(LikeRun.split(tests().apply(seed)));
    words.addAll(List.of("--seed", Long.toString(seed)));
    String home = System.getProperty("phaistos.home", "");
    require(!home.isEmpty(), "--bisect: start it by the launcher, ./phaistos");
    return new CampaignBisect(Path.of(home), words, this::print).search(length.bisect.getFirst());
  }

  private int tell(CampaignReport report) {
    report.text().forEach(this::print);
    write(store.resolve("campaign/index.html"), report.page());
    write(json, report.json());
    write(junit, report.junit());
    write(sarif, report.sarif());
    return report.exitCode();
  }

  /** A night is too long to learn in its end that there is no place for the result. */
  private static void requireWritable(Path file) {
    if (file != null) {
      Path parent = file.toAbsolutePath().getParent();
      require(Files.isWritable(parent) && !Files.isDirectory(file), "cannot be written: " + file);
    }
  }

  private static void write(Path file, String text) {
    if (file != null) {
      try {
        Files.writeString(file, text);
      } catch (IOException e) {
        throw GivenPath.unwritable(file, e);
      }
    }
  }

  private void progress(String line) {
    if (!quiet) {
      print(line);
    }
  }

  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }

  private CampaignOptions options() {
    int processes = workers == null ? Runtime.getRuntime().availableProcessors() : workers;
    require(
        processes >= 1 && processes <= 1_000, "--workers: " + processes + " (expected 1 to 1000)");
    require(seedLimit.isPositive(), "--seed-limit: 0s (expected more)");
    if (length.seeds != null) {
      require(length.seeds >= 1, "--seeds: " + length.seeds + " (expected 1 or more)");
    } else if (!length.report) {
      require(length.time.isPositive(), "--for: 0s (expected more)");
    }
    return new CampaignOptions(
        store,
        Optional.ofNullable(length.time),
        length.report ? Optional.of(1) : Optional.ofNullable(length.seeds),
        firstSeed == null ? OptionalLong.empty() : OptionalLong.of(firstSeed),
        processes,
        seedLimit,
        explainLimit,
        CANARIES,
        known == null ? Set.of() : Set.copyOf(KnownFindings.read(known)),
        asked(),
        CampaignWorker.command(processes));
  }

  /** What decides whether a night that was killed goes on. */
  private String asked() {
    if (length.report) {
      return "--report";
    }
    List<String> words = new ArrayList<>();
    words.add(
        length.seeds == null
            ? "--for " + Durations.format(length.time)
            : "--seeds " + length.seeds);
    if (mix != null) {
      words.add("--mix " + mix);
    }
    if (firstSeed != null) {
      words.add("--first-seed " + firstSeed);
    }
    words.addAll(run);
    return String.join(" ", words);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new UsageException(message);
    }
  }
}
