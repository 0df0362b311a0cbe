package phaistos.harness;

import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.Verdict;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.Counts;
import phaistos.checker.durability.JsonReport;
import phaistos.checker.durability.TextReport;
import phaistos.harness.RunJudge.Judgement;
import phaistos.harness.RunJudge.Part;
import phaistos.harness.run.CutShortException;
import phaistos.harness.run.Recording;
import phaistos.histories.Edn;
import phaistos.histories.RunStore;

/** Prints a run's verdict on the first screen, and writes it as files into the store. */
final class RunReport {
  /** Findings of each audit on the first screen. */
  private static final int FINDINGS_SHOWN = 3;

  private final TestPlan plan;
  private final RunStore store;
  private final Recording recording;
  private final Judgement judgement;
  private final RunPlace place;
  private final String revision;

  RunReport(
      TestPlan plan,
      RunStore store,
      Recording recording,
      Judgement judgement,
      RunPlace place,
      String revision) {
    this.plan = plan;
    this.store = store;
    this.recording = recording;
    this.judgement = judgement;
    this.place = place;
    this.revision = revision;
  }

  /** The page that a checker wrote about its findings, from the run's page on. */
  Optional<String> pageOf(Part part) {
    String page = StoreContext.folder(part.name()) + "/index.html";
    return store.has(page) ? Optional.of(page) : Optional.empty();
  }

  String revision() {
    return revision;
  }

  /** Verdict, proof, smallest evidence, seed and revision, the command, the files. */
  List<String> firstScreen() {
    List<String> lines = new ArrayList<>();
    Verdict verdict = judgement.verdict();
    lines.add(verdict.word().toUpperCase(Locale.ROOT) + "  " + title() + ": " + proof());
    for (Part part : judgement.parts()) {
      if (part.verdict().rank() == verdict.rank() && verdict != Verdict.VALID) {
        lines.addAll(evidence(part));
      }
    }
    if (verdict == Verdict.VALID) {
      lines.add(checked());
    }
    lines.addAll(judgement.notes());
    lines.add("faults: " + faults());
    lines.add("reached: " + reached());
    lines.add("seed " + plan.seed() + "   revision " + revision);
    lines.add("replay: " + plan.replay());
    String files = isReported() ? "index.html, report.txt, history.edn" : "history.edn";
    lines.add("files:  " + store.folder() + " (" + files + ")");
    store.failure().ifPresent(failure -> lines.add("not complete: " + failure.getMessage()));
    return lines;
  }

  /** The test's name and the measured effects of its faults. */
  String title() {
    String name = plan.workload().name();
    Map<String, Integer> effective = judgement.evidence().effective();
    if (!effective.isEmpty()) {
      return name + " under " + counted(effective);
    }
    if (isWithoutFaults()) {
      return name + ", no faults asked for";
    }
    return judgement.verdict() instanceof Verdict.Invalid
        ? name + ", no fault had an effect"
        : name;
  }

  private boolean isWithoutFaults() {
    return plan.faults().equals(FaultPlan.none());
  }

  /** "kill (2), partition (1)". */
  private static String counted(Map<String, Integer> faults) {
    List<String> words = new ArrayList<>();
    faults.forEach((fault, count) -> words.add(fault + " (" + count + ")"));
    return String.join(", ", words);
  }

  String proof() {
    String reason = judgement.verdict().reason();
    return reason.isEmpty() ? judgement.claim() : reason;
  }

  private List<String> evidence(Part part) {
    List<String> lines = new ArrayList<>();
    lines.add(part.name() + ":");
    if (part.audit().isEmpty()) {
      lines.add("  " + part.verdict().reason());
      return lines;
    }
    List<String> screen = TextReport.firstScreen(part.audit().get());
    List<String> findings = screen.subList(1, screen.size() - 1);
    int shown = Math.min(FINDINGS_SHOWN, findings.size());
    findings.subList(0, shown).forEach(line -> lines.add("  " + line));
    if (findings.size() > shown) {
      lines.add("  ... more in report.txt");
    }
    lines.add("  " + screen.getLast());
    return lines;
  }

  private String checked() {
    List<String> counts = new ArrayList<>();
    for (Part part : judgement.parts()) {
      part.audit()
          .map(AuditReport::counts)
          .ifPresent(
              c ->
                  counts.add(
                      "%s: %,d of %,d acknowledged commits confirmed"
                          .formatted(part.name(), c.confirmed(), c.acknowledged())));
    }
    if (counts.isEmpty()) {
      counts.add(
          "checked: " + String.join(", ", judgement.parts().stream().map(Part::name).toList()));
    }
    recording
        .replies()
        .ifPresent(
            report -> counts.add("%,d replies of standbys were true".formatted(report.replies())));
    return String.join("; ", counts);
  }

