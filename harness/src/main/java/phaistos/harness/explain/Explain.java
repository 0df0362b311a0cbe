package phaistos.harness.explain;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import phaistos.harness.Cutoff;
import phaistos.harness.Finding;
import phaistos.harness.JudgedRun;
import phaistos.harness.Rerun;
import phaistos.harness.StoredRun;
import phaistos.harness.TestPlan;

/** Explains a stored run that is invalid. */
public final class Explain {
  private static final String CRASH_AUDIT = "audit of the crash images";

  private final TestPlan plan;
  private final StoredRun stored;
  private final Limits limits;
  private final List<String> open = new ArrayList<>();

  /**
   * How much may be done.
   *
   * @param time in all, of this machine
   * @param cutoff ends it early
   * @param progress receives a line when something is found
   * @param findsJump whether to draw tails anew, which takes most of the time
   */
  public record Limits(Duration time, Cutoff cutoff, Consumer<String> progress, boolean findsJump) {
    public Limits(Duration time, Cutoff cutoff, Consumer<String> progress) {
      this(time, cutoff, progress, true);
    }

    public static Limits of(Duration time) {
      return new Limits(time, new Cutoff(), _ -> {});
    }

    public Limits withoutJump() {
      return new Limits(time, cutoff, progress, false);
    }
  }

  private Explain(TestPlan plan, StoredRun stored, Limits limits) {
    this.plan = plan;
    this.stored = stored;
    this.limits = limits;
  }

  /**
   * Explains the first violation of a run. In the simulator it runs variants of it; elsewhere it
   * joins losses and faults only.
   *
   * @param plan of the run, with the same workload; whatever is planted in its server stays
   * @return empty if the run, judged again, has no violation
   * @throws StoredRun.StoredRunException if a file is missing or damaged
   * @throws phaistos.histories.HistoryException if the history is
   * @throws IOException if there is no place for temporary files
   */
  public static Optional<Explanation> of(TestPlan plan, StoredRun stored, Limits limits)
      throws IOException {
    try (Rerun rerun = Rerun.open()) {
      return new Explain(plan, stored, limits).explain(rerun);
    }
  }

  private Optional<Explanation> explain(Rerun rerun) {
    long start = System.nanoTime();
    JudgedRun judged = rerun.judge(plan, stored);
    if (judged.findings().isEmpty()) {
      return Optional.empty();
    }
    // an operation that is named is where to begin
    List<Finding> wanted = new ArrayList<>(judged.findings());
    wanted.sort(Comparator.comparing(finding -> finding.events().isEmpty()));
    Finding violation = wanted.getFirst();
    limits.progress.accept("violation: " + violation.part() + ": " + violation.kind());
    judged.joined().forEach(limits.progress);
    long end = start + limits.time.toNanos();
    Attempts attempts = new Attempts(rerun, wanted, end, limits.cutoff);
    Optional<Explanation.Smaller> smaller = Optional.empty();
    if (plan.deployment().isSimulated()) {
      smaller = smaller(attempts, judged, wanted);
      violation = attempts.wanted();
    } else {
      open.add("not made smaller: only a simulated run repeats itself");
    }
    attempts.until(end);
    Optional<Blame> blame = smaller.map(found -> new Blame(attempts, found.plan()));
    blame.ifPresent(this::look);
    double seconds = (System.nanoTime() - start) / 1e9;
    return Optional.of(
        new Explanation(
            violation,
            judged.joined(),
            smaller,
            blame.flatMap(Blame::promise),
            blame.flatMap(Blame::jump),
            blame.map(Blame::curve).orElse(List.of()),
            smaller.flatMap(
                found -> JUnitSource.of(found, attempts.wanted().reason(), stored.folder())),
            new Explanation.Effort(attempts.runs(), seconds),
            open));
  }

  private void look(Blame blame) {
    try {
      blame.findPromise();
      if (limits.findsJump) {
        blame.findJump();
      }
    } catch (Attempts.OverException e) {
      open.add("the step where it becomes inevitable was not found: " + e.getMessage());
    }
  }

  private Optional<Explanation.Smaller> smaller(
      Attempts attempts, JudgedRun judged, List<Finding> wanted) {
    boolean atCrash = attempts.wanted().part().equals(CRASH_AUDIT);
    FirstCases first = new FirstCases(plan, stored, judged, wanted, atCrash);
    Optional<Case> found = Optional.empty();
    try {
      found = first(first, attempts);
      if (found.isEmpty()) {
        open.add("no variant of the run has the violation, the whole run neither");
        return Optional.empty();
      }
      if (found.get().calls().isEmpty()) {
        open.add(
            "not made smaller than the beginning of the run: its calls alone do not repeat it");
        return Optional.of(describe(found.get(), attempts));
      }
    } catch (Attempts.OverException e) {
      open.add("no smaller run yet: " + e.getMessage());
      return Optional.empty();
    }
    // What comes after must have its share of the time, however small the run may become.
    attempts.until(System.nanoTime() + attempts.leftNanos() * 3 / 4);
    Shrinker shrinker = new Shrinker(attempts, found.get());
    try {
      shrinker.run();
    } catch (Attempts.OverException e) {
      open.add("the smaller run may become smaller still: " + e.getMessage());
    }
    return Optional.of(describe(shrinker.best(), attempts));
  }

  /** The small ones, for some of the time, then larger ones. */
  private Optional<Case> first(FirstCases first, Attempts attempts) {
    long end = System.nanoTime() + attempts.leftNanos();
    attempts.until(System.nanoTime() + attempts.leftNanos() * 2 / 5);
    try {
      Optional<Case> small = first(first, first.small(), attempts);
      if (small.isPresent()) {
        return small;
      }
    } catch (Attempts.OverException _) {
      // the larger ones have the rest of the time
    } finally {
      attempts.until(end);
    }
    return first(first, first.large(), attempts);
  }

  private Optional<Case> first(FirstCases first, List<Case> cases, Attempts attempts) {
    Optional<Case> drawn = Optional.empty();
    for (Case each : cases) {
      if (attempts.fails(each.toPlan())) {
        if (each.calls().isPresent()) {
          limits.progress.accept(
              "a variant with %d calls and %d faults has it"
                  .formatted(each.callCount(), each.faultCount()));
          attempts.settle();
          return Optional.of(each);
        }
        Case scripted = first.scripted(each);
        if (attempts.fails(scripted.toPlan())) {
          attempts.settle();
          return Optional.of(scripted);
        }
        drawn = drawn.or(() -> Optional.of(each));
      }
    }
    return drawn;
  }

  private static Explanation.Smaller describe(Case found, Attempts attempts) {
    Optional<JudgedRun> run = attempts.again(found.toPlan());
    return new Explanation.Smaller(
        found.toPlan(),
        found.calls(),
        found.faults().map(Case::schedule),
        found.faults().map(List::size).orElse(0),
        found.shape(),
        run.flatMap(judged -> judged.like(attempts.wanted())).map(Finding::reason).orElse(""),
        run.map(JudgedRun::joined).orElse(List.of()));
  }
}
