package phaistos.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Verdict;
import phaistos.checker.durability.AuditInput;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.Counts;
import phaistos.checker.durability.DurabilityAudit;
import phaistos.checker.durability.FinalRead;
import phaistos.checker.durability.ImageKind;
import phaistos.checker.durability.Marker;
import phaistos.checker.durability.NodeImage;
import phaistos.checker.replication.ReplyReport;
import phaistos.harness.coverage.Coverage;
import phaistos.harness.coverage.FaultMinimum;
import phaistos.harness.coverage.SegmentGoal;
import phaistos.harness.run.CrashAudit;
import phaistos.harness.run.CutShortException;
import phaistos.harness.run.LivenessProbe;
import phaistos.harness.run.Recording;
import phaistos.harness.run.ReplicaComparison;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.RunStore;
import phaistos.histories.UntypedCall;
import phaistos.nemesis.Evidence;
import phaistos.workloads.AuditNeeds;
import phaistos.workloads.Workload;

/**
 * Judges a recording with the audits and the workload's checkers, and decides whether the run
 * tested anything.
 */
final class RunJudge<C> {
  static final String CRASH_AUDIT = "audit of the crash images";

  private static final String UNAUDITED_REPLIES =
      "the standbys' replies were not audited: only a simulated cluster shows what a power cut at"
          + " that moment would leave";
  static final String REPLICAS = "replicas";

  /** The time limit for one checker. */
  private static final Duration CHECK_LIMIT = Duration.ofMinutes(5);

  /**
   * One part of a verdict.
   *
   * @param name what was judged, for people and for results.edn
   */
  record Part(String name, Verdict verdict, Optional<AuditReport> audit) {
    Part(String name, Verdict verdict) {
      this(name, verdict, Optional.empty());
    }
  }

  /**
   * @param evidence the measured effects of the faults
   * @param coverage how often each goal was reached
   * @param claim the claim of a valid verdict
   * @param notes what was not judged, and why
   */
  record Judgement(
      Verdict verdict,
      List<Part> parts,
      Evidence evidence,
      Coverage coverage,
      String claim,
      List<String> notes) {}

  private final Recording recording;
  private final Workload<C> workload;
  private final TestPlan plan;
  private final RunStore store;
  private final History<UntypedCall> history;
  private final Evidence evidence;
  private Optional<History<C>> decoded = Optional.empty();

  RunJudge(Recording recording, Workload<C> workload, TestPlan plan, RunStore store) {
    this.recording = recording;
    this.workload = workload;
    this.plan = plan;
    this.store = store;
    this.history = History.of(recording.events());
    this.evidence = Evidence.of(history);
  }

  Judgement judge() {
    List<Part> parts = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    String claim = workload.claim();
    switch (workload.audit()) {
      case AuditNeeds.Markers markers -> {
        parts.add(audit(CRASH_AUDIT, recording.crashImages(), markers));
        parts.add(audit("audit after replay", recording.replayedImages(), markers));
        claim = lostAsAllowed(parts) + (claim.isEmpty() ? "" : claim + "; ") + claimOf();
        parts.add(
            new Part(
                "survivors", Survivors.judge(history, Survivors.holes(parts.getFirst().audit()))));
        parts.add(new Part("final reads", ReportedLoss.judge(history, markers.finalReads())));
      }
      case AuditNeeds.Nothing(String why) -> notes.add("the nodes' files were not audited: " + why);
    }
    recording
        .replies()
        .ifPresentOrElse(
            report -> {
              parts.add(new Part(ReplyReport.NAME, report.verdict()));
              parts.add(new Part(ReplyReport.ACKNOWLEDGEMENTS, report.acknowledgements()));
              parts.add(new Part(ReplyReport.WRITES, report.writes()));
            },
            () -> notes.add(UNAUDITED_REPLIES));
    workload.checkers().forEach(checker -> parts.add(check(checker)));
    if (parts.isEmpty()) {
      parts.add(
          new Part("checkers", new Verdict.Unknown("the workload has no checker and no audit")));
    }
    if (!recording.taskFailures().isEmpty()) {
      parts.add(new Part("tasks", new Verdict.Unknown(failedTasks())));
    }
    parts.add(new Part("faults", faults()));
    parts.add(new Part("liveness", liveness()));
    parts.add(new Part(REPLICAS, replicas()));
    Coverage coverage = coverage();
    List<String> unmet = coverage.unmet();
    parts.add(
        new Part(
            "coverage",
            unmet.isEmpty()
                ? Verdict.VALID
                : new Verdict.Unknown("goals not reached: " + String.join(", ", unmet))));
    recording
        .problem()
        .ifPresent(
            problem ->
                parts.addFirst(
                    new Part(
                        "harness",
                        new Verdict.Unknown(
                            problem instanceof CutShortException
                                ? describe(problem)
                                : "the run ended early: " + describe(problem)))));
    parts.replaceAll(this::asExpected);
    Verdict verdict = Verdict.merge(parts.stream().map(Part::verdict).toList());
    return new Judgement(
        verdict, List.copyOf(parts), evidence, coverage, claim, List.copyOf(notes));
  }

