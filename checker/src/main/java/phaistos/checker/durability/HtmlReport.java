package phaistos.checker.durability;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import phaistos.checker.Verdict;

/** An audit as one self-contained HTML page, light or dark like the reader's system. */
public final class HtmlReport {
  private static final int MAX_ROWS = 2_000;

  private static final String STYLE =
      """
      :root { color-scheme: light dark;
        --page: #fbfaf7; --ink: #1d2329; --quiet: #5d666f; --line: #dcd8cf; --card: #ffffff;
        --valid: #1f7a4d; --invalid: #b3263e; --unknown: #9a6200; --code: #f1eee7; }
      @media (prefers-color-scheme: dark) { :root {
        --page: #15181c; --ink: #e6e4df; --quiet: #9aa3ad; --line: #333a42; --card: #1c2127;
        --valid: #5cc490; --invalid: #ff7d8f; --unknown: #e8b04c; --code: #262c33; } }
      * { box-sizing: border-box; }
      body { margin: 0; background: var(--page); color: var(--ink);
        font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
      main { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
      h1 { font-size: 1.6rem; line-height: 1.3; margin: 0 0 .25rem; text-wrap: balance; }
      h2 { font-size: 1.05rem; margin: 2.25rem 0 .6rem; }
      .word { text-transform: uppercase; letter-spacing: .06em; font-weight: 700; }
      .valid { color: var(--valid); } .invalid { color: var(--invalid); }
      .unknown { color: var(--unknown); }
      .quiet { color: var(--quiet); }
      .tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 0; padding: 0; }
      .tiles li { list-style: none; background: var(--card); border: 1px solid var(--line);
        border-radius: .5rem; padding: .6rem .9rem; min-width: 8.5rem; }
      .tiles b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
      .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem;
        background: var(--card); }
      table { border-collapse: collapse; width: 100%; font-size: .9rem; }
      th, td { text-align: left; vertical-align: top; padding: .45rem .7rem;
        border-bottom: 1px solid var(--line); }
      tr:last-child td { border-bottom: 0; }
      th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
      td.mono, code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .84rem; }
      td.nowrap { white-space: nowrap; }
      ol, ul.plain { padding-left: 1.2rem; } li { margin: .25rem 0; }
      """;

  private HtmlReport() {}

  /** The page. {@code footer}: the caller's lines, such as the command that made it. */
  public static String page(AuditReport report, List<String> footer) {
    Verdict verdict = report.verdict();
    StringBuilder out = new StringBuilder(1 << 16);
    out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<title>Durability audit: ")
        .append(verdict.word())
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style></head><body><main>\n");
    out.append("<p class=\"word ").append(verdict.word()).append("\">");
    out.append(verdict.word()).append("</p>\n<h1>").append(headline(report)).append("</h1>\n");
    tiles(report.counts(), out);
    problems(report, out);
    defects(report, out);
    nodes(report, out);
    assumptions(report, out);
    transactions(report, out);
    for (String line : footer) {
      out.append("<p class=\"quiet\"><code>").append(escape(line)).append("</code></p>\n");
    }
    return out.append("</main></body></html>\n").toString();
  }

  private static String headline(AuditReport report) {
    String reason = report.verdict().reason();
    if (!reason.isEmpty()) {
      return escape(Character.toUpperCase(reason.charAt(0)) + reason.substring(1)) + ".";
    }
    Counts counts = report.counts();
    String excused =
        counts.of(Judgement.LOST_AS_ALLOWED) > 0 ? ", or lost as their level allows" : "";
    return counts.acknowledged() == 1
        ? "The acknowledged commit is where it was promised to be."
        : "All %,d acknowledged commits are where they were promised to be%s."
            .formatted(counts.acknowledged(), excused);
  }

  private static void tiles(Counts counts, StringBuilder out) {
    out.append("<ul class=\"tiles\">");
    tile("acknowledged", counts.acknowledged(), "", out);
    tile("confirmed", counts.confirmed(), "valid", out);
    tile("lost", counts.lost(), "invalid", out);
    tile("lost as allowed", counts.of(Judgement.LOST_AS_ALLOWED), "unknown", out);
    if (counts.of(Judgement.NOT_CHOSEN_BY_RECOVERY) > 0) {
      tile("not chosen by recovery", counts.of(Judgement.NOT_CHOSEN_BY_RECOVERY), "unknown", out);
    }
    tile("not judged", counts.of(Judgement.NOT_JUDGED), "unknown", out);
    tile("rolled back", counts.rolledBack(), "", out);
    tile(
        "rolled back, yet committed",
        counts.of(Judgement.ROLLED_BACK_YET_COMMITTED),
        "invalid",
        out);
    tile("indeterminate", counts.indeterminate(), "", out);
    out.append("</ul>\n");
  }

  private static void tile(String name, int count, String color, StringBuilder out) {
    boolean isAlwaysShown = name.equals("acknowledged") || name.equals("confirmed");
    if (count == 0 && !isAlwaysShown && !name.equals("lost")) {
      return;
    }
    out.append("<li><b class=\"").append(count == 0 ? "quiet" : color).append("\">");
    out.append("%,d".formatted(count)).append("</b><span class=\"quiet\">").append(name);
    out.append("</span></li>");
  }

  private static void problems(AuditReport report, StringBuilder out) {
    if (report.problems().isEmpty()) {
      return;
    }
    out.append("<h2>Violations</h2>\n");
    List<TransactionFinding> shown =
        report.problems().subList(0, Math.min(MAX_ROWS, report.problems().size()));
    table(shown, out);
    more(report.problems().size() - shown.size(), out);
  }

