package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import phaistos.checker.pages.Page;
import phaistos.harness.DebugSteps;
import phaistos.harness.Violation;
import phaistos.harness.explain.ExplanationFiles;

/**
 * The page of a store's campaigns: the last night's verdict and findings on the first screen, each
 * with the way to a breakpoint; then what was reached, the nights one after the other, and all runs
 * of the last one. What was planted stands behind a click.
 */
final class CampaignPage {
  private final CampaignReport report;
  private final List<Finding> findings;
  private final List<NightSummary> nights;

  CampaignPage(CampaignReport report) {
    this.report = report;
    this.findings = report.findings();
    this.nights = NightSummary.of(report.entries());
  }

  String build() {
    Page page = new Page(report.word() + ": campaign of " + report.night().began());
    head(page);
    findings(page);
    reached(page);
    nights(page);
    runs(page);
    asked(page);
    return page.build();
  }

  private void head(Page page) {
    String word = report.word();
    String style = word.equals("crashed") ? "invalid" : word;
    page.html("<p class=\"word " + style + "\">" + word + "</p>");
    page.element("h1", "", headline());
    report.unknown().ifPresent(why -> page.element("p", "unknown", sentence(why)));
    NightSummary night = nights.getLast();
    page.html("<ul class=\"tiles\">");
    night.counts().forEach((ending, count) -> tile(page, "%,d".formatted(count), ending.word()));
    tile(page, "%,d".formatted(findings.stream().filter(Finding::isNew).count()), "new findings");
    tile(
        page, "%,d".formatted(findings.stream().filter(f -> !f.isNew()).count()), "known findings");
    tile(page, "%,.0f".formatted(night.runsAnHour()), "runs an hour");
    page.html("</ul>");
    if (!report.options().canaries().isEmpty()) {
      page.element(
          "p",
          report.isCanaryFound() ? "quiet" : "unknown",
          report.isCanaryFound()
              ? "A planted defect, the night's canary, was found."
              : "A planted defect, the night's canary, was not found.");
    }
    page.element(
        "p",
        "quiet",
        "Began %s, revision %s.".formatted(time(night.night()), report.night().revision()));
  }

  private static String time(Entry.Night night) {
    return night.began().toString().replaceFirst("T", " ").replaceFirst("\\.\\d+Z|Z", " UTC");
  }

  private String headline() {
    int failures = findings.stream().mapToInt(finding -> finding.runs().size()).sum();
    int runs = nights.getLast().total();
    return findings.isEmpty()
        ? "%,d runs, and none of them failed.".formatted(runs)
        : "%,d of %,d runs failed, for %s."
            .formatted(
                failures,
                runs,
                findings.size() == 1 ? "one reason" : "%,d reasons".formatted(findings.size()));
  }

  private static void tile(Page page, String number, String what) {
    page.html("<li><b>" + number + "</b>" + Page.escape(what) + "</li>");
  }

  private static String sentence(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
  }

  private void findings(Page page) {
    if (findings.isEmpty()) {
      return;
    }
    page.html("<h2 id=\"findings\">Findings</h2>");
    for (Finding finding : findings) {
      Entry.Run run = finding.representative();
      page.html("<section class=\"finding\" id=\"" + finding.id() + "\">");
      page.html(
          "<h3><span class=\"tag %s\">%s</span> %s <span class=\"quiet\">%s, %,d run%s</span></h3>"
              .formatted(
                  finding.isNew() ? "invalid" : "quiet",
                  finding.isNew() ? "new" : "known",
                  Page.escape(finding.violation().checker()),
                  finding.id(),
                  finding.runs().size(),
                  finding.runs().size() == 1 ? "" : "s"));
      page.element("p", "", sentence(finding.violation().kind()));
      explanation(finding, page);
      List<String> common = finding.commonFaults();
      if (!common.isEmpty() && finding.runs().size() > 1) {
        page.element(
            "p", "quiet small", "Faults in every one of them: " + String.join(", ", common) + ".");
      }
      page.element("p", "small", "Seed " + run.seed() + ": " + run.result().reason());
      links(finding, page);
      page.html("<details class=\"debug\"><summary>From here to a breakpoint</summary>");
      steps(run).write(page);
      page.html("</details></section>");
    }
  }