  /** No database keeps what has no good copy left: what is lost then says nothing of it. */
  private Part asExpected(Part part) {
    if (evidence.lastCopies().isEmpty() || !(part.verdict() instanceof Verdict.Invalid invalid)) {
      return part;
    }
    String why =
        "faults took the last good copy of what was promised (%s), and then: %s"
            .formatted(String.join(", ", evidence.lastCopies()), invalid.reason());
    return new Part(part.name(), new Verdict.Unknown(why), part.audit());
  }

  /** What a server does not do says nothing once one of its tasks has ended with an exception. */
  private String failedTasks() {
    List<String> failures = recording.taskFailures();
    String more = failures.size() == 1 ? "" : ", and %d more".formatted(failures.size() - 1);
    return "a task of a server failed: " + failures.getFirst() + more;
  }

  private Coverage coverage() {
    Coverage coverage = Coverage.of(workload.goals(), FaultMinimum.of(plan), recording.events());
    SegmentGoal.count(recording.crashImages(), recording.positions())
        .ifPresent(count -> coverage.add(SegmentGoal.NAME, count));
    return coverage;
  }

  /** "12 of 340 acknowledged commits were lost as their level allows; of the others ...". */
  private static String lostAsAllowed(List<Part> parts) {
    Counts counts = parts.getLast().audit().map(AuditReport::counts).orElse(Counts.NONE);
    int lost = counts.lostAsAllowed();
    return lost == 0
        ? ""
        : "%,d of %,d acknowledged commits were lost as their level allows; of the others "
            .formatted(lost, counts.acknowledged());
  }

  private String claimOf() {
    String level = plan.cluster().synchronousCommit().orElse("on");
    if (level.equals("off") || level.equals("local")) {
      return "the primary kept what synchronous_commit = " + level + " promises";
    }
    boolean isFlushed =
        recording.crashImages().stream().allMatch(image -> image.kind() == ImageKind.SYNCED_ONLY);
    return isFlushed
        ? "every acknowledged commit was on a standby's flushed WAL, and is there after replay"
        : "every acknowledged commit was on a standby's WAL (written, flush not proven), and is"
            + " there after replay";
  }

  /**
   * The time at which the primary lost its memory, if it was once only, at the crash of all nodes,
   * and no server stood still before.
   */
  private List<AuditInput.Crash> crashTimes() {
    Set<String> others =
        Set.of(
            "kill",
            "crash",
            "failover",
            "switchover",
            "two-primaries",
            "cold-restart",
            "pause",
            "shutdown",
            "start-stopped");
    for (Event<UntypedCall> event : history.nemesisEvents().toList()) {
      if (event.call().name().equals(CrashAudit.CRASH_ALL)
          && event.call().value() instanceof Edn.Table) {
        return List.of(new AuditInput.Crash(event.index(), event.timeNanos()));
      }
      if (others.contains(event.call().name()) || event.call().name().endsWith("-process")) {
        return List.of();
      }
    }
    return List.of();
  }

