package phaistos.runner;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.linearizability.Algorithm;
import phaistos.checker.linearizability.models.NamedModel;
import phaistos.histories.Edn;
import phaistos.histories.EdnException;
import phaistos.histories.EdnReader;
import phaistos.histories.HistoryException;
import phaistos.histories.JsonText;
import phaistos.runner.options.DurationConverter;
import phaistos.runner.options.GivenPath;
import phaistos.runner.options.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code phaistos check}: checks recorded histories, and prints for each file a line of path, tab,
 * verdict, tab, reason. The exit code is that of the worst verdict.
 */
@Command(
    name = "check",
    description = "Checks recorded histories.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Histories, in any form.")
  private List<Path> files;

  @Option(names = "--checker", paramLabel = "NAME", description = "The checker to run.")
  private Optional<String> checker;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "Check linearizability against this model.")
  private Optional<String> model;

  @Option(
      names = "--initial",
      paramLabel = "VALUE",
      description = "The model's initial state, as EDN: 0, or {:x 0 :y 0}.")
  private Optional<String> initial;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      defaultValue = "competition",
      description = "wgl, linear or competition (the default).")
  private String algorithm;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads search; as many as there are processors if not given.")
  private Optional<Integer> threads;

  @Option(
      names = "--memory-limit",
      paramLabel = "MB",
      description = "For a search; then the verdict is unknown. A third of the JVM's if not given.")
  private Optional<Long> memoryMegabytes;

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "For each file (500ms, 60s, 5m); then the verdict is unknown.")
  private Optional<Duration> timeLimit;

  @Option(
      names = {"-O", "--option"},
      paramLabel = "KEY=VALUE",
      description = "An option of the checker.")
  private Map<String, String> more = Map.of();

  @Option(
      names = {"--consistency-model", "--consistency-models"},
      paramLabel = "MODEL,...",
      description = "Transactions: the models expected to hold; strict-serializable if not given.")
  private Optional<String> consistencyModel;

  @Option(
      names = "--anomalies",
      paramLabel = "NAME,...",
      description = "Transactions: anomalies that must not be there; alone, instead of a model.")
  private Optional<String> anomalies;

  @Option(
      names = "--wfr-keys",
      description = "Registers: a write comes after its transaction's read of the key.")
  private boolean wfrKeys;

  @Option(
      names = "--sequential-keys",
      description = "Registers: each process sees each key's versions in order.")
  private boolean sequentialKeys;

  @Option(
      names = "--linearizable-keys",
      description = "Registers: each key's versions are in real-time order.")
  private boolean linearizableKeys;

  @Option(
      names = "--wal",
      paramLabel = "DIR",
      description =
          "rw-register: a data directory of the database whose WAL tells the order of versions;"
              + " may be given for several nodes.")
  private List<Path> wal = List.of();

  @Option(names = "--json", description = "A JSON object a line, with all that is known.")
  private boolean isJson;

  @Option(names = "--explain", description = "Say why, in the lines after the verdict.")
  private boolean isExplained;

  @Option(
      names = "--report",
      paramLabel = "FOLDER",
      description = "Write a page for each invalid file there.")
  private Optional<Path> reportFolder;

  @Override
  public Integer call() {
    FileCheck check = fileCheck();
    if (!wal.isEmpty() && !checker.equals(Optional.of("rw-register"))) {
      throw new UsageException("--wal is for --checker rw-register alone");
    }
    wal.forEach(GivenPath::directory);
    files.forEach(GivenPath::fileOrDirectory);
    Optional<ReportFolder> reports = reportFolder.map(ReportFolder::at);
    FileCheck.Options options = new FileCheck.Options(timeLimit, checkerOptions(), reports, wal);
    PrintWriter out = spec.commandLine().getOut();
    List<Verdict> verdicts = new ArrayList<>();
    for (Path file : files) {
      FileCheck.Outcome outcome = check(check, file, options);
      verdicts.add(outcome.verdict());
      print(out, file, outcome, reports.map(ReportFolder::written).orElse(List.of()));
    }
    reports.ifPresent(ReportFolder::failIfIncomplete);
    return Verdict.merge(verdicts).exitCode();
  }

  /** What is for the checker alone, by option name, whether given as such or with --option. */
  private Map<String, String> checkerOptions() {
    Map<String, String> all = new TreeMap<>(more);
    consistencyModel.ifPresent(given -> all.put("consistency-model", given));
    anomalies.ifPresent(given -> all.put("anomalies", given));
    if (wfrKeys) {
      all.put("wfr-keys", "true");
    }
    if (sequentialKeys) {
      all.put("sequential-keys", "true");
    }
    if (linearizableKeys) {
      all.put("linearizable-keys", "true");
    }
    return all;
  }

  private FileCheck fileCheck() {
    if (timeLimit.isPresent() && !timeLimit.get().isPositive()) {
      throw new UsageException("--time-limit is not above 0");
    }
    if (model.isPresent() && checker.isPresent()) {
      throw new UsageException("check takes --model or --checker, not both");
    }
    if (model.isPresent()) {
      return linearizability(model.get());
    }
    if (checker.isEmpty()) {
      throw new UsageException(
          "check needs --model, one of "
              + String.join(", ", NamedModel.names())
              + ", or --checker, one of "
              + String.join(", ", FileChecks.BY_NAME.keySet()));
    }
    FileCheck known = FileChecks.BY_NAME.get(checker.get());
    if (known == null) {
      throw new UsageException(
          "no checker " + checker.get() + "; known are " + FileChecks.BY_NAME.keySet());
    }
    return known;
  }

  private FileCheck linearizability(String name) {
    if (threads.isPresent() && threads.get() < 1) {
      throw new UsageException("--threads is not above 0: " + threads.get());
    }
    if (memoryMegabytes.isPresent() && memoryMegabytes.get() < 1) {
      throw new UsageException("--memory-limit is not above 0: " + memoryMegabytes.get());
    }
    try {
      Optional<Edn> start =
          initial.isPresent() ? Optional.of(edn(initial.get())) : Optional.empty();
      Algorithm chosen =
          Arrays.stream(Algorithm.values())
              .filter(a -> a.word().equals(algorithm))
              .findFirst()
              .orElseThrow(
                  () ->
                      new UsageException(
                          "--algorithm is wgl, linear or competition, not " + algorithm));
      int processors = Runtime.getRuntime().availableProcessors();
      return new LinearizabilityCheck(
          NamedModel.named(name, start),
          new LinearizabilityCheck.Settings(
              chosen,
              threads.orElse(processors),
              memoryMegabytes.orElse(0L),
              isJson || isExplained || reportFolder.isPresent()));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static Edn edn(String text) {
    try {
      EdnReader reader = new EdnReader(new StringReader(text), "--initial");
      Edn value = reader.next().orElseThrow(() -> new UsageException("--initial is empty"));
      if (reader.next().isPresent()) {
        throw new UsageException("--initial is one value, not " + text);
      }
      return value;
    } catch (EdnException | IOException e) {
      throw new UsageException("--initial is no EDN: " + e.getMessage());
    }
  }

  private static FileCheck.Outcome check(FileCheck check, Path file, FileCheck.Options options) {
    long limitNanos = options.timeLimit().map(Duration::toNanos).orElse(Long.MAX_VALUE);
    try {
      return check.check(file, options, CheckContext.within(limitNanos));
    } catch (HistoryException e) {
      return FileCheck.Outcome.of(new Verdict.Unknown(e.getMessage()));
    } catch (UsageException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      return FileCheck.Outcome.of(new Verdict.Unknown("the checker failed: " + e));
    }
  }

  /** The text with the file's name in the place of its path, which stands on the line already. */
  private static String named(Path file, String text) {
    Path name = file.getFileName();
    return text.replace(file + "/", "").replace(file + ":", (name == null ? "" : name) + ":");
  }

  private void print(PrintWriter out, Path file, FileCheck.Outcome outcome, List<Path> reports) {
    Verdict verdict = outcome.verdict();
    if (isJson) {
      LinkedHashMap<Edn, Edn> line = new LinkedHashMap<>();
      line.put(Edn.of("path"), Edn.of(file.toString()));
      line.put(Edn.of("verdict"), Edn.of(verdict.word()));
      line.put(Edn.of("reason"), Edn.of(named(file, verdict.reason())));
      line.putAll(outcome.details().entries());
      if (!reports.isEmpty()) {
        line.put(Edn.of("reports"), new Edn.Vector(texts(reports)));
      }
      out.println(JsonText.print(new Edn.Table(line)));
    } else {
      String reason = named(file, verdict.reason()).replaceAll("[\\t\\r\\n]+", " ");
      out.println(file + "\t" + verdict.word() + "\t" + outcome.columns().orElse(reason));
      for (String note : outcome.notes()) {
        spec.commandLine().getErr().println("phaistos: " + file + ": " + named(file, note));
      }
      for (Path report : reports) {
        spec.commandLine().getErr().println("phaistos: " + file + ": report: " + report);
      }
      if (isExplained && !outcome.text().isEmpty()) {
        out.println();
        out.println(outcome.text());
      }
    }
    out.flush();
  }

  private static List<Edn> texts(List<Path> paths) {
    return paths.stream().<Edn>map(path -> Edn.of(path.toString())).toList();
  }
}