  private void explanation(Finding finding, Page page) {
    finding
        .step()
        .ifPresent(
            step ->
                page.html(
                    "<p>%s <b>%s</b>%s%s</p>"
                        .formatted(
                            finding.cause() instanceof Cause.Step
                                ? "Of the server's steps this one broke its promise first:"
                                : "Inevitable at the step",
                            Page.escape(step),
                            finding
                                .promise()
                                .map(broken -> ", which " + Page.escape(broken.sentence()))
                                .orElse(""),
                            finding
                                .source()
                                .map(at -> ", <code>" + Page.escape(at) + "</code>.")
                                .orElse("."))));
    List<Violation> all = finding.violations();
    if (all.size() > 1) {
      page.html("<details><summary>What it looks like in its runs</summary><ul>");
      all.forEach(each -> page.element("li", "", each.checker() + ": " + each.kind()));
      page.html("</ul></details>");
    }
    if (finding.explanation().isEmpty()) {
      page.element("p", "quiet small", "Not explained.");
      return;
    }
    Explainer.Explanation found = finding.explanation().get();
    if (!found.shape().isEmpty()) {
      page.element(
          "p",
          "",
          "The smaller run has: " + found.shape() + (found.isComplete() ? "." : " (so far)."));
    }
    if (!found.sentences().isEmpty()) {
      page.html("<details><summary>The explanation</summary>");
      page.html("<pre>" + Page.escape(String.join("\n", found.sentences())) + "</pre></details>");
    }
  }

  private void links(Finding finding, Page page) {
    List<String> links = new ArrayList<>();
    Entry.Run run = finding.representative();
    run.result()
        .folder()
        .ifPresent(
            folder -> {
              if (run.result().ending() == RunResult.Ending.INVALID) {
                links.add(link(folder + "/index.html", "its page"));
              }
              links.add(link(folder + "/", "its files"));
            });
    finding
        .explained()
        .map(Finding.Explained::run)
        .filter(report::isKept)
        .ifPresent(
            explained -> {
              String folder = explained.result().folder().orElseThrow();
              if (explained.number() != run.number()) {
                links.add(link(folder + "/index.html", "the page of the explained run"));
              }
              if (report.hasTest(explained)) {
                links.add(
                    link(folder + "/" + ExplanationFiles.TEST, "a JUnit test that repeats it"));
              }
            });
    if (!links.isEmpty()) {
      page.html("<p>" + String.join(" · ", links) + "</p>");
    }
  }

  private static String link(String path, String text) {
    return "<a href=\"%s\">%s</a>".formatted(Page.escape(path), text);
  }

  /** The options of a run with a defect come from its folder, so that they are not on the page. */
  private DebugSteps steps(Entry.Run run) {
    Optional<String> folder = report.folder(run);
    String replay = folder.map(path -> "./phaistos run --like " + path).orElse(run.command());
    return folder.isPresent() && run.result().ending() == RunResult.Ending.INVALID
        ? DebugSteps.ofRun(folder.get(), replay)
        : DebugSteps.ofCommand(replay);
  }

  private void reached(Page page) {
    Features.Reached reached = report.reached();
    List<String> unmet = reached.unmet();
    page.html("<h2 id=\"coverage\">What the runs have reached together</h2>");
    if (!unmet.isEmpty()) {
      page.element("p", "unknown", "By no run: " + String.join("; ", unmet) + ".");
    }
    page.html(CampaignCharts.saturation(report.runs()));
    page.html("<details><summary>All goals and faults</summary><div class=\"scroll\"><table>");
    Map<String, Integer> all = new LinkedHashMap<>(reached.goals());
    reached.faults().forEach((fault, count) -> all.put("fault " + fault, count));
    all.forEach(
        (name, count) ->
            page.html(
                "<tr><td%s>%s</td><td class=\"number\">%,d</td></tr>"
                    .formatted(count == 0 ? " class=\"quiet\"" : "", Page.escape(name), count)));
    page.html("</table></div></details>");
    Map<String, Integer> unanswered = report.unanswered();
    if (!unanswered.isEmpty()) {
      page.html("<h3>Runs without an answer</h3><div class=\"scroll\"><table>");
      unanswered.forEach(
          (reason, count) ->
              page.html(
                  "<tr><td>%s</td><td class=\"number\">%,d</td></tr>"
                      .formatted(Page.escape(reason), count)));
      page.html("</table></div>");
    }
  }