  static String describe(Throwable problem) {
    String message = problem.getMessage();
    return message == null ? problem.getClass().getSimpleName() : message;
  }

  private Part audit(String name, List<NodeImage> images, AuditNeeds.Markers needs) {
    if (images.isEmpty()) {
      return new Part(name, new Verdict.Unknown(recording.noImages()));
    }
    AuditInput.Builder input = AuditInput.of(images).markerColumn(needs.column()).plainMarkers();
    if (images == recording.crashImages()) {
      input.spoiled(withoutImage(CrashAudit.SPOILED)).aside(withoutImage(CrashAudit.ASIDE));
    }
    if (images.stream().allMatch(image -> image.kind() == ImageKind.SYNCED_ONLY)) {
      input.oneInstant();
      input.crashes(crashTimes(), plan.cluster().asyncWindowNanos());
    }
    if (images == recording.replayedImages()) {
      if (!needs.finalReads().isEmpty()) {
        finalRead(needs.finalReads()).ifPresentOrElse(input::finalRead, input::expectFinalRead);
      }
      input.promoted(recording.primary());
    }
    try {
      AuditReport report =
          new DurabilityAudit<UntypedCall>(input.build()).check(history, CheckContext.UNLIMITED);
      return new Part(name, report.verdict(), Optional.of(report));
    } catch (IllegalArgumentException e) {
      return new Part(name, new Verdict.Unknown(describe(e)));
    }
  }

  /** The nodes of which there is no image of the crash, for this reason. */
  private Set<String> withoutImage(String reason) {
    Set<String> nodes = new HashSet<>();
    for (Event<UntypedCall> event : history.nemesisEvents().toList()) {
      if (event.call().name().equals(CrashAudit.CRASH_ALL)
          && event.call().value() instanceof Edn.Table value
          && value.get(reason) instanceof Edn.Vector(List<Edn> names)) {
        names.forEach(name -> nodes.add(((Edn.Text) name).value()));
      }
    }
    return nodes;
  }

  /**
   * The values of every successful final read of the primary. Of each function a value must be in
   * all reads; each function must have read.
   */
  private Optional<FinalRead> finalRead(List<String> functions) {
    Set<Marker> all = new HashSet<>();
    String node = "";
    for (String function : functions) {
      Optional<Set<Marker>> visible = Optional.empty();
      Edn before = Edn.NIL;
      for (Event<UntypedCall> event : history.events()) {
        if (event instanceof Event.Ok<UntypedCall> ok && ok.call().name().equals(function)) {
          node = ok.details().node().orElse("the primary");
          if (visible.isPresent() && before.equals(ok.call().value())) {
            continue;
          }
          before = ok.call().value();
          Set<Marker> read = new HashSet<>(Marker.listOf(withMarkers(before)));
          visible.ifPresent(read::retainAll);
          visible = Optional.of(read);
        }
      }
      if (visible.isEmpty()) {
        return Optional.empty();
      }
      all.addAll(visible.get());
    }
    return Optional.of(new FinalRead(node, all));
  }

  /** A damaged table may show rows without a marker, which are nobody's. */
  static Edn withMarkers(Edn value) {
    return value instanceof Edn.Vector(List<Edn> rows)
        ? new Edn.Vector(rows.stream().filter(row -> !(row instanceof Edn.Nil)).toList())
        : value;
  }

  /** The clients' history; a call that cannot be decoded fails each checker. */
  private History<C> decoded() {
    if (decoded.isEmpty()) {
      List<Event<UntypedCall>> own = history.clientEvents().toList();
      decoded = Optional.of(History.of(own).map(workload.codec()::decode));
    }
    return decoded.get();
  }

