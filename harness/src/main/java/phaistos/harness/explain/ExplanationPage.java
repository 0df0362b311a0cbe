package phaistos.harness.explain;

import java.util.List;
import java.util.Locale;
import phaistos.checker.pages.Page;

/**
 * An explanation as a part of the run's page, between two marks that the page has for it; at its
 * end in a page without them. It needs no script. A second explanation replaces the first.
 */
public final class ExplanationPage {
  /** Where the part begins in a page. */
  public static final String BEGIN = "<!--explain-->";

  public static final String END = "<!--/explain-->";

  private static final String TITLE = "<h2 id=\"why\">Why</h2>";

  private static final double NANOS = 1e9;
  private static final int WIDTH = 440;
  private static final int HEIGHT = 130;
  private static final int LEFT = 44;
  private static final int BOTTOM = 24;
  private static final int TOP = 10;

  private ExplanationPage() {}

  /** The page with this part. */
  static String into(String page, Explanation explanation) {
    int from = page.indexOf(BEGIN);
    int to = page.indexOf(END);
    boolean hasPlace = from >= 0 && to > from;
    int end = page.indexOf("</main>");
    if (!hasPlace && end < 0) {
      return page;
    }
    String before = hasPlace ? page.substring(0, from) : page.substring(0, end) + TITLE;
    String after = hasPlace ? page.substring(to) : END + "\n" + page.substring(end);
    return before + BEGIN + "\n" + part(explanation) + after;
  }

  /** The part as markup. */
  static String part(Explanation why) {
    StringBuilder out = new StringBuilder("<div id=\"explanation\">\n");
    why.named().ifPresent(place -> named(why, place, out));
    if (!why.curve().isEmpty()) {
      curve(why, out);
    }
    why.smaller().ifPresent(smaller -> smaller(smaller, out));
    why.junit()
        .ifPresent(
            source -> {
              out.append("<details id=\"junit\"><summary>A JUnit test that repeats it</summary>");
              out.append("<div class=\"command\"><pre>").append(Page.escape(source));
              out.append("</pre></div></details>\n");
            });
    if (!why.isComplete()) {
      out.append("<p class=\"unknown\">Partial: ");
      out.append(Page.escape(String.join("; ", why.open()))).append(".</p>\n");
    }
    paragraph(
        "quiet small",
        "%d runs of variants in %.1f s. All of it is in explain.json."
            .formatted(why.effort().runs(), why.effort().seconds()),
        out);
    return out.append("</div>\n").toString();
  }

  private static void paragraph(String style, String text, StringBuilder out) {
    out.append("<p class=\"").append(style).append("\">").append(Page.escape(text));
    out.append("</p>\n");
  }

  private static void named(Explanation why, Explanation.Place place, StringBuilder out) {
    boolean isPromise = why.promise().isPresent();
    out.append("<h3>")
        .append(isPromise ? "The first broken promise" : "Where it becomes inevitable");
    out.append("</h3>\n<div class=\"scroll\"><table id=\"named\">\n");
    row("step", place.step(), out);
    if (isPromise) {
      row("seen", place.sentence(), out);
    }
    row("task", place.task(), out);
    row("time", seconds(place.nanos()) + (place.nanos() < 0 ? " (before the load)" : ""), out);
    row("source", place.source() + " (" + place.method() + ")", out);
    out.append("</table></div>\n");
  }

  private static void row(String name, String text, StringBuilder out) {
    out.append("<tr><td class=\"nowrap quiet\">").append(name).append("</td><td>");
    out.append(Page.escape(text)).append("</td></tr>\n");
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.6f s", nanos / NANOS);
  }

