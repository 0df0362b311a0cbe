package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import phaistos.harness.TestPlan;
import phaistos.harness.TestResult;
import phaistos.harness.Violation;
import phaistos.histories.Edn;

/**
 * How a run of a campaign ended.
 *
 * @param reason the first line of its report
 * @param workload what its clients did: "commits,register"
 * @param violations what the checkers proved, in the verdict's order; of a run that hung or crashed
 *     one that says so
 * @param goals how often each goal was reached
 * @param faults how many faults of each kind had an effect, 0 for a kind that might have been drawn
 * @param simulatedNanos from the start of the load to the last event of the history
 * @param realMillis that the run took
 * @param promise that the server broke first; empty if none is known
 * @param trace hash of the whole simulation; empty outside of the simulator
 * @param folder of the run; empty if there is none
 */
public record RunResult(
    Ending ending,
    String reason,
    String workload,
    List<Violation> violations,
    Map<String, Integer> goals,
    Map<String, Integer> faults,
    long simulatedNanos,
    long realMillis,
    Optional<BrokenPromise> promise,
    Optional<String> trace,
    Optional<String> folder) {
  /** The verdicts, and the ways in which there is none. */
  public enum Ending {
    VALID,
    INVALID,
    UNKNOWN,
    /** It did not end within its limit, and its process was killed. */
    HUNG,
    /** Its process ended, or Phaistos itself failed. */
    CRASHED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Jepsen's exit code. */
    public int exitCode() {
      return switch (this) {
        case VALID -> 0;
        case INVALID -> 1;
        case UNKNOWN -> 2;
        case HUNG, CRASHED -> 255;
      };
    }

    /** Whether it is a finding. */
    public boolean isFailure() {
      return switch (this) {
        case VALID, UNKNOWN -> false;
        case INVALID, HUNG, CRASHED -> true;
      };
    }
  }

  /** The name under which a run that hung or crashed is a violation. */
  static final String HARNESS = "the run itself";

  public RunResult {
    violations = List.copyOf(violations);
    goals = Collections.unmodifiableMap(new TreeMap<>(goals));
    faults = Collections.unmodifiableMap(new TreeMap<>(faults));
  }

  /**
   * What a failure is grouped by: its first violation. The same check of another workload counts as
   * the same one, since which workloads a run has is drawn.
   */
  Violation violation() {
    Violation first =
        violations.isEmpty()
            ? new Violation(HARNESS, Violation.kind(reason))
            : violations.getFirst();
    return new Violation(first.checker().replaceFirst("^[a-z0-9-]+: ", ""), first.kind());
  }

  /** Of a run that came to its end. */
  public static RunResult of(
      TestPlan plan, TestResult result, long realMillis, Optional<BrokenPromise> promise) {
    TestResult.Measures measures = result.measures();
    Ending ending =
        switch (result.exitCode()) {
          case 0 -> Ending.VALID;
          case 1 -> Ending.INVALID;
          case 2 -> Ending.UNKNOWN;
          default -> Ending.CRASHED;
        };
    return new RunResult(
        ending,
        result.firstScreen().getFirst(),
        plan.workload().name(),
        measures.violations(),
        measures.goals(),
        measures.faults(),
        measures.nanos(),
        realMillis,
        promise,
        measures.traceHash(),
        Optional.of(result.folder().toString()));
  }

  /** Of a run without a verdict. */
  public static RunResult without(
      Ending ending, String reason, String workload, long realMillis, Optional<String> folder) {
    return new RunResult(
        ending,
        ending.name() + "  " + reason,
        workload,
        List.of(new Violation(HARNESS, ending.word() + ": " + Violation.kind(reason))),
        Map.of(),
        Map.of(),
        0,
        realMillis,
        Optional.empty(),
        Optional.empty(),
        folder);
  }

  RunResult withFolder(Optional<String> path) {
    return new RunResult(
        ending,
        reason,
        workload,
        violations,
        goals,
        faults,
        simulatedNanos,
        realMillis,
        promise,
        trace,
        path);
  }

  /** One map; what is empty is left out. */
  public Edn.Table toEdn() {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("ending"), Edn.keyword(ending.word()));
    table.put(Edn.keyword("reason"), Edn.of(reason));
    table.put(Edn.keyword("workload"), Edn.of(workload));
    if (!violations.isEmpty()) {
      List<Edn> all = new ArrayList<>();
      violations.forEach(
          each -> all.add(new Edn.Vector(List.of(Edn.of(each.checker()), Edn.of(each.kind())))));
      table.put(Edn.keyword("violations"), new Edn.Vector(all));
    }
    table.put(Edn.keyword("goals"), counts(goals));
    table.put(Edn.keyword("faults"), counts(faults));
    table.put(Edn.keyword("simulated-nanos"), Edn.of(simulatedNanos));
    table.put(Edn.keyword("real-millis"), Edn.of(realMillis));
    promise.ifPresent(
        broken -> {
          table.put(Edn.keyword("step"), Edn.of(broken.step()));
          table.put(Edn.keyword("source"), Edn.of(broken.source()));
          table.put(Edn.keyword("promise"), Edn.of(broken.sentence()));
        });
    trace.ifPresent(hash -> table.put(Edn.keyword("trace"), Edn.of(hash)));
    folder.ifPresent(path -> table.put(Edn.keyword("folder"), Edn.of(path)));
    return new Edn.Table(table);
  }

  /**
   * @throws IllegalArgumentException if it is none
   */
  public static RunResult ofEdn(Edn.Table table) {
    List<Violation> violations = new ArrayList<>();
    if (table.get("violations") instanceof Edn.Vector all) {
      for (Edn each : all.items()) {
        List<Edn> pair = each.elements();
        violations.add(new Violation(Fields.text(pair.get(0)), Fields.text(pair.get(1))));
      }
    }
    return new RunResult(
        Fields.word(table, "ending", Ending.class),
        Fields.text(table, "reason"),
        Fields.text(table, "workload"),
        violations,
        counts(table.get("goals")),
        counts(table.get("faults")),
        Fields.number(table, "simulated-nanos"),
        Fields.number(table, "real-millis"),
        Fields.optionalText(table, "step")
            .map(
                step ->
                    new BrokenPromise(
                        step, Fields.text(table, "source"), Fields.text(table, "promise"))),
        Fields.optionalText(table, "trace"),
        Fields.optionalText(table, "folder"));
  }

  private static Edn counts(Map<String, Integer> counts) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    counts.forEach((name, count) -> table.put(Edn.of(name), Edn.of(count)));
    return new Edn.Table(table);
  }

  private static Map<String, Integer> counts(Edn value) {
    Map<String, Integer> counts = new TreeMap<>();
    if (value instanceof Edn.Table table) {
      table
          .entries()
          .forEach((name, count) -> counts.put(Fields.text(name), (int) ((Edn.Int) count).value()));
    }
    return counts;
  }
}
