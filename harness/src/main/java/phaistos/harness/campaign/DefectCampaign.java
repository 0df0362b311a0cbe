package phaistos.harness.campaign;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import phaistos.cluster.machine.MachineFiles;
import phaistos.harness.Cutoff;
import phaistos.harness.Harness;
import phaistos.harness.Keep;
import phaistos.harness.Progress;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;

/**
 * Runs tests with planted defects, many seeds each, one after the other in this JVM, and counts
 * what the checkers found. A run finds its defect if a checker proves a violation, and the same run
 * without the defect has none.
 *
 * @param folder for the stores of the runs; each is deleted after its run
 * @param firstSeed the seeds of a cell are this one and those that follow
 * @param seeds of each cell
 * @param limit of real time for the whole campaign; cells that do not begin in time are not run
 * @param cpuLimit of CPU time for a cell; no run begins after it
 * @param stopWhenFound whether a cell ends with its first detection
 */
public record DefectCampaign(
    Path folder,
    long firstSeed,
    int seeds,
    Duration limit,
    Duration cpuLimit,
    boolean stopWhenFound) {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /**
   * One defect under one plan.
   *
   * @param name "default mix" or what the defect names
   * @param plan the test of a seed; the campaign sets its store
   */
  public record Cell(String defect, String name, LongFunction<TestPlan> plan) {}

  /** Runs the cells, and gives each row as soon as it is complete. */
  public List<DefectRow> run(List<Cell> cells, Cutoff cutoff, Consumer<DefectRow> done) {
    long end = System.nanoTime() + limit.toNanos();
    List<DefectRow> rows = new ArrayList<>();
    Map<String, Boolean> soundIsInvalid = new HashMap<>();
    for (Cell cell : cells) {
      DefectRow row =
          new DefectRow(cell.defect, cell.name, trials(cell, cutoff, end, soundIsInvalid));
      rows.add(row);
      done.accept(row);
    }
    return rows;
  }

  private List<Trial> trials(
      Cell cell, Cutoff cutoff, long end, Map<String, Boolean> soundIsInvalid) {
    List<Trial> trials = new ArrayList<>();
    long cpuNanos = 0;
    for (int i = 0; i < seeds && cpuNanos < cpuLimit.toNanos(); i++) {
      if (cutoff.isRequested() || System.nanoTime() >= end) {
        break;
      }
      TestPlan plan = cell.plan.apply(firstSeed + i);
      Trial trial = run(plan);
      cpuNanos += trial.cpuNanos();
      String same = cell.name + " " + plan.seed();
      if (plan.cluster().defects().isEmpty()) {
        soundIsInvalid.put(same, trial.isFound());
      } else if (trial.isFound()
          && soundIsInvalid.computeIfAbsent(same, _ -> run(withoutDefect(plan)).isFound())) {
        trial = trial.alsoWithoutDefect();
      }
      trials.add(trial);
      if (stopWhenFound && trial.isFound()) {
        break;
      }
    }
    return trials;
  }

  private static TestPlan withoutDefect(TestPlan plan) {
    return plan.cluster(plan.cluster().withDefects(List.of()));
  }

  private Trial run(TestPlan plan) {
    long before = PROCESS.getProcessCpuTime();
    Path store = store();
    try {
      TestResult result =
          Harness.run(
              plan.output(new TestPlan.Output(store, Optional.empty(), Keep.VERDICT)),
              Progress.NONE,
              Instant.now());
      return new Trial(
          plan.seed(),
          result.exitCode() == 1 && !result.measures().proofs().isEmpty(),
          result.exitCode(),
          PROCESS.getProcessCpuTime() - before,
          result.measures().nanos(),
          result.measures().proofs(),
          result.firstScreen().getFirst(),
          result.measures().traceHash(),
          false);
    } catch (RuntimeException e) {
      long cpu = PROCESS.getProcessCpuTime() - before;
      String line = "CRASHED  " + plan.title() + ": " + String.valueOf(e.getMessage());
      return new Trial(
          plan.seed(),
          false,
          255,
          cpu,
          0,
          List.of(),
          line.lines().findFirst().orElse(line),
          Optional.empty(),
          false);
    } finally {
      delete(store);
    }
  }

  private Path store() {
    try {
      return Files.createTempDirectory(folder, "campaign");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path root) {
    try {
      MachineFiles.delete(root);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
