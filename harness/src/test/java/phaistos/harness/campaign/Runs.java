package phaistos.harness.campaign;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.harness.Violation;

/** Runs that a test makes up. */
final class Runs {
  static final String NIGHT = "20260701T000000.000Z";
  private static final Instant TIME = Instant.parse("2026-07-01T00:00:10Z");

  private Runs() {}

  static Entry.Run valid(int number, long seed) {
    return run(number, seed, 1_000, result(RunResult.Ending.VALID, List.of(), 1_000));
  }

  static Entry.Run invalid(int number, long seed, String kind) {
    return invalid(number, seed, kind, 1_000);
  }

  static Entry.Run invalid(int number, long seed, String kind, long millis) {
    List<Violation> violations = List.of(new Violation("audit", kind));
    return run(number, seed, millis, result(RunResult.Ending.INVALID, violations, millis));
  }

  static Entry.Run hung(int number, long seed) {
    RunResult result =
        RunResult.without(
            RunResult.Ending.HUNG, "it did not end within 10m", "", 600_000, Optional.empty());
    return run(number, seed, 600_000, result);
  }

  static RunResult result(RunResult.Ending ending, List<Violation> violations, long millis) {
    return new RunResult(
        ending,
        ending.name() + "  made up",
        "commits",
        violations,
        Map.of("a goal", 1),
        Map.of("kill", 2, "pause", 0),
        5_000_000_000L,
        millis,
        Optional.empty(),
        Optional.of("82cf03e7632ec945"),
        Optional.empty());
  }

  static Entry.Run breaking(Entry.Run run, String step) {
    RunResult r = run.result();
    BrokenPromise promise =
        new BrokenPromise(step, "phaistos/server/wal/Wal.java:375", "ended without disk.sync");
    RunResult result =
        new RunResult(
            r.ending(),
            r.reason(),
            r.workload(),
            r.violations(),
            r.goals(),
            r.faults(),
            r.simulatedNanos(),
            r.realMillis(),
            Optional.of(promise),
            r.trace(),
            r.folder());
    return new Entry.Run(
        run.number(), run.night(), run.why(), run.seed(), run.options(), run.ended(), result);
  }

  static Entry.Run with(Entry.Run run, String night, Entry.Why why) {
    return new Entry.Run(
        run.number(), night, why, run.seed(), run.options(), run.ended(), run.result());
  }

  private static Entry.Run run(int number, long seed, long millis, RunResult result) {
    return new Entry.Run(number, NIGHT, Entry.Why.FRESH, seed, "--rate 10", TIME, result);
  }
}