  private static void curve(Explanation why, StringBuilder out) {
    out.append("<h3>Share of runs with the violation, choices drawn anew from a moment on</h3>\n");
    List<Explanation.Point> points = why.curve();
    double first = points.getFirst().nanos();
    double last = Math.max(first + 1, points.getLast().nanos());
    out.append("<div class=\"scroll\"><svg id=\"inevitable\" viewBox=\"0 0 ")
        .append(WIDTH)
        .append(' ')
        .append(HEIGHT);
    out.append("\" role=\"img\" aria-label=\"share of runs with the violation over time\"");
    out.append(" style=\"display:block;width:100%;max-width:34rem\">\n");
    for (int percent : new int[] {0, 50, 100}) {
      double y = y(percent / 100.0);
      out.append(line(LEFT, y, WIDTH - 8, y, "var(--line)", 1));
      out.append(label(LEFT - 6, y + 4, "end", percent + " %"));
    }
    StringBuilder path = new StringBuilder();
    for (Explanation.Point point : points) {
      double x = x(point.nanos(), first, last);
      path.append(path.isEmpty() ? "M" : "L").append(decimal(x)).append(' ');
      path.append(decimal(y(point.share())));
    }
    out.append("<path fill=\"none\" stroke=\"var(--lost)\" stroke-width=\"2\" d=\"").append(path);
    out.append("\"/>\n");
    for (Explanation.Point point : points) {
      out.append("<circle r=\"3\" fill=\"var(--lost)\" cx=\"");
      out.append(decimal(x(point.nanos(), first, last))).append("\" cy=\"");
      out.append(decimal(y(point.share()))).append("\"><title>").append(seconds(point.nanos()));
      out.append(": ").append(point.failed()).append(" of ").append(point.runs());
      out.append(" runs</title></circle>\n");
    }
    why.jump()
        .ifPresent(
            place -> {
              double x = x(place.nanos(), first, last);
              out.append(line(x, TOP, x, HEIGHT - BOTTOM, "var(--ink)", 1));
            });
    out.append(label(LEFT, HEIGHT - 6, "start", seconds((long) first)));
    out.append(label(WIDTH - 8, HEIGHT - 6, "end", seconds((long) last)));
    out.append("</svg></div>\n");
    paragraph("small", jump(why), out);
  }

  private static String jump(Explanation why) {
    return why.jump()
        .map(
            place ->
                "It becomes inevitable at %s, in %s%s: %s (%s)."
                    .formatted(
                        seconds(place.nanos()),
                        place.task(),
                        place.step().isEmpty() ? "" : ", step " + place.step(),
                        place.source(),
                        place.method()))
        .orElse(
            why.curve().getFirst().share() >= 0.9
                ? "It is inevitable from the start: these calls and faults bring it, whatever the"
                    + " simulator chooses."
                : "The moment was not found.");
  }

  private static double x(double nanos, double first, double last) {
    return LEFT + (WIDTH - 8 - LEFT) * (nanos - first) / (last - first);
  }

  private static double y(double share) {
    return TOP + (HEIGHT - BOTTOM - TOP) * (1 - share);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String line(double x1, double y1, double x2, double y2, String color, int width) {
    return "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"%s\" stroke-width=\"%d\"/>\n"
        .formatted(decimal(x1), decimal(y1), decimal(x2), decimal(y2), color, width);
  }

  private static String label(double x, double y, String anchor, String text) {
    return ("<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" font-size=\"12\" fill=\"var(--quiet)\">"
            + "%s</text>\n")
        .formatted(decimal(x), decimal(y), anchor, Page.escape(text));
  }

  private static String sentence(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
  }

  private static void smaller(Explanation.Smaller smaller, StringBuilder out) {
    out.append("<h3>A smaller run with the same violation</h3>\n");
    paragraph("", ExplanationText.size(smaller) + ": " + smaller.reason() + ".", out);
    smaller.joined().forEach(line -> paragraph("", sentence(line), out));
    out.append("<div class=\"scroll tall\"><table id=\"smaller\"><thead><tr><th>Seconds</th>");
    out.append("<th>Who</th><th>What</th></tr></thead><tbody>\n");
    for (ExplanationText.Happening each : ExplanationText.happenings(smaller)) {
      out.append("<tr><td class=\"mono nowrap number\">");
      out.append(String.format(Locale.ROOT, "%.6f", each.nanos() / NANOS));
      out.append("</td><td class=\"nowrap\">").append(Page.escape(each.who()));
      out.append("</td><td class=\"mono\">").append(Page.escape(each.what()));
      out.append("</td></tr>\n");
    }
    out.append("</tbody></table></div>\n");
  }
}
