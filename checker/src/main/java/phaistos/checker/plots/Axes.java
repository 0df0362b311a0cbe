package phaistos.checker.plots;

import java.util.List;
import java.util.Locale;
import phaistos.checker.pages.FaultSpans;

/** The frame of a plot over time: scales, grid, faults as bands, a legend. */
final class Axes {
  static final double WIDTH = 960;
  static final double HEIGHT = 420;
  static final double LEFT = 70;
  static final double RIGHT = 150;
  static final double TOP = 46;
  static final double BOTTOM = 46;
  private static final double NANOS = 1e9;

  /** A name and a colour of the legend; {@code dashes} as in SVG, empty for a box. */
  record Entry(String name, String colour, String dashes) {
    Entry(String name, String colour) {
      this(name, colour, "");
    }
  }

  final Svg svg;
  private final double toSeconds;
  private final double low;
  private final double high;
  private final boolean logarithmic;

  Axes(String title, String unit, double toSeconds, double low, double high, boolean logarithmic) {
    this.svg = new Svg(WIDTH, HEIGHT, title);
    this.toSeconds = Math.max(toSeconds, 1e-9);
    this.low = low;
    this.high = high > low ? high : low + 1;
    this.logarithmic = logarithmic;
    svg.text(20, 26, title + " (" + unit + ")", "class=\"title\"");
  }

  double x(double seconds) {
    return LEFT + (WIDTH - LEFT - RIGHT) * seconds / toSeconds;
  }

  double y(double value) {
    double at =
        logarithmic
            ? (Math.log(Math.max(value, low)) - Math.log(low)) / (Math.log(high) - Math.log(low))
            : (value - low) / (high - low);
    return HEIGHT - BOTTOM - at * (HEIGHT - TOP - BOTTOM);
  }

  void faults(List<FaultSpans.Timed> bands) {
    for (FaultSpans.Timed band : bands) {
      double from = x(band.fromNanos() / NANOS);
      double width = Math.max(1.5, x(band.toNanos() / NANOS) - from);
      svg.group("");
      svg.hint(band.span().kind());
      svg.rect(
          from, TOP, width, HEIGHT - TOP - BOTTOM, "fill=\"var(--band)\" fill-opacity=\"0.45\"");
      svg.end();
      if (width > 40) {
        svg.text(from + 3, TOP + 12, band.span().kind(), "class=\"faint\"");
      }
    }
  }

  void grid() {
    double step = niceStep(toSeconds / 8);
    for (double s = 0; s <= toSeconds * 1.0001; s += step) {
      svg.line(x(s), TOP, x(s), HEIGHT - BOTTOM, "stroke=\"var(--grid)\"");
      svg.text(x(s), HEIGHT - BOTTOM + 16, number(s), "text-anchor=\"middle\" class=\"faint\"");
    }
    svg.text(
        (LEFT + WIDTH - RIGHT) / 2,
        HEIGHT - 10,
        "time (s)",
        "text-anchor=\"middle\" class=\"faint\"");
    if (logarithmic) {
      for (double v = Math.pow(10, Math.ceil(Math.log10(low))); v <= high * 1.0001; v *= 10) {
        row(v);
      }
    } else {
      double by = niceStep((high - low) / 6);
      for (double v = Math.ceil(low / by) * by; v <= high + by * 0.001; v += by) {
        row(v);
      }
    }
  }

  private void row(double value) {
    svg.line(LEFT, y(value), WIDTH - RIGHT, y(value), "stroke=\"var(--grid)\"");
    svg.text(LEFT - 6, y(value) + 4, number(value), "text-anchor=\"end\" class=\"faint\"");
  }

  void legend(List<Entry> entries) {
    double y = TOP + 8;
    for (Entry entry : entries) {
      if (entry.dashes.isEmpty()) {
        svg.rect(WIDTH - RIGHT + 16, y - 9, 10, 10, "fill=\"" + entry.colour + "\"");
      } else {
        String stroke = "stroke-width=\"2\" stroke=\"%s\" stroke-dasharray=\"%s\"";
        double left = WIDTH - RIGHT + 12;
        svg.line(left, y - 4, left + 17, y - 4, stroke.formatted(entry.colour, entry.dashes));
      }
      svg.text(WIDTH - RIGHT + 32, y, entry.name, "");
      y += 18;
    }
  }

  private static double niceStep(double about) {
    double unit = Math.pow(10, Math.floor(Math.log10(about)));
    for (double factor : new double[] {1, 2, 5}) {
      if (unit * factor >= about) {
        return unit * factor;
      }
    }
    return unit * 10;
  }

  private static String number(double value) {
    if (value != 0 && Math.abs(value) < 0.01) {
      return String.format(Locale.ROOT, "%.0e", value);
    }
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.replaceAll("\\.?0+$", "");
  }
}
