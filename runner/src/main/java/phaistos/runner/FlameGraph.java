package phaistos.runner;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Sampled stacks as a flame graph (Gregg 2016): a box for each call, as wide as its share of the
 * samples, on its caller.
 */
final class FlameGraph {
  private static final int WIDTH = 1200;
  private static final int ROW = 17;
  private static final double LEAST_WIDTH = 0.4;
  private static final double CHARACTER = 6.6;

  /** A call, with those that it made. */
  private static final class Call {
    final Map<String, Call> calls = new TreeMap<>();
    int samples;
  }

  private final Call root = new Call();

  /** The stacks of a flight recording's execution samples. */
  static FlameGraph of(Path recording) throws IOException {
    FlameGraph graph = new FlameGraph();
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getEventType().getName().equals("jdk.ExecutionSample")
            && event.getStackTrace() != null) {
          graph.add(
              event.getStackTrace().getFrames().stream().map(FlameGraph::name).toList().reversed());
        }
      }
    }
    return graph;
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  /** A sample: the outermost call first. */
  void add(List<String> stack) {
    Call at = root;
    at.samples++;
    for (String name : stack) {
      at = at.calls.computeIfAbsent(name, _ -> new Call());
      at.samples++;
    }
  }

  int samples() {
    return root.samples;
  }

  String svg(String title) {
    int depth = depth(root);
    int height = (depth + 2) * ROW;
    StringBuilder out = new StringBuilder();
    out.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" \
        font-family="monospace" font-size="11">
        <rect width="100%%" height="100%%" fill="#fff"/>
        <text x="4" y="13">%s</text>
        """
            .formatted(WIDTH, height, WIDTH, height, escaped(title)));
    if (root.samples > 0) {
      draw(root, "all", 0, WIDTH, height - ROW, out);
    }
    return out.append("</svg>\n").toString();
  }

  private static int depth(Call call) {
    return 1 + call.calls.values().stream().mapToInt(FlameGraph::depth).max().orElse(0);
  }

  private void draw(Call call, String name, double x, double width, int y, StringBuilder out) {
    if (width < LEAST_WIDTH) {
      return;
    }
    String shown =
        name.substring(name.lastIndexOf('.', Math.max(0, name.lastIndexOf('.') - 1)) + 1);
    int room = (int) (width / CHARACTER);
    out.append(
        String.format(
            Locale.ROOT,
            "<g><title>%s: %d samples, %.1f%%</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\""
                + " height=\"%d\" fill=\"%s\" stroke=\"#fff\" stroke-width=\"0.5\"/>",
            escaped(name),
            call.samples,
            100.0 * call.samples / root.samples,
            x,
            y,
            width,
            ROW - 1,
            colour(name)));
    if (room >= 3) {
      String text = shown.length() <= room ? shown : shown.substring(0, room - 2) + "..";
      out.append(
          String.format(
              Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%s</text>", x + 2, y + 12, escaped(text)));
    }
    out.append("</g>\n");
    double at = x;
    for (Map.Entry<String, Call> each : call.calls.entrySet()) {
      double part = width * each.getValue().samples / call.samples;
      draw(each.getValue(), each.getKey(), at, part, y - ROW, out);
      at += part;
    }
  }

  private static String colour(String name) {
    if (name.startsWith("phaistos.server.wal") || name.startsWith("phaistos.formats")) {
      return "#f4a261";
    }
    if (name.startsWith("phaistos.")) {
      return "#e9c46a";
    }
    return name.startsWith("java.") || name.startsWith("jdk.") ? "#a8c5da" : "#d0d0d0";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
