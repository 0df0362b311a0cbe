package phaistos.runner;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import phaistos.harness.Harness;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.histories.HistoryException;
import phaistos.runner.options.ExitCode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code phaistos analyze}: judges a stored run again, with the checkers of today. */
@Command(
    name = "analyze",
    description = {
      "Judges a stored run again, with the checkers of today. The verdict, its report and the page",
      "go to the folder analysis in the run's folder. On the same revision results.edn is equal",
      "byte for byte, if the nodes' images were kept (run --keep images).",
      "The exit code is that of the new verdict."
    },
    mixinStandardHelpOptions = true)
final class AnalyzeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      defaultValue = "store/latest",
      description = "a run's folder; ${DEFAULT-VALUE} if not given")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      StoredRun run = LikeRun.open(folder);
      TestResult result = Harness.analyze(plan(run), run);
      result.firstScreen().forEach(out::println);
      out.println(compare(run));
      return result.exitCode();
    } catch (StoredRun.StoredRunException | HistoryException e) {
      out.println("UNKNOWN  " + e.getMessage());
      return ExitCode.UNKNOWN;
    }
  }

  /** Built by the command that made the run, so that every option has its meaning. */
  static TestPlan plan(StoredRun run) {
    List<String> options = LikeRun.options(run);
    RunCommand command = new RunCommand();
    new CommandLine(command).parseArgs(options.toArray(String[]::new));
    return command.plan();
  }

  private static String compare(StoredRun run) throws IOException {
    Path before = run.folder().resolve("results.edn");
    if (!Files.exists(before)) {
      return "stored verdict: none, the run did not come so far";
    }
    long differs = Files.mismatch(before, run.folder().resolve("analysis/results.edn"));
    return differs < 0
        ? "stored verdict: the same, results.edn is equal byte for byte"
        : "stored verdict: another; compare results.edn with analysis/results.edn";
  }
}
