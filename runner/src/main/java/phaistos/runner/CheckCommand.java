package phaistos.runner;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.histories.Edn;
import phaistos.histories.HistoryException;
import phaistos.histories.JsonText;
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
      names = "--time-limit",
      paramLabel = "SECONDS",
      description = "For each file; then the verdict is unknown.")
  private Optional<Double> timeLimitSeconds;

  @Option(
      names = {"-O", "--option"},
      paramLabel = "KEY=VALUE",
      description = "An option of the checker.")
  private Map<String, String> more = Map.of();

  @Option(names = "--json", description = "A JSON object a line, with all that is known.")
  private boolean isJson;

  @Option(names = "--report", paramLabel = "FOLDER", description = "Write reports there.")
  private Optional<Path> reportFolder;

  @Override
  public Integer call() {
    FileCheck check = fileCheck();
    FileCheck.Options options = new FileCheck.Options(timeLimitSeconds, more, reportFolder);
    PrintWriter out = spec.commandLine().getOut();
    List<Verdict> verdicts = new ArrayList<>();
    for (Path file : files) {
      FileCheck.Outcome outcome = check(check, file, options);
      verdicts.add(outcome.verdict());
      print(out, file, outcome);
    }
    return Verdict.merge(verdicts).exitCode();
  }

  private FileCheck fileCheck() {
    if (checker.isEmpty()) {
      throw new UsageException("check needs --checker, one of " + FileChecks.BY_NAME.keySet());
    }
    FileCheck known = FileChecks.BY_NAME.get(checker.get());
    if (known == null) {
      throw new UsageException(
          "no checker " + checker.get() + "; known are " + FileChecks.BY_NAME.keySet());
    }
    return known;
  }

  private static FileCheck.Outcome check(FileCheck check, Path file, FileCheck.Options options) {
    long limitNanos = options.timeLimitSeconds().map(s -> (long) (s * 1e9)).orElse(Long.MAX_VALUE);
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

  private void print(PrintWriter out, Path file, FileCheck.Outcome outcome) {
    Verdict verdict = outcome.verdict();
    if (isJson) {
      LinkedHashMap<Edn, Edn> line = new LinkedHashMap<>();
      line.put(Edn.of("path"), Edn.of(file.toString()));
      line.put(Edn.of("verdict"), Edn.of(verdict.word()));
      line.put(Edn.of("reason"), Edn.of(verdict.reason()));
      line.putAll(outcome.details().entries());
      out.println(JsonText.print(new Edn.Table(line)));
    } else {
      String reason = verdict.reason().replaceAll("[\\t\\r\\n]+", " ");
      out.println(file + "\t" + verdict.word() + "\t" + reason);
    }
    out.flush();
  }
}
