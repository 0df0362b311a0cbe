package phaistos.runner;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import phaistos.harness.sweep.CrashSweep;
import phaistos.harness.sweep.SweepOptions;
import phaistos.harness.sweep.SweepOptions.Target;
import phaistos.runner.options.ExitCode;
import phaistos.runner.options.UsageException;
import phaistos.server.defects.Defects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./phaistos crash-sweep}: a power cut at every change of a node's disk. */
@Command(
    name = "crash-sweep",
    description = {
      "crashes a node of the database at every change of its disk, and recovers it.",
      "",
      "Records a run of transactions on a simulated disk. For each change of the disk it makes what"
          + " a power cut may leave: nothing unsynced, all of it, each unsynced write alone, torn"
          + " and reordered ones; over the last transactions every subset of up to four. Each image"
          + " is recovered and compared with a model of the transactions."
    },
    mixinStandardHelpOptions = true)
final class CrashSweepCommand implements Callable<Integer> {
  /** From this many transactions on a run must have crossed and removed segments. */
  private static final int WHOLE = 500;

  @Spec private CommandSpec spec;

  @Option(
      names = "--node",
      paramLabel = "NODE",
      description = "which node: primary, standby or both (default).")
  private String node = "both";

  @Option(names = "--seed", paramLabel = "N", description = "the seed (default 1).")
  private long seed = 1;

  @Option(
      names = "--transactions",
      paramLabel = "N",
      description = "how many transactions (default 500).")
  private int transactions = 500;

  @Option(
      names = "--last",
      paramLabel = "N",
      description = "over how many of the last ones subsets are tried (default 20).")
  private int last = 20;

  @Option(
      names = "--subsets",
      paramLabel = "N",
      description = "at most this many images of subsets; others are counted (default 20000).")
  private int subsets = 20_000;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "a crash at every Nth change only (default 1: at every one).")
  private int stride = 1;

  @Option(
      names = "--at",
      paramLabel = "N",
      description = "a crash after this change only, to look at a difference again.")
  private Integer at;

  @Option(
      names = "--defect",
      paramLabel = "NAME",
      description = "plants a defect in the node (./phaistos defects describes them).")
  private String defect = "";

  @Override
  public Integer call() {
    int code = ExitCode.VALID;
    for (Target target : targets()) {
      code = Math.max(code, sweep(target));
    }
    return code;
  }

  private List<Target> targets() {
    return switch (node) {
      case "primary" -> List.of(Target.PRIMARY);
      case "standby" -> List.of(Target.STANDBY);
      case "both" -> List.of(Target.PRIMARY, Target.STANDBY);
      default ->
          throw new UsageException("--node %s: expected primary, standby or both".formatted(node));
    };
  }

  private String verdict(CrashSweep.Report report) {
    if (report.differing() > 0) {
      return "INVALID  crash sweep";
    }
    return report.distinct() == 0 || !isWhole(report)
        ? "UNKNOWN  crash sweep that has not seen everything"
        : "VALID  crash sweep";
  }

  /** A long run must have crossed and removed segments; a short one cannot. */
  private boolean isWhole(CrashSweep.Report report) {
    return transactions < WHOLE || report.coverage().isWhole();
  }

  private int sweep(Target target) {
    SweepOptions options;
    try {
      Defects.parse(defect);
      options =
          new SweepOptions(
              target,
              seed,
              transactions,
              last,
              subsets,
              stride,
              at == null ? OptionalInt.empty() : OptionalInt.of(at),
              defect);
    } catch (IllegalArgumentException e) {
      throw new UsageException("the options do not fit: " + e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    String name = target.name().toLowerCase(java.util.Locale.ROOT);
    CrashSweep.Report report = CrashSweep.run(options, line -> System.err.println(line));
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s of the %s: %d transactions, %d calls of its disk, %d changes, %d crashes"
            .formatted(
                verdict(report),
                name,
                transactions,
                report.calls(),
                report.changes(),
                report.crashes()));
    lines.add(
        "%d images, %d distinct ones recovered, %d subsets left out; %d differences"
            .formatted(
                report.images(), report.distinct(), report.subsetsLeftOut(), report.differing()));
    lines.add("the run: " + report.coverage());
    report.differences().forEach(difference -> lines.add("  after " + difference));
    lines.add(
        "repeat: ./phaistos crash-sweep --node %s --seed %d --transactions %d"
                .formatted(name, seed, transactions)
            + (defect.isEmpty() ? "" : " --defect " + defect));
    lines.forEach(out::println);
    out.flush();
    if (report.differing() == 0 && (report.distinct() == 0 || !isWhole(report))) {
      return ExitCode.UNKNOWN;
    }
    return report.differing() == 0 ? ExitCode.VALID : ExitCode.INVALID;
  }
}
