package phaistos.checker.plots;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Transactions as boxes one below the other, in the order given, and dependencies as arrows: those
 * that lead down on the right, those that lead back up on the left. Colours and labels show the
 * kind of a dependency.
 */
public final class GraphPicture {
  private static final double LINE = 16;
  private static final double LANE = 26;
  private static final double TOP = 46;
  private static final double GAP = 30;
  private static final double CHAR = 6.7;
  private static final int TEXT_MAX = 96;

  /** A box: its name, and lines of text. */
  public record Node(String name, List<String> lines) {}

  /** An arrow between the boxes at two places of the list; {@code kind} is ww, wr, rw, ... */
  public record Arrow(int from, int to, String kind) {}

  private final List<Node> nodes;
  private final List<Arrow> arrows;
  private final double[] top;
  private final double[] height;
  private double boxLeft;
  private double boxWidth;

  private GraphPicture(List<Node> nodes, List<Arrow> arrows) {
    this.nodes = nodes;
    this.arrows = arrows;
    top = new double[nodes.size()];
    height = new double[nodes.size()];
  }

  public static String draw(String title, List<Node> nodes, List<Arrow> arrows) {
    return new GraphPicture(nodes, arrows).draw(title);
  }

  private String draw(String title) {
    double y = TOP;
    int widest = 20;
    for (int i = 0; i < nodes.size(); i++) {
      top[i] = y;
      height[i] = 14 + LINE * (nodes.get(i).lines.size() + 1);
      y += height[i] + GAP;
      for (String line : nodes.get(i).lines) {
        widest = Math.max(widest, Math.min(TEXT_MAX, line.length()));
      }
    }
    List<List<Arrow>> down = lanes(arrows.stream().filter(a -> a.from < a.to).toList());
    List<List<Arrow>> up = lanes(arrows.stream().filter(a -> a.from >= a.to).toList());
    boxLeft = 24 + up.size() * LANE + (up.isEmpty() ? 0 : 60);
    boxWidth = widest * CHAR + 24;
    double right = down.size() * LANE + (down.isEmpty() ? 20 : 90);
    double width = Math.max(boxLeft + boxWidth + right, title.length() * 8.5 + 40);
    Svg svg = new Svg(width, y, title);
    svg.text(20, 26, title, "class=\"title\"");
    drawBoxes(svg);
    Map<Integer, Integer> ports = new HashMap<>();
    for (int lane = 0; lane < down.size(); lane++) {
      for (Arrow arrow : down.get(lane)) {
        drawArrow(svg, arrow, lane, true, ports);
      }
    }
    for (int lane = 0; lane < up.size(); lane++) {
      for (Arrow arrow : up.get(lane)) {
        drawArrow(svg, arrow, lane, false, ports);
      }
    }
    return svg.build();
  }

  /** Overlapping arrows get separate lanes; short ones stay near the boxes. */
  private static List<List<Arrow>> lanes(List<Arrow> all) {
    List<Arrow> shortFirst = new ArrayList<>(all);
    shortFirst.sort((a, b) -> Math.abs(a.to - a.from) - Math.abs(b.to - b.from));
    List<List<Arrow>> lanes = new ArrayList<>();
    for (Arrow arrow : shortFirst) {
      List<Arrow> free = null;
      for (List<Arrow> lane : lanes) {
        if (free == null && lane.stream().noneMatch(other -> overlap(other, arrow))) {
          free = lane;
        }
      }
      if (free == null) {
        free = new ArrayList<>();
        lanes.add(free);
      }
      free.add(arrow);
    }
    return lanes;
  }

  private static boolean overlap(Arrow a, Arrow b) {
    return Math.min(a.from, a.to) < Math.max(b.from, b.to)
        && Math.min(b.from, b.to) < Math.max(a.from, a.to);
  }

  private void drawBoxes(Svg svg) {
    for (int i = 0; i < nodes.size(); i++) {
      svg.rect(
          boxLeft,
          top[i],
          boxWidth,
          height[i],
          "rx=\"6\" fill=\"var(--box)\" stroke=\"var(--faint)\"");
      svg.text(boxLeft + 12, top[i] + 18, nodes.get(i).name, "font-weight=\"600\"");
      double y = top[i] + 18 + LINE;
      for (String line : nodes.get(i).lines) {
        String shown = line.length() > TEXT_MAX ? line.substring(0, TEXT_MAX - 1) + "…" : line;
        svg.text(boxLeft + 12, y, shown, "class=\"mono\"");
        y += LINE;
      }
    }
  }

  private void drawArrow(
      Svg svg, Arrow arrow, int lane, boolean isDown, Map<Integer, Integer> ports) {
    double side = isDown ? boxLeft + boxWidth : boxLeft;
    double sign = isDown ? 1 : -1;
    double out = side + sign * (34 + lane * LANE);
    double from = port(arrow.from, isDown, true, ports);
    double to = port(arrow.to, isDown, false, ports);
    String colour = "var(--" + arrow.kind + ")";
    String d =
        "M%s %s C%s %s %s %s %s %s"
            .formatted(
                Svg.n(side),
                Svg.n(from),
                Svg.n(out + sign * 10),
                Svg.n(from),
                Svg.n(out + sign * 10),
                Svg.n(to),
                Svg.n(side + sign * 7),
                Svg.n(to));
    svg.path(d, "fill=\"none\" stroke-width=\"1.6\" stroke=\"" + colour + "\"");
    String head = "M%s %s l%s -4.5 l0 9 z".formatted(Svg.n(side), Svg.n(to), Svg.n(sign * 9));
    svg.path(head, "fill=\"" + colour + "\"");
    double labelX = side + sign * (34 + lane * LANE) * 0.78 + sign * 4;
    svg.text(
        labelX,
        (from + to) / 2 + 4,
        arrow.kind,
        "font-weight=\"600\" paint-order=\"stroke\" stroke=\"var(--ground)\" stroke-width=\"4\""
            + " text-anchor=\""
            + (isDown ? "start" : "end")
            + "\" style=\"fill:"
            + colour
            + "\"");
  }

  /** Where on a box's side the next arrow begins (lower half) or ends (upper half). */
  private double port(int node, boolean isDown, boolean isStart, Map<Integer, Integer> ports) {
    int place = ports.merge(node * 4 + (isDown ? 2 : 0) + (isStart ? 1 : 0), 1, Integer::sum);
    boolean lower = isDown == isStart;
    double offset = Math.min(10 + 6 * (place - 1), height[node] / 2 - 2);
    return lower ? top[node] + height[node] - offset : top[node] + offset;
  }
}
