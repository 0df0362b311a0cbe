package phaistos.junit;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import phaistos.checker.durability.AuditPage;
import phaistos.checker.durability.AuditReport;
import phaistos.checker.durability.Judgement;
import phaistos.checker.durability.NodeImage;
import phaistos.checker.durability.TextReport;
import phaistos.checker.durability.TransactionFinding;
import phaistos.checker.pages.OperationsData;
import phaistos.checker.pages.Page;
import phaistos.checker.pages.SeriesData;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/** The page of a test's own PostgreSQL under faults, and what its failure says. */
final class ServerPage {
  private static final int FINDINGS_SHOWN = 5;

  private final AuditReport report;
  private final History<UntypedCall> told;
  private final List<NodeImage> images;
  private final List<String> footer;

  ServerPage(
      AuditReport report, History<UntypedCall> told, List<NodeImage> images, List<String> footer) {
    this.report = report;
    this.told = told;
    this.images = images;
    this.footer = footer;
  }

  /** The verdict with its proof, the seed and the page. */
  String message(Path page) {
    List<String> screen = TextReport.firstScreen(report);
    int shown = Math.min(screen.size(), FINDINGS_SHOWN);
    StringBuilder text = new StringBuilder(String.join("\n", screen.subList(0, shown)));
    if (screen.size() > shown) {
      text.append("\n... ").append(screen.size() - shown).append(" more lines are on the page");
    }
    footer.forEach(line -> text.append('\n').append(line));
    return text + "\npage:   " + page.toUri();
  }

  String build() {
    String word = report.verdict().word();
    Page page = new Page(word.toUpperCase(Locale.ROOT) + ": durability audit");
    page.element("p", "word " + word, word).element("h1", "", AuditPage.headline(report));
    AuditPage.tiles(report.counts(), page);
    footer.forEach(line -> page.element("p", "quiet", line));
    SeriesData series = new SeriesData(told, Set.of());
    if (series.endNanos() > 0) {
      page.html("<h2>Over time</h2><section id=\"charts\"></section>")
          .script(Page.Script.CHARTS)
          .data(
              "series",
              json -> {
                json.writeStartObject();
                series.write(json);
                json.writeEndObject();
              });
    }
    page.html("<h2>The audit</h2><section id=\"audit\"></section>")
        .script(Page.Script.TABLES)
        .data(
            "audit",
            json -> {
              json.writeStartArray();
              AuditPage.of(report, "audit", images, Optional.empty()).write(json);
              json.writeEndArray();
            });
    page.html("<h2>Operations</h2><section id=\"operations\"></section>")
        .script(Page.Script.OPERATIONS)
        .data("operations", new OperationsData(told, lost())::write);
    return page.build();
  }

  private Set<Long> lost() {
    Set<Long> events = new HashSet<>();
    for (TransactionFinding finding : report.problems()) {
      if (finding.judgement() == Judgement.LOST) {
        events.add(finding.claim().index());
      }
    }
    return events;
  }
}
