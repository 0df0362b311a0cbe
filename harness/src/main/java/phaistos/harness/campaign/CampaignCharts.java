package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import phaistos.checker.pages.Page;

/** Small pictures that need no script: how coverage saturates, and what the nights brought. */
final class CampaignCharts {
  private static final int WIDE = 440;
  private static final int HIGH = 130;
  private static final int LEFT = 44;
  private static final int BOTTOM = 22;
  private static final int TOP = 18;

  /** More are too many for the width: then the last ones. */
  private static final int NIGHTS_MAX = 60;

  private static final List<RunResult.Ending> ENDINGS =
      List.of(
          RunResult.Ending.VALID,
          RunResult.Ending.UNKNOWN,
          RunResult.Ending.INVALID,
          RunResult.Ending.HUNG,
          RunResult.Ending.CRASHED);

  private CampaignCharts() {}

  /** How many different things were reached after each run. */
  static String saturation(List<Entry.Run> runs) {
    Features features = new Features();
    List<Integer> sizes = new ArrayList<>(List.of(0));
    int last = 0;
    for (Entry.Run run : runs) {
      if (run.why() != Entry.Why.CANARY) {
        if (features.add(run.result())) {
          last = sizes.size();
        }
        sizes.add(features.size());
      }
    }
    if (sizes.size() < 3) {
      return "";
    }
    int most = Math.max(1, sizes.getLast());
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < sizes.size(); i++) {
      points.append(at(x(i, sizes.size() - 1), y(sizes.get(i), most)));
    }
    int count = sizes.size() - 1;
    return figure(
        "saturation",
        "%,d different things were reached; the last new one by run %,d of %,d."
            .formatted(most, last, count),
        axes(most, "1", "%,d runs".formatted(count))
            + "<polyline fill=\"none\" stroke=\"var(--ok)\" stroke-width=\"2\" points=\""
            + points
            + "\"/>");
  }

  /** A column for each night: its runs by verdict. Above it the number of its findings. */
  static String nights(List<NightSummary> all) {
    List<NightSummary> nights = all.subList(Math.max(0, all.size() - NIGHTS_MAX), all.size());
    if (nights.size() < 2) {
      return "";
    }
    int most = Math.max(1, nights.stream().mapToInt(NightSummary::total).max().orElse(1));
    double step = (double) (WIDE - LEFT) / nights.size();
    StringBuilder bars = new StringBuilder();
    for (int i = 0; i < nights.size(); i++) {
      NightSummary night = nights.get(i);
      double left = LEFT + i * step;
      double low = HIGH - BOTTOM;
      bars.append("<g><title>").append(Page.escape(title(night))).append("</title>");
      for (RunResult.Ending ending : ENDINGS) {
        double high = (double) night.of(ending) / most * (HIGH - BOTTOM - TOP);
        if (high > 0) {
          low -= high;
          bars.append(
              String.format(
                  Locale.ROOT,
                  "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"var(--%s)\"/>",
                  left + step * .1,
                  low,
                  Math.min(step * .8, 60),
                  high,
                  colour(ending)));
        }
      }
      if (night.findings() > 0) {
        bars.append(
            String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" fill=\"var(--invalid)\">%d</text>",
                left + step * .1,
                low - 2,
                night.findings()));
      }
      bars.append("</g>");
    }
    return figure(
        "trend",
        "Runs of each night by verdict; the number of findings above.",
        axes(most, date(nights.getFirst()), date(nights.getLast())) + bars);
  }

  private static String title(NightSummary night) {
    List<String> parts = new ArrayList<>();
    night.counts().forEach((ending, count) -> parts.add("%,d %s".formatted(count, ending.word())));
    return "%s: %s; %,d findings; %,.0f runs an hour"
        .formatted(date(night), String.join(", ", parts), night.findings(), night.runsAnHour());
  }

  private static String date(NightSummary night) {
    return night.night().began().toString().substring(0, 16).replace('T', ' ');
  }

  private static String colour(RunResult.Ending ending) {
    return switch (ending) {
      case VALID -> "valid";
      case UNKNOWN -> "unknown";
      case INVALID -> "invalid";
      case HUNG, CRASHED -> "fail";
    };
  }

  private static String figure(String name, String text, String drawing) {
    return ("<figure class=\"picture\" data-chart=\"%s\"><svg viewBox=\"0 0 %d %d\" role=\"img\""
            + " aria-label=\"%s\" font-size=\"12\">%s</svg><figcaption class=\"quiet"
            + " small\">%s</figcaption></figure>")
        .formatted(name, WIDE, HIGH, Page.escape(text), drawing, Page.escape(text));
  }

  private static String axes(int most, String from, String to) {
    int bottom = HIGH - BOTTOM;
    String quiet = "fill=\"var(--quiet)\"";
    return ("<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"var(--line)\"/>"
            + "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" %s>%,d</text>"
            + "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" %s>0</text>"
            + "<text x=\"%d\" y=\"%d\" %s>%s</text>"
            + "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" %s>%s</text>")
        .formatted(
            LEFT,
            TOP,
            bottom,
            WIDE,
            LEFT - 6,
            TOP + 6,
            quiet,
            most,
            LEFT - 6,
            bottom,
            quiet,
            LEFT,
            HIGH - 6,
            quiet,
            Page.escape(from),
            WIDE,
            HIGH - 6,
            quiet,
            Page.escape(to));
  }

  private static double x(int i, int last) {
    return LEFT + (double) i / Math.max(1, last) * (WIDE - LEFT);
  }

  private static double y(int value, int most) {
    return HIGH - BOTTOM - (double) value / most * (HIGH - BOTTOM - TOP);
  }

  private static String at(double x, double y) {
    return String.format(Locale.ROOT, "%.1f,%.1f ", x, y);
  }
}