  String faults() {
    Map<String, Integer> effective = judgement.evidence().effective();
    Map<String, Integer> without = judgement.evidence().withoutEffect();
    if (isWithoutFaults()) {
      return "none asked for";
    }
    List<String> words = new ArrayList<>();
    words.add(effective.isEmpty() ? "none with an effect" : "with an effect " + counted(effective));
    if (!without.isEmpty()) {
      words.add("without " + counted(without));
    }
    List<String> missing = new ArrayList<>(plan.faults().kinds());
    missing.removeAll(effective.keySet());
    if (!missing.isEmpty()) {
      words.add("asked for and without any effect: " + String.join(", ", missing));
    }
    if (!judgement.evidence().notFired().isEmpty()) {
      words.add("never fired: " + String.join(", ", judgement.evidence().notFired()));
    }
    return String.join("; ", words);
  }

  /** How often each goal was reached, and which were not. */
  String reached() {
    List<String> words = new ArrayList<>();
    List<String> never = judgement.coverage().notReached();
    judgement
        .coverage()
        .counts()
        .forEach(
            (goal, count) -> {
              if (count > 0) {
                words.add(goal + " (" + count + ")");
              }
            });
    String text = words.isEmpty() ? "no goal" : String.join(", ", words);
    return never.isEmpty() ? text : text + "; not reached: " + String.join(", ", never);
  }

  private boolean isReported() {
    return switch (plan.output().keep()) {
      case IMAGES, FAILURES, NONE -> true;
      case FAILED_RUNS, VERDICT -> !(judgement.verdict() instanceof Verdict.Valid);
    };
  }

  /** Writes results.edn, report.txt, the audits and the page. */
  void write() {
    store.writeResults(results());
    if (!isReported()) {
      return;
    }
    List<String> text = new ArrayList<>(firstScreen());
    for (Part part : judgement.parts()) {
      text.add("");
      text.add("== " + part.name() + ": " + part.verdict().word());
      text.add(part.verdict().reason());
      part.audit().ifPresent(audit -> text.addAll(TextReport.full(audit, false)));
    }
    store.writeText("report.txt", String.join("\n", text) + "\n");
    boolean isWanted = !(judgement.verdict() instanceof Verdict.Valid);
    if (isWanted || place.images().isPresent()) {
      writeAudits();
    }
    store.writeText("index.html", new RunPage(plan, recording, judgement, this, place).build());
  }

  /** Writes what is needed to judge the run again. */
  void writeRecording() {
    RunFiles.write(recording, store);
    RunLosses losses = RunLosses.of(judgement.parts());
    if (losses.firstNanos().isPresent()) {
      RunFiles.write(losses.around(recording.messages()), store);
    }
    recording
        .problem()
        .filter(problem -> !(problem instanceof CutShortException))
        .ifPresent(problem -> store.writeText("problem.txt", stack(problem)));
    if (place.images().isPresent()) {
      RunFiles.keepImages(recording, store);
    }
  }

  private static String stack(Throwable problem) {
    StringWriter out = new StringWriter();
    problem.printStackTrace(new java.io.PrintWriter(out, true));
    return out.toString();
  }

  private void writeAudits() {
    String name = "audit";
    for (Part part : judgement.parts()) {
      if (part.audit().isPresent()) {
        AuditReport audit = part.audit().get();
        store.write(
            name + ".json",
            out -> {
              Writer json = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
              JsonReport.write(audit, JsonReport.Detail.BRIEF, json);
            });
        name = "audit-after-replay";
      }
    }
  }

  private Edn results() {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("valid?"), valid(judgement.verdict()));
    table.put(Edn.keyword("reason"), Edn.of(judgement.verdict().reason()));
    table.put(
        Edn.keyword("cut-short?"),
        recording.problem().orElse(null) instanceof CutShortException ? Edn.TRUE : Edn.FALSE);
    table.put(Edn.keyword("seed"), Edn.of(plan.seed()));
    table.put(Edn.keyword("replay"), Edn.of(plan.replay()));
    for (Part part : judgement.parts()) {
      LinkedHashMap<Edn, Edn> one = new LinkedHashMap<>();
      one.put(Edn.keyword("valid?"), valid(part.verdict()));
      one.put(Edn.keyword("reason"), Edn.of(part.verdict().reason()));
      part.audit().map(AuditReport::counts).ifPresent(counts -> one.putAll(counts(counts)));
      table.put(Edn.keyword(part.name().replace(' ', '-')), new Edn.Table(one));
    }
    LinkedHashMap<Edn, Edn> faults = new LinkedHashMap<>();
    judgement
        .evidence()
        .effective()
        .forEach((fault, count) -> faults.put(Edn.keyword(fault), Edn.of(count)));
    table.put(Edn.keyword("faults-with-effect"), new Edn.Table(faults));
    table.put(Edn.keyword("coverage"), judgement.coverage().toEdn());
    return new Edn.Table(table);
  }

  private static Map<Edn, Edn> counts(Counts counts) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    table.put(Edn.keyword("acknowledged"), Edn.of(counts.acknowledged()));
    table.put(Edn.keyword("confirmed"), Edn.of(counts.confirmed()));
    table.put(Edn.keyword("lost"), Edn.of(counts.lost()));
    return table;
  }

  /** Jepsen's true, false or :unknown. */
  private static Edn valid(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Valid _ -> Edn.TRUE;
      case Verdict.Invalid _ -> Edn.FALSE;
      case Verdict.Unknown _ -> Edn.keyword("unknown");
    };
  }
}
