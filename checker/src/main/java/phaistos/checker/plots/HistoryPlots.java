package phaistos.checker.plots;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import phaistos.checker.CheckContext;
import phaistos.checker.pages.Brief;
import phaistos.checker.pages.FaultSpans;
import phaistos.histories.Edn;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.UntypedCall;

/**
 * Plots of a history over time: latency (single operations, and quantiles), rate, sets, banks.
 * Operations at the same place share one mark, so a picture has at most some thousand marks for any
 * length of history. Histories without times give no plots.
 */
public final class HistoryPlots {
  private static final double NANOS = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final int COLUMNS = 240;
  private static final int ROWS = 110;
  private static final int BUCKETS = 100;
  private static final double DOT = 2;
  private static final double[] QUANTILES = {0.5, 0.95, 0.99, 1};
  private static final String[] QUANTILE_NAMES = {"median", "95 %", "99 %", "maximum"};
  private static final String[] QUANTILE_COLOURS = {
    "var(--ok)", "var(--info)", "var(--fail)", "var(--rw)"
  };
  private static final String[] OUTCOMES = {"ok", "info", "fail", "rolled-back"};

  /** A completed operation: its function, outcome (a place in OUTCOMES), begin and latency. */
  private record Point(String f, int outcome, long fromNanos, long latencyNanos) {}

  private final History<UntypedCall> history;
  private final List<Point> points = new ArrayList<>();
  private final List<FaultSpans.Timed> faults;
  private final double seconds;

  private HistoryPlots(History<UntypedCall> history) {
    this.history = history;
    long end = 0;
    List<Event<UntypedCall>> events = history.events();
    for (int place = 0; place < events.size(); place++) {
      Event<UntypedCall> event = events.get(place);
      end = Math.max(end, event.timeNanos());
      if (event.isClient() && !event.isInvoke() && event.timeNanos() >= 0) {
        history
            .invocationOf(place)
            .ifPresent(
                begun ->
                    points.add(
                        new Point(
                            event.call().name(),
                            outcome(event),
                            begun.timeNanos(),
                            Math.max(1, event.timeNanos() - begun.timeNanos()))));
      }
    }
    seconds = end / NANOS;
    faults = FaultSpans.timed(history.events(), Set.of(), end);
  }

  private static int outcome(Event<UntypedCall> event) {
    return switch (event) {
      case Event.Ok<UntypedCall> _ -> 0;
      case Event.Fail<UntypedCall> _ -> Brief.isIntended(event) ? 3 : 2;
      default -> 1;
    };
  }

