package phaistos.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.Verdict;
import phaistos.checker.durability.AuditPage;
import phaistos.checker.durability.TextReport;
import phaistos.checker.pages.FaultSpans;
import phaistos.checker.pages.OperationsData;
import phaistos.checker.pages.Page;
import phaistos.checker.pages.SeriesData;
import phaistos.harness.RunJudge.Judgement;
import phaistos.harness.RunJudge.Part;
import phaistos.harness.explain.ExplanationPage;
import phaistos.harness.run.Recording;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * The page of a run, {@code index.html}: verdict and proof on the first screen, then what happened
 * over time, what each node did around the first loss, the audit as a table, and how to run it
 * again. The name of a planted defect is behind a click, so that the page can be read without it.
 */
final class RunPage {
  private static final int PROOFS_MAX = 3;

  /** The settings in test.edn that the page shows elsewhere. */
  private static final List<String> SHOWN_ELSEWHERE =
      List.of("name", "defect", "replay", "revision", "seed");

  private final TestPlan plan;
  private final Recording recording;
  private final Judgement judgement;
  private final RunReport screen;
  private final RunPlace place;
  private final String folder;
  private final History<UntypedCall> history;
  private final SeriesData series;
  private final RunLosses losses;

  RunPage(
      TestPlan plan, Recording recording, Judgement judgement, RunReport screen, RunPlace place) {
    this.plan = plan;
    this.recording = recording;
    this.judgement = judgement;
    this.screen = screen;
    this.place = place;
    this.folder = place.folder().toString();
    this.history = History.of(recording.events());
    this.series = new SeriesData(history, RunTimes.MOMENTARY);
    this.losses = RunLosses.of(judgement.parts());
  }

  String build() {
    Page page = new Page(judgement.verdict().word() + ": " + screen.title());
    head(page);
    why(page);
    overTime(page);
    events(page);
    coverage(page);
    audit(page);
    operations(page);
    parts(page);
    settings(page);
    again(page);
    return page.build();
  }

  private void head(Page page) {
    String word = judgement.verdict().word();
    page.html("<div hidden data-folder=\"" + Page.escape(folder) + "\"></div>");
    page.html("<p class=\"word " + word + "\">" + word + "</p>");
    page.element("h1", "", sentence(screen.title() + ": " + screen.proof()));
    joined().forEach(line -> page.element("p", "join", sentence(line)));
    judgement.parts().stream()
        .map(Part::audit)
        .flatMap(Optional::stream)
        .findFirst()
        .ifPresent(audit -> AuditPage.tiles(audit.counts(), page));
    List<String> proofs = proofs();
    if (!proofs.isEmpty()) {
      page.html("<ul class=\"plain small\">");
      proofs.forEach(line -> page.element("li", "", line));
      page.html("</ul>");
    }
    judgement.notes().forEach(note -> page.element("p", "quiet", sentence(note)));
    page.element("p", "quiet", "Faults: " + screen.faults() + ".");
    page.element("p", "quiet", "Seed " + plan.seed() + ", revision " + screen.revision() + ".");
    command(replayWithoutName(), page);
  }

  /** The smallest evidence: findings of the parts that decided the verdict. */
  private List<String> proofs() {
    List<String> lines = new ArrayList<>();
    for (Part part : judgement.parts()) {
      if (part.verdict().rank() != judgement.verdict().rank() || part.verdict().rank() == 0) {
        continue;
      }
      if (part.audit().isPresent() && !part.audit().get().problems().isEmpty()) {
        List<String> found = TextReport.firstScreen(part.audit().get());
        lines.add(part.name() + ": " + found.get(1));
      } else {
        String reason = part.verdict().reason();
        String name = part.name() + ": ";
        lines.add(reason.startsWith(name) ? reason : name + reason);
      }
    }
    return lines.subList(0, Math.min(PROOFS_MAX, lines.size()));
  }

  private List<String> joined() {
    return losses.sentences(
        FaultSpans.timed(history.events(), RunTimes.MOMENTARY, series.endNanos()));
  }

  private static String sentence(String text) {
    return Character.toUpperCase(text.charAt(0))
        + text.substring(1)
        + (text.endsWith(".") ? "" : ".");
  }

  /** The place for what {@code explain} finds. */
  private void why(Page page) {
    if (!(judgement.verdict() instanceof Verdict.Invalid) || plan.output().replay().isEmpty()) {
      return;
    }
    page.html("<h2 id=\"why\">Why</h2>" + ExplanationPage.BEGIN);
    page.element("p", "quiet", "Not explained yet. This puts the explanation here:");
    command("./phaistos explain " + folder, page);
    page.html(ExplanationPage.END);
  }

  private void overTime(Page page) {
    if (series.endNanos() <= 0) {
      return;
    }
    RunPageData data = new RunPageData(recording, series, losses);
    page.html("<h2>Over time</h2><section id=\"charts\"></section>")
        .script(Page.Script.CHARTS)
        .data("series", data::series);
  }

  private void events(Page page) {
    String title = losses.firstNanos().isPresent() ? "Around the first loss" : "What each node did";
    RunPageData data = new RunPageData(recording, series, losses);
    page.html("<h2>" + title + "</h2><section id=\"events\"></section>")
        .script(Page.Script.EVENTS)
        .data("events", data::events);
  }

