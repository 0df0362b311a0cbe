package phaistos.harness;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.CheckContext;
import phaistos.checker.Checker;
import phaistos.checker.Result;
import phaistos.checker.Verdict;
import phaistos.checker.durability.AuditInput;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.DurabilityAudit;
import phaistos.checker.durability.FinalRead;
import phaistos.checker.durability.Marker;
import phaistos.checker.durability.MarkerColumn;
import phaistos.checker.durability.NodeImage;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;
import phaistos.nemesis.Evidence;
import phaistos.workloads.Workload;

/** Judges a recording: the audits, what the clients saw, and whether the run tested anything. */
final class RunJudge {
  private RunJudge() {}

  /**
   * One part of a verdict.
   *
   * @param name what was judged, for people and for results.edn
   */
  record Part(String name, Verdict verdict, Optional<AuditReport> audit) {}

  /**
   * @param evidence what the faults did
   */
  record Judgement(Verdict verdict, List<Part> parts, Evidence evidence) {}

  static <C> Judgement judge(Recording recording, Workload<C> workload, RunOptions options) {
    History<UntypedCall> history = History.of(recording.events());
    Evidence evidence = Evidence.of(history);
    List<Part> parts = new ArrayList<>();
    parts.add(audit("audit of the crash images", recording.crashImages(), history, recording));
    parts.add(audit("audit after replay", recording.replayedImages(), history, recording));
    parts.add(clients(history, workload));
    parts.add(new Part("faults", faults(evidence, history, options), Optional.empty()));
    recording
        .problem()
        .ifPresent(
            problem ->
                parts.add(
                    new Part(
                        "harness",
                        new Verdict.Unknown("the run ended early: " + describe(problem)),
                        Optional.empty())));
    Verdict verdict = Verdict.merge(parts.stream().map(Part::verdict).toList());
    return new Judgement(verdict, List.copyOf(parts), evidence);
  }

  static String describe(Throwable problem) {
    String message = problem.getMessage();
    return message == null ? problem.getClass().getSimpleName() : message;
  }

  private static Part audit(
      String name, List<NodeImage> images, History<UntypedCall> history, Recording recording) {
    if (images.isEmpty()) {
      return new Part(
          name, new Verdict.Unknown("no images: the run did not come so far"), Optional.empty());
    }
    AuditInput.Builder input = AuditInput.of(images).markerColumn(MarkerColumn.FIRST);
    if (images == recording.replayedImages()) {
      finalRead(history).ifPresentOrElse(input::finalRead, input::expectFinalRead);
      input.promoted(recording.primary());
    }
    try {
      AuditReport report =
          new DurabilityAudit<UntypedCall>(input.build()).check(history, CheckContext.UNLIMITED);
      return new Part(name, report.verdict(), Optional.of(report));
    } catch (IllegalArgumentException e) {
      return new Part(name, new Verdict.Unknown(e.getMessage()), Optional.empty());
    }
  }

  /** The values of every successful final read of the primary; a value must be in all of them. */
  private static Optional<FinalRead> finalRead(History<UntypedCall> history) {
    Optional<Set<Marker>> visible = Optional.empty();
    String node = "";
    for (Event<UntypedCall> event : history.events()) {
      if (event instanceof Event.Ok<UntypedCall> ok && ok.call().name().equals("final-read")) {
        Set<Marker> read = new HashSet<>(Marker.listOf(ok.call().value()));
        visible.ifPresent(read::retainAll);
        visible = Optional.of(read);
        node = ok.details().node().orElse("the primary");
      }
    }
    String readOn = node;
    return visible.map(markers -> new FinalRead(readOn, markers));
  }

  private static <C> Part clients(History<UntypedCall> history, Workload<C> workload) {
    String name = "what the clients saw";
    try {
      List<Event<UntypedCall>> own = history.clientEvents().toList();
      History<C> decoded = History.of(own).map(workload.codec()::decode);
      Checker<C, ? extends Result> checker = workload.checker();
      return new Part(
          name, checker.check(decoded, CheckContext.UNLIMITED).verdict(), Optional.empty());
    } catch (IllegalArgumentException e) {
      return new Part(name, new Verdict.Unknown(e.getMessage()), Optional.empty());
    }
  }

  private static Verdict faults(
      Evidence evidence, History<UntypedCall> history, RunOptions options) {
    for (Event<UntypedCall> event : history.nemesisEvents().toList()) {
      if (event.details().error().isPresent()) {
        return new Verdict.Unknown(
            "the nemesis failed at event "
                + event.index()
                + " ("
                + event.call().name()
                + "): "
                + phaistos.histories.EdnWriter.print(event.details().error().get()));
      }
    }
    if (!options.nemeses().isEmpty() && evidence.total() == 0) {
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
    if (evidence.caughtUp().filter(all -> all).isEmpty()) {
      return new Verdict.Unknown("the standbys did not catch up in the end");
    }
    return Verdict.VALID;
  }
}