  /** Writes every plot for which the history has data, and the timeline. */
  public static void write(History<UntypedCall> history, CheckContext context) throws IOException {
    for (Map.Entry<String, String> plot : draw(history).entrySet()) {
      context.writeArtifact(plot.getKey(), plot.getValue().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The plots by file name. */
  public static Map<String, String> draw(History<UntypedCall> history) {
    HistoryPlots plots = new HistoryPlots(history);
    Map<String, String> files = new LinkedHashMap<>();
    if (!plots.points.isEmpty() && plots.seconds > 0) {
      files.put("latency-raw.svg", plots.latencyPoints());
      files.put("latency-quantiles.svg", plots.latencyQuantiles());
      files.put("rate.svg", plots.rate());
      plots.set().ifPresent(svg -> files.put("set.svg", svg));
      plots.bank().ifPresent(svg -> files.put("bank.svg", svg));
    }
    files.put("timeline.html", Timeline.draw(history));
    return files;
  }

  private Axes latencyAxes(String title) {
    double low = points.stream().mapToLong(Point::latencyNanos).min().orElse(1);
    double high = points.stream().mapToLong(Point::latencyNanos).max().orElse(1);
    double from = Math.pow(10, Math.floor(Math.log10(low / NANOS_PER_MILLI)));
    double to = Math.pow(10, Math.ceil(Math.log10(high / NANOS_PER_MILLI)));
    Axes axes = new Axes(title, "ms", seconds, from, Math.max(to, from * 10), true);
    axes.faults(faults);
    axes.grid();
    return axes;
  }

  /**
   * One mark for all operations of one outcome at one place. More operations make it more opaque. A
   * small share of the operations at that place makes it smaller, so that a rare failure hides
   * nothing.
   */
  private String latencyPoints() {
    Axes axes =
        latencyAxes(
            "Latency of %s operations".formatted(String.format(Locale.ROOT, "%,d", points.size())));
    double width = (Axes.WIDTH - Axes.LEFT - Axes.RIGHT) / COLUMNS;
    double height = (Axes.HEIGHT - Axes.TOP - Axes.BOTTOM) / ROWS;
    int[][][] counts = new int[OUTCOMES.length][COLUMNS + 1][ROWS + 1];
    int most = 1;
    for (Point point : points) {
      double x = axes.x(point.fromNanos / NANOS) - Axes.LEFT;
      double y = axes.y(point.latencyNanos / NANOS_PER_MILLI) - Axes.TOP;
      int column = Math.clamp(Math.round(x / width), 0, COLUMNS);
      int row = Math.clamp(Math.round(y / height), 0, ROWS);
      most = Math.max(most, ++counts[point.outcome][column][row]);
    }
    for (int outcome = 0; outcome < OUTCOMES.length; outcome++) {
      axes.svg.group("fill=\"var(--" + OUTCOMES[outcome] + ")\"");
      for (int column = 0; column <= COLUMNS; column++) {
        for (int row = 0; row <= ROWS; row++) {
          int count = counts[outcome][column][row];
          if (count > 0) {
            double opacity = 0.2 + 0.8 * Math.log1p(count) / Math.log1p(most);
            int there = 0;
            for (int[][] each : counts) {
              there += each[column][row];
            }
            double share = Math.max(0.4, Math.sqrt((double) count / there));
            axes.svg.circle(
                Axes.LEFT + column * width,
                Axes.TOP + row * height,
                share * Math.min(3.4, 1.8 + 0.4 * Math.log10(count)),
                "fill-opacity=\"" + Svg.n(Math.max(0.2, opacity)) + "\"");
          }
        }
      }
      axes.svg.end();
    }
    axes.legend(Arrays.stream(OUTCOMES).map(o -> new Axes.Entry(o, "var(--" + o + ")")).toList());
    return axes.svg.build();
  }

  private String latencyQuantiles() {
    Axes axes = latencyAxes("Latency quantiles of ok operations");
    List<List<Long>> buckets = new ArrayList<>();
    for (int i = 0; i < BUCKETS; i++) {
      buckets.add(new ArrayList<>());
    }
    for (Point point : points) {
      if (point.outcome == 0) {
        buckets.get(bucket(point.fromNanos)).add(point.latencyNanos);
      }
    }
    buckets.forEach(bucket -> bucket.sort(Comparator.naturalOrder()));
    List<Axes.Entry> legend = new ArrayList<>();
    for (int q = 0; q < QUANTILES.length; q++) {
      StringBuilder path = new StringBuilder();
      for (int i = 0; i < BUCKETS; i++) {
        List<Long> bucket = buckets.get(i);
        if (!bucket.isEmpty()) {
          int place = (int) Math.min(bucket.size() - 1, (long) (bucket.size() * QUANTILES[q]));
          path.append(path.isEmpty() ? "M" : "L")
              .append(Svg.n(axes.x((i + 0.5) * seconds / BUCKETS)))
              .append(' ')
              .append(Svg.n(axes.y(bucket.get(place) / NANOS_PER_MILLI)));
        }
      }
      axes.svg.path(
          path.toString(),
          "fill=\"none\" stroke-width=\"1.6\" stroke=\"" + QUANTILE_COLOURS[q] + "\"");
      legend.add(new Axes.Entry(QUANTILE_NAMES[q], QUANTILE_COLOURS[q]));
    }
    axes.legend(legend);
    return axes.svg.build();
  }

  private int bucket(long nanos) {
    return Math.clamp((long) (nanos / NANOS / seconds * BUCKETS), 0, BUCKETS - 1);
  }

  /** Completions a second, by function and outcome; functions differ by dashes. */
  private String rate() {
    Map<String, int[]> counts = new TreeMap<>();
    for (Point point : points) {
      String series = point.f + " " + OUTCOMES[point.outcome];
      counts
          .computeIfAbsent(series, _ -> new int[BUCKETS])[
          bucket(point.fromNanos + point.latencyNanos)]++;
    }
    double width = seconds / BUCKETS;
    double high = 0;
    for (int[] series : counts.values()) {
      for (int count : series) {
        high = Math.max(high, count / width);
      }
    }
    Axes axes = new Axes("Rate of completions", "1/s", seconds, 0, high * 1.05, false);
    axes.faults(faults);
    axes.grid();
    List<Axes.Entry> legend = new ArrayList<>();
    List<String> functions =
        counts.keySet().stream().map(s -> s.substring(0, s.lastIndexOf(' '))).distinct().toList();
    counts.forEach(
        (name, series) -> {
          String outcome = name.substring(name.lastIndexOf(' ') + 1);
          int dash = functions.indexOf(name.substring(0, name.lastIndexOf(' ')));
          StringBuilder path = new StringBuilder();
          for (int i = 0; i < BUCKETS; i++) {
            path.append(i == 0 ? "M" : "L")
                .append(Svg.n(axes.x((i + 0.5) * width)))
                .append(' ')
                .append(Svg.n(axes.y(series[i] / width)));
          }
          axes.svg.path(
              path.toString(),
              "fill=\"none\" stroke-width=\"1.6\" stroke=\"var(--"
                  + outcome
                  + ")\""
                  + (dash > 0 ? " stroke-dasharray=\"" + dashes(dash) + "\"" : ""));
          legend.add(new Axes.Entry(name, "var(--" + outcome + ")", dashes(dash)));
        });
    axes.legend(legend.subList(0, Math.min(legend.size(), 18)));
    return axes.svg.build();
  }

  private static String dashes(int function) {
    return function == 0 ? "1 0" : (1 + function * 3) + " 3";
  }

  /** The numbers of elements attempted, acknowledged, and seen by each read of a set. */
  private java.util.Optional<String> set() {
    List<double[]> attempts = new ArrayList<>();
    List<double[]> acknowledged = new ArrayList<>();
    List<double[]> reads = new ArrayList<>();
    Set<Edn> tried = new HashSet<>();
    Set<Edn> known = new HashSet<>();
    for (Event<UntypedCall> event : history.events()) {
      double at = event.timeNanos() / NANOS;
      String f = event.call().name();
      if (f.equals("add") && event.isInvoke() && tried.add(event.call().value())) {
        attempts.add(new double[] {at, tried.size()});
      } else if (f.equals("add") && event instanceof Event.Ok && known.add(event.call().value())) {
        acknowledged.add(new double[] {at, known.size()});
      } else if (f.equals("read") && event instanceof Event.Ok) {
        size(event.call().value()).ifPresent(size -> reads.add(new double[] {at, size}));
      }
    }
    if (reads.isEmpty() || tried.isEmpty()) {
      return java.util.Optional.empty();
    }
    double high = Math.max(tried.size(), reads.stream().mapToDouble(r -> r[1]).max().orElse(0));
    Axes axes = new Axes("Size of the set", "elements", seconds, 0, high * 1.05, false);
    axes.faults(faults);
    axes.grid();
    line(axes, attempts, "var(--faint)");
    line(axes, acknowledged, "var(--ok)");
    dots(axes, reads, 0, "var(--info)");
    axes.legend(
        List.of(
            new Axes.Entry("tried", "var(--faint)"),
            new Axes.Entry("acknowledged", "var(--ok)"),
            new Axes.Entry("in a read", "var(--info)")));
    return java.util.Optional.of(axes.svg.build());
  }

  private static java.util.OptionalInt size(Edn value) {
    return switch (value) {
      case Edn.Group group -> java.util.OptionalInt.of(group.items().size());
      case Edn.Vector vector -> java.util.OptionalInt.of(vector.items().size());
      case Edn.Sequence sequence -> java.util.OptionalInt.of(sequence.items().size());
      default -> java.util.OptionalInt.empty();
    };
  }

  private static void line(Axes axes, List<double[]> steps, String colour) {
    StringBuilder path = new StringBuilder();
    for (double[] step : thin(steps)) {
      path.append(path.isEmpty() ? "M" : "L")
          .append(Svg.n(axes.x(step[0])))
          .append(' ')
          .append(Svg.n(axes.y(step[1])));
    }
    axes.svg.path(path.toString(), "fill=\"none\" stroke-width=\"1.6\" stroke=\"" + colour + "\"");
  }

  /** A mark for each place that has any, so that a single event stays visible among many. */
  private static void dots(Axes axes, List<double[]> all, double shift, String colour) {
    Set<Long> drawn = new HashSet<>();
    axes.svg.group("fill=\"" + colour + "\"");
    for (double[] one : all) {
      long x = Math.round(axes.x(one[0]) / DOT);
      long y = Math.round(axes.y(one[1]) / DOT);
      if (drawn.add(x << 32 | y)) {
        axes.svg.circle(x * DOT, y * DOT + shift, 2.4, "");
      }
    }
    axes.svg.end();
  }

  /** At most some thousand of them, evenly. */
  private static List<double[]> thin(List<double[]> all) {
    int every = all.size() / 2_000 + 1;
    List<double[]> some = new ArrayList<>();
    for (int i = 0; i < all.size(); i += every) {
      some.add(all.get(i));
    }
    if (every > 1) {
      some.add(all.getLast());
    }
    return some;
  }

  /** The sum of all balances in each read of a bank. */
  private java.util.Optional<String> bank() {
    Map<String, List<double[]>> byNode = new TreeMap<>();
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Event<UntypedCall> event : history.events()) {
      if (event instanceof Event.Ok && event.call().value() instanceof Edn.Table balances) {
        double sum = 0;
        boolean isBank = !balances.entries().isEmpty();
        for (Edn balance : balances.entries().values()) {
          isBank &= balance instanceof Edn.Int || balance instanceof Edn.Nil;
          sum += balance instanceof Edn.Int(long value) ? value : 0;
        }
        if (isBank && event.call().name().equals("read")) {
          String node = event.details().node().orElse("total");
          byNode
              .computeIfAbsent(node, _ -> new ArrayList<>())
              .add(new double[] {event.timeNanos() / NANOS, sum});
          low = Math.min(low, sum);
          high = Math.max(high, sum);
        }
      }
    }
    if (byNode.isEmpty()) {
      return java.util.Optional.empty();
    }
    double margin = Math.max(1, (high - low) * 0.1);
    Axes axes =
        new Axes("Sum of all balances", "total", seconds, low - margin, high + margin, false);
    axes.faults(faults);
    axes.grid();
    String[] colours = {
      "var(--ok)", "var(--info)", "var(--fail)", "var(--wr)", "var(--rw)", "var(--process)"
    };
    List<Axes.Entry> legend = new ArrayList<>();
    byNode.forEach(
        (node, sums) -> {
          String colour = colours[legend.size() % colours.length];
          legend.add(new Axes.Entry(node, colour));
          // Side by side, for nearly all have the same total.
          double shift = (legend.size() - 1 - (byNode.size() - 1) / 2.0) * 2 * DOT;
          dots(axes, sums, shift, colour);
        });
    axes.legend(legend);
    return java.util.Optional.of(axes.svg.build());
  }
}
