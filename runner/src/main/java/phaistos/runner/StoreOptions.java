package phaistos.runner;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import phaistos.harness.Keep;
import phaistos.harness.TestPlan;
import phaistos.histories.RunStore;
import phaistos.runner.options.Suggestions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for what a run leaves in the store. */
final class StoreOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--store", paramLabel = "DIR", description = "where histories and reports go")
  private Path store = Path.of("store");

  @Option(
      names = "--keep",
      paramLabel = "WHAT",
      defaultValue = "failures",
      description =
          "the nodes' data directories, with which analyze judges a run again: images (always),"
              + " failures (if the verdict is invalid), none, verdict (none, and no reports of a"
              + " valid run)")
  private String keep;

  @Option(
      names = "--keep-runs",
      paramLabel = "N",
      description = "how many runs of this test stay in the store; all if not given")
  private Integer keepRuns;

  TestPlan.Output output(String replay) {
    List<String> words = Arrays.stream(Keep.values()).map(Keep::word).toList();
    if (!words.contains(keep)) {
      throw wrong(
          "--keep: '%s' (expected one of %s)%s"
              .formatted(keep, String.join(", ", words), Suggestions.text(keep, words)));
    }
    if (keepRuns != null && keepRuns < 1) {
      throw wrong("--keep-runs: " + keepRuns + " (expected at least 1)");
    }
    return new TestPlan.Output(store, Optional.of(replay), Keep.values()[words.indexOf(keep)]);
  }

  /** Removes the oldest runs of the test, and says which. */
  void prune(String test) {
    if (keepRuns != null) {
      RunStore.prune(store, test, keepRuns)
          .forEach(run -> spec.commandLine().getErr().println("removed: " + run));
    }
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), "Invalid value for option " + text);
  }
}
