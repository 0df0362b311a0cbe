package phaistos.runner;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import phaistos.harness.Cutoff;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;
import phaistos.harness.explain.Explain;
import phaistos.harness.explain.Explanation;
import phaistos.harness.explain.ExplanationFiles;
import phaistos.harness.explain.ExplanationJson;
import phaistos.harness.explain.ExplanationText;
import phaistos.histories.HistoryException;
import phaistos.runner.options.DurationConverter;
import phaistos.runner.options.ExitCode;
import phaistos.runner.options.OutputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code phaistos explain}: says why a stored run is invalid. */
@Command(
    name = "explain",
    description = {
      "Says why a stored run is invalid: the losses joined to the faults, a smaller run with the",
      "same violation, the first promise between steps of the server that it breaks, the moment",
      "from which on the violation is inevitable, and a JUnit test that repeats it. Outside of the",
      "simulator only the first. It goes into the run's page, and to explain.json beside it.",
      "Exit code 1 if the run is invalid, 0 if it is valid, 2 if there is nothing to go by."
    },
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      defaultValue = "store/latest",
      description = "a run's folder; ${DEFAULT-VALUE} if not given")
  private Path folder;

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "50s",
      description = "how long it may take: 30s, 5m; what is found by then is printed")
  private Duration limit;

  @Option(names = "--json", description = "prints the explanation as JSON")
  private boolean isJson;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      StoredRun run = LikeRun.open(folder);
      if (run.isValid().orElse(false)) {
        out.println("VALID  there is nothing to explain");
        return ExitCode.VALID;
      }
      TestPlan plan = AnalyzeCommand.plan(run);
      Cutoff cutoff = new Cutoff();
      Signals.handle(name -> cutoff.request("SIG" + name));
      Optional<Explanation> explanation =
          Explain.of(plan, run, new Explain.Limits(limit, cutoff, System.err::println));
      if (explanation.isEmpty()) {
        return nothing(run.isValid(), out);
      }
      write(run.folder(), explanation.get());
      if (isJson) {
        out.print(ExplanationJson.text(explanation.get()));
      } else {
        ExplanationText.lines(explanation.get()).forEach(out::println);
      }
      out.flush();
      return ExitCode.INVALID;
    } catch (StoredRun.StoredRunException | HistoryException e) {
      out.println("UNKNOWN  " + e.getMessage());
      return ExitCode.UNKNOWN;
    }
  }

  private static int nothing(Optional<Boolean> valid, PrintWriter out) {
    out.println(
        valid.isEmpty()
            ? "UNKNOWN  the run proved no violation, so there is nothing to explain"
            : "UNKNOWN  the run was invalid, but judged again it has no violation: its images were"
                + " not kept (run --keep failures), or the checks have changed");
    return ExitCode.UNKNOWN;
  }

  private static void write(Path folder, Explanation explanation) {
    try {
      ExplanationFiles.write(folder, explanation);
    } catch (IOException e) {
      throw new OutputException(e.getMessage(), e);
    }
  }
}
