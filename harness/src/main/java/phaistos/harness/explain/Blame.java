package phaistos.harness.explain;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.durability.StandbyRule;
import phaistos.harness.JudgedRun;
import phaistos.harness.LoadScript;
import phaistos.harness.Rerun;
import phaistos.harness.TestPlan;
import phaistos.simulator.SimulatedEnvironment;

/** Looks into the run of a case: the promise that was broken first, and the inevitable moment. */
final class Blame {
  private final Attempts attempts;
  private final TestPlan plan;
  private Optional<Explanation.Place> promise = Optional.empty();
  private Optional<Explanation.Place> jump = Optional.empty();
  private List<Explanation.Point> curve = List.of();
  private boolean isFromTheStart;

  /**
   * @param plan has the violation
   */
  Blame(Attempts attempts, TestPlan plan) {
    this.attempts = attempts;
    this.plan = plan;
  }

  Optional<Explanation.Place> promise() {
    return promise;
  }

  Optional<Explanation.Place> jump() {
    return jump;
  }

  List<Explanation.Point> curve() {
    return curve;
  }

  boolean isFromTheStart() {
    return isFromTheStart;
  }

  /** The first promise between steps that the run broke. */
  void findPromise() {
    StepTrace trace = new StepTrace();
    Optional<JudgedRun> run = attempts.run(Rerun.watched(plan, trace));
    if (run.isEmpty()) {
      return;
    }
    long began = loadNanos(run.get());
    List<Promises.Broken> broken =
        Promises.broken(trace, Acknowledged.of(run.get(), trace), counted(plan));
    promise =
        broken.stream()
            .findFirst()
            .map(
                first ->
                    new Explanation.Place(
                        first.taken().beganNanos - began,
                        first.taken().node,
                        first.taken().task,
                        first.taken().step.label(),
                        first.taken().source.line(),
                        first.taken().source.method(),
                        first.sentence()));
  }

  /** The moment from which on the violation comes whatever the simulator chooses. */
  void findJump() {
    Optional<TestPlan> fixed = withFixedCrash();
    if (fixed.isEmpty()) {
      return;
    }
    TestPlan plan = fixed.get();
    Moments moments = new Moments(-1);
    Optional<JudgedRun> run = attempts.run(Rerun.watched(plan, moments));
    if (run.isEmpty()) {
      return;
    }
    long began = loadNanos(run.get());
    Inevitable search = new Inevitable(attempts, plan, moments, began);
    try {
      Optional<Integer> step = search.find(began + Inevitable.endNanos(run.get()));
      isFromTheStart = step.isEmpty();
      jump =
          step.flatMap(at -> place(plan, at))
              .map(place -> place.since(moments.nanos(step.get()) - began));
    } finally {
      curve = search.curve();
    }
  }

  /**
   * The run with its crash at a time of its own, so that it does not depend on what is drawn anew.
   */
  private Optional<TestPlan> withFixedCrash() {
    LoadScript script = plan.load().script().orElseThrow();
    if (!script.crashesWhenAnswered()) {
      return Optional.of(plan);
    }
    Optional<JudgedRun> run = attempts.run(plan);
    for (long later : new long[] {0, 1_000, 100_000}) {
      if (run.isPresent()) {
        long crash = Inevitable.endNanos(run.get()) + later;
        TestPlan fixed = plan.load(plan.load().withScript(script.crashingAt(crash)));
        if (attempts.fails(fixed)) {
          return Optional.of(fixed);
        }
      }
    }
    return Optional.empty();
  }

  /** The task that was chosen there, its server's step and its line. */
  private Optional<Explanation.Place> place(TestPlan plan, int step) {
    Moments there = new Moments(step);
    StepTrace trace = new StepTrace();
    attempts.run(Rerun.watched(plan, there));
    attempts.run(Rerun.watched(plan, trace));
    return there
        .where()
        .map(
            where -> {
              String label = "";
              for (StepTrace.Taken taken : trace.taken()) {
                boolean isOpen = taken.beganAt <= step + 1 && taken.endedNanos >= there.nanos(step);
                if (taken.task.equals(where.task()) && isOpen) {
                  label = taken.step.label();
                }
              }
              String node = where.task().split("/", 2)[0];
              return new Explanation.Place(
                  0, node, where.task(), label, where.source().line(), where.source().method(), "");
            });
  }

  /** The standbys that the plan lists, unless its workload changes the list. */
  static Optional<Set<String>> counted(TestPlan plan) {
    boolean changes = List.of(plan.workload().name().split(",")).contains("reload");
    return plan.cluster()
        .standbyNames()
        .filter(_ -> !changes)
        .map(names -> Set.copyOf(StandbyRule.parse(names).names()));
  }

  /** When the load began, in simulated time. */
  static long loadNanos(JudgedRun run) {
    Instant began = run.recording().loadBegan().orElse(SimulatedEnvironment.START);
    return Duration.between(SimulatedEnvironment.START, began).toNanos();
  }
}
