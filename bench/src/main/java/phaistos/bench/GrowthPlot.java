package phaistos.bench;

import java.util.List;
import java.util.Locale;

/** How times grow with sizes, drawn side by side. */
final class GrowthPlot {
  private GrowthPlot() {}

  /** The seconds of one size. */
  record Point(int size, double seconds) {}

  /** What was measured, by growing size. */
  record Series(String name, List<Point> points) {}

  /** The series, each scaled to its largest, so that a straight line is linear growth. */
  static String svg(String unit, List<Series> all) {
    StringBuilder out = new StringBuilder();
    int width = 380 * Math.max(2, all.size());
    out.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + width + " 300\"");
    out.append(
        " font-family=\"system-ui,sans-serif\" font-size=\"12\">\n<style>text{fill:#57606a}");
    out.append("path,circle{stroke:#0969da;fill:none;stroke-width:2}line{stroke:#8c959f}");
    out.append("@media(prefers-color-scheme:dark){text{fill:#9198a1}}</style>\n");
    for (int i = 0; i < all.size(); i++) {
      Series series = all.get(i);
      Point last = series.points.getLast();
      double top = series.points.stream().mapToDouble(Point::seconds).max().orElse(1) * 1.1;
      int left = 50 + i * 380;
      out.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"20\">%s</text><line x1=\"%d\" y1=\"260\" x2=\"%d\" y2=\"260\"/>"
                  + "<line x1=\"%d\" y1=\"30\" x2=\"%d\" y2=\"260\"/>%n",
              left,
              series.name,
              left,
              left + 310,
              left,
              left));
      StringBuilder path = new StringBuilder("M" + left + " 260");
      for (Point point : series.points) {
        double x = left + 300.0 * point.size / last.size;
        double y = 260 - 230 * point.seconds / top;
        path.append(String.format(Locale.ROOT, " L%.1f %.1f", x, y));
        out.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>%n", x, y));
      }
      out.append("<path d=\"").append(path).append("\"/>\n");
      out.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"280\" text-anchor=\"end\">%,d %s</text>"
                  + "<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">%.1f s</text>%n",
              left + 310,
              last.size,
              unit,
              left - 4,
              264 - 230 * last.seconds / top,
              last.seconds));
    }
    return out.append("</svg>\n").toString();
  }
}
