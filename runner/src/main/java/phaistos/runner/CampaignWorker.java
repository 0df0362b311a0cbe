package phaistos.runner;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import phaistos.harness.Keep;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;
import phaistos.harness.campaign.BrokenPromise;
import phaistos.harness.campaign.Explainer;
import phaistos.harness.campaign.Worker;
import phaistos.harness.explain.Explain;
import phaistos.harness.explain.Explanation;
import phaistos.harness.explain.ExplanationFiles;
import phaistos.harness.explain.ExplanationText;
import phaistos.harness.explain.FirstPromise;
import phaistos.runner.options.ExitCode;
import picocli.CommandLine;

/** The main class of a campaign's worker process. */
public final class CampaignWorker {
  /** A worker's heap, unless PHAISTOS_OPTS says otherwise: a share of the machine's memory. */
  private static final double SHARE_OF_MEMORY = 0.6;

  /** Of an explanation; explain.json has it whole. */
  private static final int SENTENCES_MAX = 12;

  private static final long HEAP_MIN_MB = 512;
  private static final long HEAP_MAX_MB = 4_096;

  private CampaignWorker() {}

  public static void main(String[] arguments) throws InterruptedException {
    Locale.setDefault(Locale.ROOT);
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    System.setOut(System.err);
    // Ctrl-C in a terminal is sent to all processes; what it means is the parent's to decide.
    Signals.handle(_ -> {});
    try {
      Worker.work(System.in, out, CampaignWorker::plan, new OwnExplainer());
    } catch (RuntimeException e) {
      e.printStackTrace();
      System.exit(ExitCode.CRASHED);
    }
  }

  /** The test of these options, built by the command that takes them. */
  static TestPlan plan(String options, long seed, Path store) {
    TestPlan plan = command(options, seed).plan();
    return plan.output(new TestPlan.Output(store, plan.output().replay(), Keep.FAILED_RUNS));
  }

  private static final class OwnExplainer implements Explainer {
    @Override
    public Optional<BrokenPromise> promise(TestPlan plan, Duration limit) {
      try {
        return FirstPromise.of(plan, limit)
            .map(place -> new BrokenPromise(place.step(), place.source(), place.sentence()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Leaves files in the run's folder, as the command does. */
    @Override
    public Optional<Explanation> explain(Path folder, String options, long seed, Duration limit) {
      try {
        var found =
            Explain.of(
                plan(options, seed, folder), StoredRun.open(folder), Explain.Limits.of(limit));
        if (found.isPresent()) {
          ExplanationFiles.write(folder, found.get());
        }
        return found.map(CampaignWorker::brief);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Explainer.Explanation brief(Explanation found) {
    Explanation.Cause cause = found.cause();
    return new Explainer.Explanation(
        cause.step().isEmpty() ? Optional.empty() : Optional.of(cause.step()),
        found.named().map(Explanation.Place::source).filter(source -> !source.isEmpty()),
        found.promise().isPresent(),
        cause.shape(),
        found.isComplete(),
        ExplanationText.lines(found).stream().limit(SENTENCES_MAX).toList());
  }

  /**
   * @throws CommandLine.ParameterException if an option is wrong
   */
  static RunCommand command(String options, long seed) {
    List<String> words = new ArrayList<>(LikeRun.split(options));
    words.addAll(List.of("--seed", Long.toString(seed)));
    RunCommand command = new RunCommand();
    CommandLine line = new CommandLine(command);
    line.setExpandAtFiles(false);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.parseArgs(words.toArray(String[]::new));
    return command;
  }

  /**
   * The command that starts a worker: this JVM with its options, without agents.
   *
   * @param workers how many share the machine's memory
   */
  static List<String> command(int workers) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    boolean hasHeap = false;
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      boolean isOwn =
          option.startsWith("-agentlib")
              || option.startsWith("-javaagent")
              || option.startsWith("-XX:AOT")
              || option.startsWith("-Xlog")
              || option.startsWith("-Dphaistos.terminal");
      if (!isOwn) {
        command.add(option);
      }
      hasHeap |= option.startsWith("-Xmx") || option.startsWith("-XX:MaxHeap");
    }
    if (!hasHeap) {
      var machine =
          (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long share = (long) (machine.getTotalMemorySize() * SHARE_OF_MEMORY / workers / (1 << 20));
      command.add("-Xmx" + Math.clamp(share, HEAP_MIN_MB, HEAP_MAX_MB) + "m");
    }
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(CampaignWorker.class.getName());
    return command;
  }
}