  private static void defects(AuditReport report, StringBuilder out) {
    if (report.defects().isEmpty()) {
      return;
    }
    out.append("<h2>Defects in the files</h2>\n<div class=\"scroll\"><table><tr>");
    out.append("<th>Kind</th><th>Node</th><th>Where</th><th>What</th></tr>\n");
    List<Defect> shown = report.defects().subList(0, Math.min(200, report.defects().size()));
    for (Defect defect : shown) {
      out.append("<tr>");
      cell(defect.kind().word(), "nowrap", out);
      cell(defect.node(), "nowrap", out);
      cell(defect.where(), "mono nowrap", out);
      cell(defect.what(), "", out);
      out.append("</tr>\n");
    }
    out.append("</table></div>\n");
    more(report.defects().size() - shown.size() + report.moreDefects(), out);
  }

  private static void nodes(AuditReport report, StringBuilder out) {
    out.append("<h2>Nodes</h2>\n<div class=\"scroll\"><table><tr><th>Node</th><th>Role</th>");
    out.append("<th>Timeline</th><th>WAL</th><th>Ends because</th><th>Redo from</th>");
    out.append("<th>Records</th><th>Files</th></tr>\n");
    for (NodeReport node : report.nodes()) {
      out.append("<tr>");
      cell(node.name(), "nowrap", out);
      cell(node.role().name().toLowerCase(Locale.ROOT), "nowrap", out);
      if (node.isReadable()) {
        cell(node.history(), "mono", out);
        cell(node.walStart() + " – " + node.walEnd(), "mono nowrap", out);
        cell(node.endReason(), "", out);
        cell(node.redo().toString(), "mono nowrap", out);
        cell("%,d".formatted(node.records()), "mono nowrap", out);
      } else {
        out.append("<td colspan=\"5\" class=\"invalid\">cannot be read: ");
        out.append(escape(node.unreadable())).append("</td>");
      }
      List<String> files = new ArrayList<>(List.of(node.directory(), node.kind().meaning()));
      files.addAll(node.notes());
      out.append("<td>");
      out.append(String.join("<br>", files.stream().map(HtmlReport::escape).toList()));
      out.append("</td></tr>\n");
    }
    out.append("</table></div>\n");
  }

  private static void assumptions(AuditReport report, StringBuilder out) {
    if (report.assumptions().isEmpty()) {
      return;
    }
    out.append("<h2>What the verdict takes for granted</h2>\n<ul class=\"plain\">");
    report.assumptions().forEach(line -> out.append("<li>").append(escape(line)).append("</li>"));
    out.append("</ul>\n");
  }

  private static void transactions(AuditReport report, StringBuilder out) {
    List<TransactionFinding> shown = new ArrayList<>();
    report
        .transactions()
        .forEach(
            finding -> {
              if (shown.size() < MAX_ROWS) {
                shown.add(finding);
              }
            });
    if (shown.isEmpty()) {
      return;
    }
    out.append("<h2>Transactions</h2>\n");
    table(shown, out);
    more(report.transactions().size() - shown.size(), out);
  }

  private static void more(int count, StringBuilder out) {
    if (count > 0) {
      out.append("<p class=\"quiet\">");
      out.append("%,d more are in the JSON report.".formatted(count)).append("</p>\n");
    }
  }

  private static void table(List<TransactionFinding> findings, StringBuilder out) {
    out.append("<div class=\"scroll\"><table><tr><th>Event</th><th>Values</th><th>xid</th>");
    out.append("<th>Promise</th><th>Judgement</th><th>Where</th></tr>\n");
    for (TransactionFinding finding : findings) {
      Claim claim = finding.claim();
      out.append("<tr>");
      cell(Long.toString(claim.index()), "mono", out);
      cell(
          String.join(" ", claim.markers().stream().limit(12).map(Marker::toString).toList()),
          "mono",
          out);
      cell(claim.xid() == 0 ? "" : Long.toUnsignedString(claim.xid()), "mono", out);
      cell(claim.promise().toString(), "", out);
      out.append("<td><span class=\"").append(color(finding.judgement())).append("\">");
      out.append(finding.judgement().word()).append("</span>");
      if (finding.judgement() != Judgement.CONFIRMED) {
        out.append("<br><span class=\"quiet\">").append(escape(finding.reason()));
        out.append("</span>");
      }
      out.append("</td><td class=\"mono\">");
      List<String> copies = finding.copies().stream().map(HtmlReport::brief).toList();
      out.append(String.join("<br>", copies)).append("</td></tr>\n");
    }
    out.append("</table></div>\n");
  }

  private static String brief(Copy copy) {
    String place =
        copy.lsn().isValid()
            ? "%s %s+%d".formatted(copy.lsn(), copy.segment().replace("pg_wal/", ""), copy.offset())
            : copy.presence().words();
    String kind = copy.presence() == Presence.OTHER ? " (another transaction)" : "";
    return escape(
        "%s: %s%s; log %s → %s"
            .formatted(copy.node(), place, kind, copy.before().word(), copy.after().word()));
  }

  private static String color(Judgement judgement) {
    return switch (judgement) {
      case CONFIRMED, CONFIRMED_BY_COMMIT_LOG, ROLLED_BACK -> "valid";
      case LOST, ROLLED_BACK_YET_COMMITTED -> "invalid";
      case LOST_AS_ALLOWED, NOT_CHOSEN_BY_RECOVERY, NOT_JUDGED, UNDECIDED -> "unknown";
      case RECOVERED, DID_NOT_HAPPEN -> "quiet";
    };
  }

  private static void cell(String text, String style, StringBuilder out) {
    out.append(style.isEmpty() ? "<td>" : "<td class=\"" + style + "\">");
    out.append(escape(text)).append("</td>");
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
