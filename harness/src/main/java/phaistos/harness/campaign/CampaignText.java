package phaistos.harness.campaign;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import phaistos.harness.Violation;

/** A night as text: verdict, findings, what was reached, the way to look further. */
final class CampaignText {
  /** More ways in which a finding shows itself are on no screen. */
  private static final int OTHERS_MAX = 4;

  private CampaignText() {}

  static List<String> lines(CampaignReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(report.word().toUpperCase(Locale.ROOT) + "  " + summary(report));
    for (Finding finding : report.findings()) {
      lines.addAll(finding(finding, report));
    }
    report
        .unanswered()
        .forEach((reason, count) -> lines.add("unknown: %s (%,d runs)".formatted(reason, count)));
    if (!report.options().canaries().isEmpty()) {
      lines.add(
          report.isCanaryFound()
              ? "canary: its defect was found"
              : "canary: its defect was NOT found");
    }
    lines.add(Saturation.of(report.runs()).line());
    List<String> unmet = report.reached().unmet();
    lines.add(
        unmet.isEmpty()
            ? "reached: every goal, and every kind of fault had an effect"
            : "not reached by any run: " + String.join("; ", unmet));
    lines.add("revision " + report.night().revision());
    lines.add("files:  " + report.options().folder() + " (index.html, journal.edn)");
    return lines;
  }

  static String summary(CampaignReport report) {
    List<String> parts = new ArrayList<>();
    report.counts().forEach((ending, count) -> parts.add("%,d %s".formatted(count, ending.word())));
    List<Finding> findings = report.findings();
    long fresh = findings.stream().filter(Finding::isNew).count();
    String runs = parts.isEmpty() ? "no runs" : "runs: " + String.join(", ", parts);
    String found =
        findings.isEmpty()
            ? "no finding"
            : "%d finding%s, %d of them new"
                .formatted(findings.size(), findings.size() == 1 ? "" : "s", fresh);
    return runs + "; " + found + report.unknown().map(why -> "; " + why).orElse("");
  }

  private static List<String> finding(Finding finding, CampaignReport report) {
    List<String> lines = new ArrayList<>();
    Entry.Run run = finding.representative();
    lines.add("");
    lines.add(
        "%s %s  %s  (%,d run%s)"
            .formatted(
                finding.id(),
                finding.isNew() ? "new" : "known",
                finding.title(),
                finding.runs().size(),
                finding.runs().size() == 1 ? "" : "s"));
    lines.add("  " + run.result().reason());
    finding.stepSentence().ifPresent(sentence -> lines.add("  " + sentence));
    finding
        .explanation()
        .filter(found -> !found.shape().isEmpty())
        .ifPresent(found -> lines.add("  shrunk to: " + found.shape()));
    List<Violation> all = finding.violations();
    for (Violation other : all.subList(1, Math.min(all.size(), OTHERS_MAX))) {
      lines.add("  also as: " + other.checker() + ": " + other.kind());
    }
    lines.add("  replay: " + run.command());
    run.result()
        .folder()
        .ifPresent(
            folder ->
                lines.add(
                    "  page:   "
                        + report
                            .options()
                            .folder()
                            .resolve(Path.of(folder))
                            .resolve("index.html")));
    return lines;
  }
}
