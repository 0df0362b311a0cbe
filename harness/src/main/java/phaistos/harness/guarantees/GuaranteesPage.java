package phaistos.harness.guarantees;

import java.util.Locale;
import java.util.Optional;
import phaistos.checker.durability.CommitLevel;
import phaistos.checker.pages.Page;
import phaistos.harness.guarantees.Measured.Database;

/**
 * The measurements as one web page: first which setting one needs, then fault by fault what was
 * lost, each loss with a witness behind a click, and what the documentation promises.
 */
public final class GuaranteesPage {
  private final Measured measured;
  private final Page page = new Page("Which setting do I need?");

  private GuaranteesPage(Measured measured) {
    this.measured = measured;
  }

  public static String of(Measured measured) {
    GuaranteesPage made = new GuaranteesPage(measured);
    made.build();
    return made.page.build();
  }

  private void build() {
    page.element("h1", "", "Which setting do I need?");
    page.element(
        "p",
        "",
        "The weakest synchronous_commit that survived, by what must not happen and by the standbys"
            + " for which a commit waits. A level stands here if the documentation promises it and"
            + " no try lost anything; each cell below says how many tries there were.");
    for (Database database : measured.databases()) {
      answer(database);
    }
    page.html("<h2>What was lost, fault by fault</h2>");
    page.element(
        "p",
        "quiet",
        "Lost: an acknowledged commit was gone. A read was lost: a row was read, and was gone"
            + " later. Stopped: no commit for 15 s while the lost node was not back. Not run says"
            + " nothing.");
    for (Mishap mishap : Mishap.values()) {
      mishap(mishap);
    }
    promises();
  }

  private void answer(Database database) {
    page.element("h2", "", database.title());
    broken(database);
    page.html("<div class=\"scroll\"><table class=\"wide\"><thead><tr><th>What must hold</th>");
    for (Standbys standbys : Standbys.values()) {
      page.element("th", "", standbys.title());
    }
    page.html("</tr></thead><tbody>");
    for (Need need : Need.values()) {
      page.html("<tr><td>" + Page.escape(need.text()) + "</td>");
      for (Standbys standbys : Standbys.values()) {
        Optional<String> level = measured.level(database, need, standbys);
        String style =
            level.isEmpty() ? "invalid" : level.get().equals(Measured.NOT_RUN) ? "quiet" : "valid";
        page.html(
            "<td class=\"%s nowrap\" data-name=\"%s\">%s</td>"
                .formatted(
                    style,
                    Page.escape(standbys.title()),
                    Page.escape(level.orElse(GuaranteesText.NONE))));
      }
      page.html("</tr>");
    }
    page.html("</tbody></table></div>");
  }

  private void broken(Database database) {
    long tried = measured.cells(database).stream().filter(Cell::isMeasured).count();
    var broken = measured.broken(database);
    page.element(
        "p",
        broken.isEmpty() ? "" : "invalid",
        broken.isEmpty()
            ? "%d combinations were tried; none lost a commit that the documentation promises."
                .formatted(tried)
            : "%d of %d combinations lost a commit against the documentation; the first: %s."
                .formatted(
                    broken.size(), tried, broken.getFirst().witness().orElseThrow().command()));
  }

  private void mishap(Mishap mishap) {
    page.html("<h3 id=\"" + mishap.word() + "\">" + mishap.word() + "</h3>");
    String sentence = mishap.sentence();
    page.element(
        "p", "", sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1) + ".");
    page.html(
        "<div class=\"scroll\"><table"
            + " class=\"wide\"><thead><tr><th>Standbys</th><th>Database</th>");
    for (CommitLevel level : CommitLevel.values()) {
      page.element("th", "", level.word());
    }
    page.html("</tr></thead><tbody>");
    for (Standbys standbys : Standbys.values()) {
      for (Database database : measured.databases()) {
        page.html("<tr>")
            .element("td", "nowrap", standbys.title())
            .element("td", "quiet nowrap", database.title());
        for (CommitLevel level : CommitLevel.values()) {
          cell(level, measured.cell(database, new Combination(level, standbys, mishap)));
        }
        page.html("</tr>");
      }
    }
    page.html("</tbody></table></div>");
    witnesses(mishap);
  }

  private void cell(CommitLevel level, Cell cell) {
    StringBuilder text = new StringBuilder();
    boolean isLost = cell.losesCommits() || cell.losesWarnedCommits();
    String style = !cell.isMeasured() ? "quiet" : isLost ? "invalid" : "valid";
    text.append("<span class=\"").append(style).append(" nowrap\">");
    text.append(Page.escape(cell.commits())).append("</span>");
    if (cell.breaksPromise()) {
      text.append("<br><b class=\"invalid\">against the documentation</b>");
    }
    cell.notes()
        .forEach(note -> text.append("<br><span class=\"unknown nowrap\">" + note + "</span>"));
    String promise = Promise.of(cell.combination()).why();
    String hint = cell.isMeasured() ? "documentation: " + promise : cell.whyNot();
    page.html(
        "<td data-name=\"%s\" title=\"%s\">%s</td>"
            .formatted(level.word(), Page.escape(hint), text));
  }

  private void witnesses(Mishap mishap) {
    var losing =
        measured.databases().stream()
            .flatMap(database -> measured.cells(database).stream())
            .filter(cell -> cell.combination().mishap() == mishap)
            .filter(cell -> cell.witness().isPresent())
            .toList();
    if (losing.isEmpty()) {
      return;
    }
    page.html("<details><summary>Witnesses: " + losing.size() + "</summary>");
    for (Cell cell : losing) {
      Attempt shown = cell.witness().orElseThrow();
      page.element(
          "h3",
          "",
          "%s, %s, %s"
              .formatted(
                  cell.combination().level().word(),
                  cell.combination().standbys().title(),
                  new Database(shown.database(), shown.cluster()).title()));
      page.element(
          "p",
          "small",
          "%d acknowledged, %d lost, %d lost with a warning, %d reads lost; %s. The documentation: %s."
              .formatted(
                  shown.acknowledged(),
                  shown.lost(),
                  shown.lostWarned(),
                  shown.lostReads(),
                  shown.stress(),
                  Promise.of(cell.combination()).why()));
      page.html("<ul class=\"plain small\">");
      shown.witnesses().forEach(witness -> page.element("li", "", witness.text()));
      page.html("</ul>");
      page.html("<div class=\"command\"><pre>" + Page.escape(shown.command()) + "</pre></div>");
    }
    page.html("</details>");
  }

  private void promises() {
    page.html("<h2>What PostgreSQL's documentation promises</h2>");
    page.element("p", "quiet", "Version 15, in our words; the last column is its section.");
    page.html("<div class=\"scroll\"><table><tbody>");
    for (Promise.Rule rule : Promise.RULES) {
      page.html("<tr>")
          .element("td", "nowrap", rule.subject())
          .element("td", "", rule.says())
          .element("td", "quiet nowrap", rule.section())
          .html("</tr>");
    }
    page.html("</tbody></table></div>");
  }
}