  /** Runs a checker; if it throws anything, the verdict is unknown. */
  private Part check(Workload.Named<C> named) {
    CheckContext context = new StoreContext(store, named.name(), CHECK_LIMIT);
    try {
      return new Part(named.name(), named.checker().check(decoded(), context).verdict());
    } catch (Throwable e) {
      String where = e.getStackTrace().length == 0 ? "" : ", at " + place(e.getStackTrace());
      return new Part(named.name(), new Verdict.Unknown("the checker failed: " + e + where));
    }
  }

  /** The innermost frame of our own code. */
  private static String place(StackTraceElement[] trace) {
    return Arrays.stream(trace)
        .filter(frame -> frame.getClassName().startsWith("phaistos."))
        .findFirst()
        .orElse(trace[0])
        .toString();
  }

  private Verdict faults() {
    for (Event<UntypedCall> event : history.nemesisEvents().toList()) {
      if (event.details().error().isPresent()) {
        return new Verdict.Unknown(
            "the nemesis failed at event "
                + event.index()
                + " ("
                + event.call().name()
                + "): "
                + EdnWriter.print(event.details().error().get()));
      }
    }
    if (!plan.faults().equals(FaultPlan.none()) && evidence.total() == 0) {
      return new Verdict.Unknown("no fault had an effect");
    }
    boolean crashed =
        history
            .nemesisEvents()
            .anyMatch(
                event ->
                    event.call().name().equals(CrashAudit.CRASH_ALL)
                        && event.call().value() instanceof Edn.Table);
    if (!crashed) {
      return new Verdict.Unknown("the run ended before its final crash");
    }
    return Verdict.VALID;
  }

  /** What a healed cluster must do within bounds: catch up, accept writes, release waiters. */
  private Verdict liveness() {
    if (evidence.caughtUp().isPresent() && !evidence.caughtUp().get()) {
      return new Verdict.Invalid("liveness: the standbys did not catch up in the end");
    }
    for (Event<UntypedCall> event : history.nemesisEvents().toList()) {
      if (!event.call().name().equals(LivenessProbe.LIVENESS)
          || !(event.call().value() instanceof Edn.Table value)) {
        continue;
      }
      if (value.get("not-released") instanceof Edn.Vector waiters && !waiters.items().isEmpty()) {
        return new Verdict.Invalid(
            "liveness: "
                + (waiters.items().getFirst() instanceof Edn.Text t ? t.value() : "a waiter"));
      }
      return value.get("writes").equals(Edn.TRUE)
          ? Verdict.VALID
          : new Verdict.Invalid(
              "liveness: the healed cluster acknowledged %s within a minute: %s"
                  .formatted(
                      value.get("acknowledged") instanceof Edn.Int(long n) && n > 0
                          ? n + " writes one after the other, and then none"
                          : "no write",
                      EdnWriter.print(value.get("last"))));
    }
    return new Verdict.Unknown("the run ended before its cluster was healed and asked to write");
  }

  /** Whether every standby shows what the primary shows, at the end. */
  private Verdict replicas() {
    for (Event<UntypedCall> event : history.nemesisEvents().toList()) {
      if (!event.call().name().equals(ReplicaComparison.COMPARE)
          || !(event.call().value() instanceof Edn.Table value)) {
        continue;
      }
      if (value.get("failed") instanceof Edn.Text(String why)) {
        return new Verdict.Unknown("the nodes' tables could not be compared: " + why);
      }
      if (value.get("doubled") instanceof Edn.Vector(List<Edn> rows)
          && rows.getFirst() instanceof Edn.Text(String row)) {
        return new Verdict.Invalid(row);
      }
      if (value.get("differences") instanceof Edn.Vector(List<Edn> found) && !found.isEmpty()) {
        String first = found.getFirst() instanceof Edn.Text(String text) ? text : "a row";
        return new Verdict.Invalid(
            "replicas differ in %s rows after replay: %s"
                .formatted(EdnWriter.print(value.get("differ")), first));
      }
      return Verdict.VALID;
    }
    return new Verdict.Unknown("the run ended before its nodes' tables were compared");
  }
}
