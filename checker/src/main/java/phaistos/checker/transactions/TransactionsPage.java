package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import phaistos.checker.pages.Page;

/**
 * What was found about transactions as one page: the verdict with the levels that are ruled out,
 * then each kind of anomaly with its smallest cases, each with its proof in words and the cycle as
 * a picture.
 */
final class TransactionsPage {
  private static final int OPEN_CASES = 3;

  private final TransactionsResult result;
  private final Transactions txns;

  private TransactionsPage(TransactionsResult result, Transactions txns) {
    this.result = result;
    this.txns = txns;
  }

  static String print(TransactionsResult result, Transactions txns) {
    return new TransactionsPage(result, txns).print();
  }

  private String print() {
    String word = result.verdict().word();
    Page page = new Page("Transactions: " + word);
    page.element("p", "word " + word, word);
    page.element("h1", "", headline());
    list("Ruled out", result.not(), page);
    list("So these are ruled out too", result.alsoNot(), page);
    list("Not ruled out, the strongest", result.possible(), page);
    var sizes = result.statistics();
    page.element(
        "p",
        "quiet",
        "%,d transactions with %,d steps on %,d keys, %,d dependencies."
            .formatted(sizes.transactions(), sizes.steps(), sizes.keys(), sizes.edges()));
    result.notes().forEach(note -> page.element("p", "quiet", note));
    for (Map.Entry<String, List<Finding>> entry : result.findings().entrySet()) {
      kind(entry.getKey(), entry.getValue(), page);
    }
    components(page);
    return page.build();
  }

  private String headline() {
    int all = result.statistics().transactions();
    if (result.anomalies().isEmpty()) {
      String reason = result.verdict().reason();
      return reason.isEmpty() ? "No anomaly in %,d transactions.".formatted(all) : reason;
    }
    return "%s in %,d transactions.".formatted(String.join(", ", result.anomalies()), all);
  }

  private static void list(String title, List<String> words, Page page) {
    if (!words.isEmpty()) {
      page.element("p", "", title + ": " + String.join(", ", words) + ".");
    }
  }

  private void kind(String kind, List<Finding> findings, Page page) {
    long count = result.counts().getOrDefault(kind, (long) findings.size());
    page.html(
        "<h2 id=\"" + Page.escape(kind) + "\">" + Page.escape(title(kind, findings)) + "</h2>");
    if (count > findings.size()) {
      page.element("p", "quiet", "The smallest %d of %,d cases.".formatted(findings.size(), count));
    }
    for (int i = 0; i < findings.size(); i++) {
      Finding finding = findings.get(i);
      String open = i < OPEN_CASES ? " open" : "";
      page.html("<details class=\"case\"%s><summary>Case %d</summary>".formatted(open, i + 1));
      page.html("<pre>" + Page.escape(finding.proof()) + "</pre>");
      if (!finding.edges().isEmpty()) {
        String picture = TransactionsReport.picture(finding, txns, kind);
        page.html("<div class=\"picture scroll\">" + picture + "</div>");
      }
      page.html("</details>");
    }
  }

  private static String title(String kind, List<Finding> findings) {
    String name = findings.isEmpty() ? "" : CycleClass.commonName(findings.getFirst().anomaly());
    return name.isEmpty() || name.equals(kind) ? kind : kind + ": " + name;
  }

  private void components(Page page) {
    List<TransactionsResult.Component> shown = new ArrayList<>();
    Set<List<Integer>> seen = new HashSet<>();
    for (TransactionsResult.Component component : result.components()) {
      if (seen.add(component.ids())) {
        shown.add(component);
      }
    }
    if (shown.isEmpty()) {
      return;
    }
    page.html("<h2>Transactions that depend on each other in cycles</h2>");
    for (TransactionsResult.Component component : shown) {
      String title = component.ids().size() + " transactions";
      page.html("<details class=\"case\"><summary>" + title + "</summary>");
      String picture = TransactionsReport.picture(component, txns, title);
      page.html("<div class=\"picture scroll\">" + picture + "</div></details>");
    }
  }
}