  /** What the run has reached of what it was to reach. */
  private void coverage(Page page) {
    Map<String, Integer> counts = judgement.coverage().counts();
    if (counts.isEmpty()) {
      return;
    }
    page.html("<h2 id=\"coverage\">What the run has reached</h2>");
    List<String> unmet = judgement.coverage().unmet();
    if (!unmet.isEmpty()) {
      page.element("p", "unknown", "Below the minimum: " + String.join("; ", unmet) + ".");
    }
    page.html("<div class=\"scroll\"><table>");
    counts.forEach(
        (goal, count) ->
            page.html(
                "<tr><td%s>%s</td><td class=\"number\">%,d</td></tr>"
                    .formatted(count == 0 ? " class=\"quiet\"" : "", Page.escape(goal), count)));
    page.html("</table></div>");
  }

  private void audit(Page page) {
    List<Part> audited =
        judgement.parts().stream().filter(part -> part.audit().isPresent()).toList();
    if (audited.isEmpty()) {
      return;
    }
    page.html("<h2>The audit</h2><section id=\"audit\"></section>")
        .script(Page.Script.TABLES)
        .data(
            "audit",
            json -> {
              json.writeStartArray();
              for (Part part : audited) {
                boolean isCrash = part.name().equals(RunJudge.CRASH_AUDIT);
                AuditPage.of(
                        part.audit().get(),
                        part.name(),
                        isCrash ? recording.crashImages() : recording.replayedImages(),
                        place
                            .images()
                            .map(
                                to ->
                                    to
                                        + "nodes/%s/"
                                        + (isCrash ? RunFiles.CRASHED : RunFiles.REPLAYED)))
                    .write(json);
              }
              json.writeEndArray();
            });
  }

  private void operations(Page page) {
    page.html("<h2>Operations</h2><section id=\"operations\"></section>")
        .script(Page.Script.OPERATIONS)
        .data("operations", new OperationsData(history, losses.events())::write);
  }

  private void parts(Page page) {
    page.html("<h2>What the verdict is made of</h2><div class=\"scroll\"><table>");
    for (Part part : judgement.parts()) {
      String word = part.verdict().word();
      page.html(
          "<tr><td>%s</td><td class=\"%s nowrap\">%s</td><td>%s%s</td></tr>"
              .formatted(
                  Page.escape(part.name()),
                  word,
                  word,
                  Page.escape(part.verdict().reason()),
                  screen.pageOf(part).map(RunPage::link).orElse("")));
    }
    page.html("</table></div>");
    if (judgement.verdict().reason().isEmpty()) {
      page.element("p", "", sentence(judgement.claim()));
    }
  }

  private static String link(String page) {
    return " <a href=\"" + Page.escape(page) + "\">its page</a>";
  }

  private void settings(Page page) {
    page.html("<h2>Settings</h2><div class=\"scroll\"><table>");
    for (Map.Entry<Edn, Edn> entry : place.test().entries().entrySet()) {
      String key = entry.getKey() instanceof Edn.Keyword(String name) ? name : "";
      if (!SHOWN_ELSEWHERE.contains(key)) {
        page.html(
            "<tr><td class=\"nowrap\">%s</td><td>%s</td></tr>"
                .formatted(Page.escape(key), Page.escape(text(entry.getValue()))));
      }
    }
    page.html("</table></div>");
  }

  private static String text(Edn value) {
    return switch (value) {
      case Edn.Text(String text) -> text;
      case Edn.Vector vector ->
          String.join(", ", vector.items().stream().map(RunPage::text).toList());
      default -> EdnWriter.print(value);
    };
  }

  private void again(Page page) {
    page.html("<h2>Run it again, and stop in it</h2>");
    page.element(
        "p",
        "",
        plan.deployment().isSimulated()
            ? "The run is simulated: the command repeats it event by event with the same revision."
            : "The command repeats the schedule of the faults; the clients' timing is the"
                + " machine's.");
    command(replayWithoutName(), page);
    steps(page);
    if (!plan.cluster().defects().isEmpty()) {
      page.html("<details id=\"defect\"><summary>A defect was planted: show its name</summary>");
      page.element("p", "", String.join(", ", plan.cluster().defects()));
      command(plan.replay(), page);
      page.html("</details>");
    }
  }

  /** From here to a breakpoint. */
  private void steps(Page page) {
    if (plan.output().replay().isEmpty()) {
      return;
    }
    page.html("<details id=\"debug\"><summary>From this page to a breakpoint</summary>");
    DebugSteps.ofRun(folder, replayWithoutName()).write(page);
    page.html("</details>");
  }

  /** The command that repeats the run; the options of a run with a defect come from its folder. */
  private String replayWithoutName() {
    return plan.cluster().defects().isEmpty() || plan.output().replay().isEmpty()
        ? plan.replay()
        : "./phaistos run --like " + folder;
  }

  private static void command(String command, Page page) {
    page.html("<div class=\"command\"><pre>" + Page.escape(command) + "</pre></div>");
  }
}