  private void nights(Page page) {
    page.html("<h2 id=\"nights\">The nights</h2>");
    page.html(CampaignCharts.nights(nights));
    page.html(
        "<div class=\"scroll\"><table class=\"wide\"><thead><tr><th>Began</th><th>Runs</th>"
            + "<th>Valid</th><th>Invalid</th><th>Unknown</th><th>Hung or crashed</th>"
            + "<th>Findings</th><th>Runs an hour</th><th>Revision</th></tr></thead><tbody>");
    for (NightSummary night : nights.reversed()) {
      List<String> cells = new ArrayList<>();
      cells.add(cell("began", time(night.night())));
      cells.add(cell("runs", "%,d".formatted(night.total())));
      cells.add(cell("valid", "%,d".formatted(night.of(RunResult.Ending.VALID))));
      cells.add(cell("invalid", "%,d".formatted(night.of(RunResult.Ending.INVALID))));
      cells.add(cell("unknown", "%,d".formatted(night.of(RunResult.Ending.UNKNOWN))));
      cells.add(
          cell(
              "hung or crashed",
              "%,d"
                  .formatted(
                      night.of(RunResult.Ending.HUNG) + night.of(RunResult.Ending.CRASHED))));
      cells.add(cell("findings", "%,d".formatted(night.findings())));
      cells.add(cell("runs an hour", "%,.0f".formatted(night.runsAnHour())));
      cells.add(cell("revision", night.night().revision()));
      page.html("<tr>" + String.join("", cells) + "</tr>");
    }
    page.html("</tbody></table></div>");
  }

  private static String cell(String name, String text) {
    return "<td data-name=\"%s\">%s</td>".formatted(Page.escape(name), Page.escape(text));
  }

  private void runs(Page page) {
    Map<Integer, String> ids = new HashMap<>();
    findings.forEach(finding -> finding.runs().forEach(run -> ids.put(run.number(), finding.id())));
    page.html("<h2>Runs of the last night</h2><section id=\"campaign-runs\"></section>")
        .script(Page.Script.CAMPAIGN)
        .data(
            "campaign-runs",
            json -> {
              json.writeStartArray();
              for (Entry.Run run : report.runs()) {
                json.writeStartArray();
                json.writeNumber(run.number());
                json.writeString(run.why().word());
                json.writeNumber(run.seed());
                json.writeString(ending(run));
                json.writeString(run.result().workload());
                json.writeNumber(run.result().realMillis());
                json.writeString(
                    run.isFailure()
                        ? run.result().violation().checker()
                            + ": "
                            + run.result().violation().kind()
                        : "");
                json.writeString(
                    run.result().ending() == RunResult.Ending.INVALID
                        ? run.result().folder().map(path -> path + "/index.html").orElse("")
                        : "");
                json.writeString(ids.getOrDefault(run.number(), ""));
                json.writeEndArray();
              }
              json.writeEndArray();
            });
  }

  /** A canary is there to fail. */
  private static String ending(Entry.Run run) {
    return run.why() != Entry.Why.CANARY
        ? run.result().ending().word()
        : Schedule.isFound(run) ? "found" : "missed";
  }

  private void asked(Page page) {
    page.html("<h2>Settings</h2><details><summary>What was asked for</summary>");
    page.html("<pre>./phaistos campaign " + Page.escape(report.night().asked()) + "</pre>");
    page.html("</details>");
  }
}
