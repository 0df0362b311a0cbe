package phaistos.checker.plots;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;
import phaistos.histories.Event;
import phaistos.histories.History;
import phaistos.histories.Process;
import phaistos.histories.UntypedCall;

/**
 * A page with a column for each process, time downwards, a box for each operation in the colour of
 * its outcome, and faults as bands across. A process that replaced a crashed one shares its column.
 * Rows are events, not seconds, so that every operation can be read; the first ten thousand
 * operations are shown, and the page says so. Hovering over a box shows the whole operation.
 */
public final class Timeline {
  private static final int OPERATIONS_MAX = 10_000;
  private static final int ROW = 17;
  private static final int COLUMN = 128;
  private static final int LEFT = 74;
  private static final int TOP = 34;
  private static final int TEXT_MAX = 18;

  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>Timeline</title>
      <style>
      :root{color-scheme:light dark;--ground:#fff;--ink:#1b1f24;--faint:#6b747d;--ok:#cfe1ff;\
      --info:#ffdfb5;--fail:#ffd0e0;--open:#e3e6ea;--band:#e9dfc9;--edge:#9aa4ae}
      @media (prefers-color-scheme:dark){:root{--ground:#14171b;--ink:#e6e9ed;--faint:#8b949e;\
      --ok:#1f3f70;--info:#6b4313;--fail:#6b2140;--open:#2c3138;--band:#3b3420;--edge:#59636e}}
      body{background:var(--ground);color:var(--ink);font:12px ui-sans-serif,system-ui,\
      "DejaVu Sans",sans-serif;margin:0}
      h1{font-size:15px;margin:12px}p{margin:12px;color:var(--faint)}
      #t{position:relative;margin:12px}
      #t div{position:absolute;box-sizing:border-box;overflow:hidden;white-space:nowrap}
      .o{border:1px solid var(--edge);border-radius:3px;padding:0 3px;width:122px}
      .ok{background:var(--ok)}.info{background:var(--info)}.fail{background:var(--fail)}
      .open{background:var(--open)}
      .f{background:var(--band);left:0;padding:0 4px;color:var(--ink)}
      .b{background:var(--band);opacity:.4;left:0}
      .h{font-weight:600}.m{color:var(--faint)}
      .k{display:inline-block;padding:0 6px;border:1px solid var(--edge);border-radius:3px}
      </style></head><body>
      """;

  private Timeline() {}

  /** A self-contained page. */
  public static String draw(History<UntypedCall> history) {
    List<Event<UntypedCall>> events = history.events();
    int shown = 0;
    int end = 0;
    while (end < events.size() && shown < OPERATIONS_MAX) {
      Event<UntypedCall> event = events.get(end++);
      shown += event.isClient() && event.isInvoke() ? 1 : 0;
    }
    List<List<Process>> columns = columns(events.subList(0, end));
    Map<Process, Integer> columnOf = new HashMap<>();
    for (int column = 0; column < columns.size(); column++) {
      for (Process process : columns.get(column)) {
        columnOf.put(process, column);
      }
    }
    StringBuilder page = new StringBuilder(HEAD);
    page.append("<h1>Timeline</h1><p><span class=\"k ok\">ok</span> ")
        .append("<span class=\"k info\">info</span> <span class=\"k fail\">fail</span> ")
        .append("<span class=\"k open\">not completed</span> ")
        .append("<span class=\"k\" style=\"background:var(--band)\">fault</span></p>");
    if (end < events.size()) {
      page.append("<p>The first ").append(shown).append(" operations only.</p>");
    }
    int width = LEFT + columns.size() * COLUMN;
    page.append(
        "<div id=\"t\" style=\"width:%dpx;height:%dpx\">".formatted(width, TOP + end * ROW));
    for (int column = 0; column < columns.size(); column++) {
      String ids =
          "process " + String.join(", ", columns.get(column).stream().map(Timeline::name).toList());
      page.append(
          "<div class=\"h\" style=\"left:%dpx;top:8px;width:122px\" title=\"%s\">%s</div>"
              .formatted(
                  left(column),
                  ids,
                  ids.length() > TEXT_MAX ? ids.substring(0, TEXT_MAX - 1) + "…" : ids));
    }
    appendFaults(page, events.subList(0, end), width);
    appendOperations(page, history, end, columnOf);
    return page.append("</div></body></html>\n").toString();
  }

  /** The processes of each column: after a crash another process takes the column over. */
  private static List<List<Process>> columns(List<Event<UntypedCall>> events) {
    Map<Process, Integer> last = new HashMap<>();
    for (int place = 0; place < events.size(); place++) {
      last.put(events.get(place).process(), place);
    }
    List<List<Process>> columns = new ArrayList<>();
    Map<Process, List<Process>> columnOf = new HashMap<>();
    Deque<List<Process>> free = new ArrayDeque<>();
    for (int place = 0; place < events.size(); place++) {
      Event<UntypedCall> event = events.get(place);
      Process process = event.process();
      if (!event.isClient()) {
        continue;
      }
      if (!columnOf.containsKey(process)) {
        List<Process> column = free.isEmpty() ? new ArrayList<>() : free.removeFirst();
        if (column.isEmpty()) {
          columns.add(column);
        }
        column.add(process);
        columnOf.put(process, column);
      }
      if (event instanceof Event.Info && last.get(process) == place) {
        free.addLast(columnOf.get(process));
      }
    }
    columns.sort((a, b) -> compare(a.getFirst(), b.getFirst()));
    return columns;
  }

  private static int compare(Process a, Process b) {
    return Long.compare(id(a), id(b));
  }

  private static long id(Process process) {
    return process instanceof Process.Client(long id, _) ? id : -1;
  }

  private static int left(int column) {
    return LEFT + column * COLUMN;
  }

  private static String name(Process process) {
    return process instanceof Process.Client client ? EdnWriter.print(client.value()) : "nemesis";
  }

  private static void appendFaults(StringBuilder page, List<Event<UntypedCall>> events, int width) {
    for (Faults.Span span : Faults.spans(events)) {
      int to = span.to() < 0 ? events.size() : span.to();
      page.append(
          "<div class=\"b\" style=\"top:%dpx;height:%dpx;width:%dpx\" title=\"%s\"></div>"
              .formatted(
                  TOP + span.from() * ROW,
                  (to - span.from()) * ROW,
                  width,
                  Svg.escape(span.name())));
    }
    for (int place = 0; place < events.size(); place++) {
      Event<UntypedCall> event = events.get(place);
      if (!event.isClient()) {
        String text = text(event);
        page.append(
            "<div class=\"f\" style=\"top:%dpx;height:%dpx;width:%dpx\" title=\"%s\">%s</div>"
                .formatted(TOP + place * ROW, ROW, width, Svg.escape(text), Svg.escape(text)));
      }
    }
  }

  private static String text(Event<UntypedCall> event) {
    boolean hasValue = !(event.call().value() instanceof Edn.Nil);
    return event.call().name() + (hasValue ? " " + EdnWriter.print(event.call().value()) : "");
  }

  private static void appendOperations(
      StringBuilder page, History<UntypedCall> history, int end, Map<Process, Integer> columns) {
    List<Event<UntypedCall>> events = history.events();
    Map<Process, Integer> open = new TreeMap<>(Timeline::compare);
    List<int[]> spans = new ArrayList<>();
    for (int place = 0; place < end; place++) {
      Event<UntypedCall> event = events.get(place);
      if (!event.isClient()) {
        continue;
      }
      Integer begun =
          event.isInvoke() ? open.put(event.process(), place) : open.remove(event.process());
      if (!event.isInvoke() && begun != null) {
        spans.add(new int[] {begun, place});
      }
    }
    open.values().forEach(begun -> spans.add(new int[] {begun, -1}));
    for (int[] span : spans) {
      Event<UntypedCall> begun = events.get(span[0]);
      boolean isOpen = span[1] < 0;
      Event<UntypedCall> done = isOpen ? begun : events.get(span[1]);
      int rows = (isOpen ? Math.max(1, end - span[0]) : span[1] - span[0] + 1);
      String text = text(done);
      String label = text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) + "…" : text;
      String hint =
          "process %s, index %d to %s, %s\n%s"
              .formatted(
                  name(begun.process()),
                  begun.index(),
                  isOpen ? "?" : done.index(),
                  isOpen ? "open" : done.type(),
                  text);
      page.append(
          "<div class=\"o %s\" style=\"left:%dpx;top:%dpx;height:%dpx\" title=\"%s\">%s</div>\n"
              .formatted(
                  isOpen ? "open" : done.type(),
                  left(columns.get(begun.process())),
                  TOP + span[0] * ROW,
                  Math.max(ROW, rows * ROW - 2),
                  Svg.escape(hint),
                  Svg.escape(label)));
    }
    for (int place = 0; place < end; place += 10) {
      page.append(
          "<div class=\"m\" style=\"left:0;top:%dpx\">%d</div>"
              .formatted(TOP + place * ROW, events.get(place).index()));
    }
  }
}
