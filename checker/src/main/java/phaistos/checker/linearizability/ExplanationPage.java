package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import phaistos.checker.linearizability.Explanation.Configuration;
import phaistos.checker.linearizability.Explanation.Fault;
import phaistos.checker.linearizability.Explanation.Op;
import phaistos.checker.linearizability.Explanation.Path;
import phaistos.histories.EdnWriter;

/**
 * An {@link Explanation} as one self-contained page: the interleaving as a picture, one lane for
 * each process, from left to right in the order of the history; faults as bands. A continuation
 * highlights its operations under the pointer. Loads no external script, font or image.
 */
public final class ExplanationPage {
  private static final int LANE = 34;
  private static final int STEP = 62;
  private static final int LEFT = 110;
  private static final int TOP = 46;

  private final Explanation explanation;
  private final List<Op> ops;
  private final List<Long> lanes;
  private final Map<Long, Integer> columns = new HashMap<>();
  private final StringBuilder out = new StringBuilder();
  private int width;

  private ExplanationPage(Explanation explanation) {
    this.explanation = explanation;
    this.ops = explanation.around();
    this.lanes = ops.stream().map(Op::process).distinct().sorted().toList();
    TreeSet<Long> moments = new TreeSet<>();
    for (Op op : ops) {
      moments.add(op.invokedAt());
      if (op.isOk() && op.completedAt() <= explanation.stop().completedAt()) {
        moments.add(op.completedAt());
      }
    }
    long first = moments.first();
    for (Fault fault : explanation.faults()) {
      if (fault.index() >= first && fault.index() <= moments.last()) {
        moments.add(fault.index());
      }
    }
    for (long moment : moments) {
      columns.put(moment, columns.size());
    }
    width = LEFT + (columns.size() + 2) * STEP;
  }

  /** The page of this explanation; {@code title} is the history's name. */
  public static String print(String title, Explanation explanation) {
    return new ExplanationPage(explanation).page(title);
  }

  private String page(String title) {
    out.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\">")
        .append("<title>")
        .append(escape(title))
        .append(" is not linearizable</title>\n<style>")
        .append(STYLE)
        .append("</style></head>\n<body>\n<h1><b>INVALID</b> ")
        .append(escape(title))
        .append("</h1>\n<p>");
    explanation
        .key()
        .ifPresent(
            k -> out.append("Key <code>").append(escape(EdnWriter.print(k))).append("</code>. "));
    out.append("No order of the operations explains ")
        .append(escape(explanation.stop().toString()))
        .append(".");
    explanation
        .previousOk()
        .ifPresent(
            op ->
                out.append(" The last to return before: ")
                    .append(escape(op.toString()))
                    .append("."));
    out.append("</p>\n<p class=\"note\">")
        .append(escape("The smallest part without an order: " + explanation.minimalNote()))
        .append(
            ". Numbers are indices of the history; the picture goes by them, not by time.</p>\n");
    picture();
    legend();
    configurations();
    list("The smallest part without an order", explanation.minimal());
    list(
        "The longest prefix that has an order, in that order"
            + (explanation.prefixLeftOut() > 0
                ? " (its last " + explanation.prefix().size() + " operations)"
                : ""),
        explanation.prefix());
    out.append("<script>").append(SCRIPT).append("</script>\n</body></html>\n");
    return out.toString();
  }

  private int x(long index) {
    return LEFT + columns.get(index) * STEP;
  }

  private void picture() {
    int height = TOP + lanes.size() * LANE + 16;
    out.append("<p class=\"bar\"><button id=\"earlier\">earlier</button> ")
        .append("<button id=\"there\">the operation in question</button> ")
        .append(
            "<button id=\"later\">later</button> <span id=\"more\" class=\"note\"></span></p>\n");
    if (ops.getFirst().invokedAt() > 0) {
      out.append("<p class=\"note\">The picture has ")
          .append(ops.size())
          .append(" operations, those up to the stop; earlier ones are in the history.</p>\n");
    }
    out.append("<div class=\"frame\"><div class=\"scroll\"><svg width=\"")
        .append(width)
        .append("\" height=\"")
        .append(height)
        .append("\" role=\"img\" aria-label=\"interleaving\">\n");
    bands(height);
    for (int lane = 0; lane < lanes.size(); lane++) {
      int y = TOP + lane * LANE;
      out.append("<line class=\"lane\" x1=\"")
          .append(LEFT)
          .append("\" x2=\"")
          .append(width)
          .append("\" y1=\"")
          .append(y + LANE / 2)
          .append("\" y2=\"")
          .append(y + LANE / 2)
          .append("\"/>\n");
    }
    int stop = x(explanation.stop().completedAt());
    out.append("<line class=\"stop\" x1=\"")
        .append(stop)
        .append("\" x2=\"")
        .append(stop)
        .append("\" y1=\"")
        .append(TOP - 8)
        .append("\" y2=\"")
        .append(height - 8)
        .append("\"/>")
        .append("<text class=\"stop\" x=\"")
        .append(stop - 4)
        .append("\" y=\"")
        .append(TOP - 14)
        .append("\" text-anchor=\"end\">stops at ")
        .append(explanation.stop().completedAt())
        .append("</text>\n");
    ops.forEach(this::bar);
    gutter(height);
    out.append("</svg></div></div>\n");
  }

  /** The names of the lanes, which stay visible when the picture is scrolled. */
  private void gutter(int height) {
    out.append("<g class=\"gutter\"><rect width=\"")
        .append(LEFT - 10)
        .append("\" height=\"")
        .append(height)
        .append("\"/>");
    for (int lane = 0; lane < lanes.size(); lane++) {
      out.append("<text class=\"who\" x=\"8\" y=\"")
          .append(TOP + lane * LANE + LANE / 2 + 4)
          .append("\">process ")
          .append(lanes.get(lane))
          .append("</text>");
    }
    out.append("</g>\n");
  }

  /** A fault lasts from its start to the next event of the same process that is not a start. */
  private void bands(int height) {
    Map<String, Fault> open = new HashMap<>();
    for (Fault fault : explanation.faults()) {
      boolean isStart = fault.text().startsWith("start") || fault.text().startsWith("kill");
      boolean isEnd =
          fault.text().startsWith("stop")
              || fault.text().startsWith("heal")
              || fault.text().startsWith("recover");
      if (isStart) {
        open.putIfAbsent(fault.process(), fault);
      } else if (isEnd && open.containsKey(fault.process())) {
        band(open.remove(fault.process()), clampX(fault.index()), height);
      } else if (columns.containsKey(fault.index())) {
        band(fault, x(fault.index()) + 4, height);
      }
    }
    open.values().forEach(fault -> band(fault, width, height));
  }

  private int clampX(long index) {
    return columns.entrySet().stream()
        .filter(e -> e.getKey() <= index)
        .mapToInt(e -> LEFT + e.getValue() * STEP)
        .max()
        .orElse(LEFT);
  }

  private void band(Fault from, int end, int height) {
    int start = clampX(from.index());
    if (end <= start) {
      return;
    }
    out.append("<g class=\"fault\"><rect x=\"")
        .append(start)
        .append("\" y=\"0\" width=\"")
        .append(end - start)
        .append("\" height=\"")
        .append(height)
        .append("\"><title>")
        .append(escape(from.process() + " " + from.text() + ", at " + from.index()))
        .append("</title></rect><text x=\"")
        .append(start + 4)
        .append("\" y=\"14\">")
        .append(escape(end - start < STEP / 2 ? "" : shorten(from.text(), (end - start) / 7)))
        .append("</text></g>\n");
  }

  private void bar(Op op) {
    int lane = lanes.indexOf(op.process());
    int y = TOP + lane * LANE + 5;
    int from = x(op.invokedAt());
    boolean isShut = op.isOk() && columns.containsKey(op.completedAt());
    int to = isShut ? x(op.completedAt()) : width - 6;
    boolean isStop = op.invokedAt() == explanation.stop().invokedAt();
    String kind =
        (op.isOk() ? "ok" : "info") + (op.isCore() ? " core" : "") + (isStop ? " end" : "");
    String label = shorten(op.call(), Math.max(2, (to - from - 4) / 7));
    out.append("<g class=\"op ")
        .append(kind)
        .append("\" data-op=\"")
        .append(op.invokedAt())
        .append("\"><rect x=\"")
        .append(from)
        .append("\" y=\"")
        .append(y)
        .append("\" width=\"")
        .append(Math.max(6, to - from - 2))
        .append("\" height=\"")
        .append(LANE - 10)
        .append("\" rx=\"3\"/><text class=\"call\" x=\"")
        .append(from + 5)
        .append("\" y=\"")
        .append(y + 16)
        .append("\">")
        .append(escape(label))
        .append("</text><text class=\"turn\" text-anchor=\"end\" x=\"")
        .append(from - 4)
        .append("\" y=\"")
        .append(y + 17)
        .append("\"></text><title>")
        .append(escape(op.toString()))
        .append("</title></g>\n");
  }

  private void legend() {
    out.append("<p class=\"legend\"><span class=\"ok\"></span>returned ok")
        .append("<span class=\"info\"></span>open to the end: may have happened, or not")
        .append("<span class=\"core\"></span>part of the smallest contradiction")
        .append("<span class=\"fault\"></span>fault</p>\n");
  }

  private void configurations() {
    out.append("<h2>What the object may have been right before the stop</h2>\n");
    if (explanation.configurations().isEmpty()) {
      out.append("<p class=\"note\">Not found in the time that there was.</p>\n");
    }
    for (Configuration configuration : explanation.configurations()) {
      out.append("<section><h3><code>")
          .append(escape(configuration.state()))
          .append("</code></h3><ul>\n");
      for (Path path : configuration.paths()) {
        String places =
            path.steps().stream()
                .map(step -> String.valueOf(step.op().invokedAt()))
                .collect(Collectors.joining(" "));
        out.append("<li tabindex=\"0\" data-path=\"").append(places).append("\">");
        List<String> parts = new ArrayList<>();
        path.steps()
            .forEach(
                step ->
                    parts.add(
                        "<span>"
                            + escape(step.op().call())
                            + "</span> "
                            + (step.isPossible() ? "&rarr; <code>" : "<em>")
                            + escape(step.result())
                            + (step.isPossible() ? "</code>" : "</em>")));
        out.append(String.join(", then ", parts)).append("</li>\n");
      }
      out.append("</ul>");
      if (configuration.pathsLeftOut()) {
        out.append("<p class=\"note\">There are more ways, left out.</p>");
      }
      out.append("</section>\n");
    }
    if (explanation.configurationsLeftOut() > 0) {
      out.append("<p class=\"note\">And ")
          .append(explanation.configurationsLeftOut())
          .append(" more configurations, left out.</p>\n");
    }
  }

  private void list(String title, List<Op> listed) {
    out.append("<details><summary>").append(escape(title)).append("</summary><ol>\n");
    for (Op op : listed) {
      out.append("<li data-path=\"")
          .append(op.invokedAt())
          .append("\">")
          .append(escape(op.toString()))
          .append(op.isCore() ? " <b>*</b>" : "")
          .append("</li>\n");
    }
    out.append("</ol></details>\n");
  }

  private static String shorten(String text, int length) {
    return text.length() <= length ? text : text.substring(0, Math.max(1, length - 1)) + "…";
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static final String STYLE =
      """
      :root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#6a737d;--line:#d8dee4;
      --ok:#6db6fe;--info:#ffaa26;--bad:#d1242f;--band:#feb5da;--on:#0a3069}
      @media(prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e6edf3;--dim:#9198a1;
      --line:#30363d;--ok:#1f6feb;--info:#9e6a03;--bad:#ff7b72;--band:#5e2a48;--on:#fff}}
      body{background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;
      margin:2em auto;max-width:1200px;padding:0 1em}
      h1{font-size:1.3em}h1 b{color:var(--bad)}h2{font-size:1.1em;margin-top:1.6em}
      h3{margin:.8em 0 .2em}.note{color:var(--dim)}code{font-family:ui-monospace,monospace}
      .scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px}
      .frame{position:relative}.frame::before,.frame::after{content:'';position:absolute;top:1px;
      bottom:1px;width:28px;z-index:1;pointer-events:none;opacity:0}
      .frame::before{left:101px;background:linear-gradient(90deg,var(--bg),transparent)}
      .frame::after{right:1px;background:linear-gradient(-90deg,var(--bg),transparent)}
      .frame.left::before,.frame.right::after{opacity:1}
      button{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:5px;
      padding:.2em .7em;cursor:pointer}body{overflow-wrap:anywhere}
      svg text{font:11.5px ui-monospace,monospace;fill:var(--fg)}svg .who{fill:var(--dim)}
      .gutter rect{fill:var(--bg)}.lane{stroke:var(--line)}line.stop{stroke:var(--bad);stroke-width:2;stroke-dasharray:4 3}
      svg text.stop{fill:var(--bad)}
      .op rect{fill:var(--ok);stroke:transparent;stroke-width:2}.op.info rect{fill:var(--info)}
      .op.core rect{stroke:var(--bad)}.op.end rect{stroke:var(--bad);stroke-width:3}
      .op.dim{opacity:.25}.op.lit rect{stroke:var(--fg);stroke-width:3}
      svg text.turn{font-weight:bold;fill:var(--bad);font-size:14px}
      .fault rect{fill:var(--band);opacity:.45}.fault text{fill:var(--dim)}
      .legend span{display:inline-block;width:22px;height:12px;margin:0 .4em 0 1.2em;
      border-radius:3px;vertical-align:-1px}.legend .ok{background:var(--ok)}
      .legend .info{background:var(--info)}.legend .fault{background:var(--band)}
      .legend .core{border:2px solid var(--bad);box-sizing:border-box}
      section{border-left:3px solid var(--line);padding-left:1em;margin:.6em 0}
      ul,ol{margin:.2em 0;padding-left:1.6em}li[data-path]:hover,li[data-path]:focus{
      background:var(--line);cursor:default;outline:none}em{color:var(--bad);font-style:normal}
      summary{cursor:pointer;margin-top:1em;font-weight:600}
      """;

  private static final String SCRIPT =
      """
      const box=document.querySelector('.scroll'),gutter=document.querySelector('.gutter');
      const bars=[...document.querySelectorAll('.op')].map(o=>{const r=o.querySelector('rect');
      const from=+r.getAttribute('x');return{text:o.querySelector('.call'),from,
      to:from+ +r.getAttribute('width')};});
      function follow(){const left=box.scrollLeft,edge=left+gutter.getBBox().width;
      gutter.setAttribute('transform',`translate(${left})`);bars.forEach(b=>{
      const inside=b.from<edge&&b.to>edge+60;b.text.setAttribute('x',(inside?edge:b.from)+5);});}
      const stop=+document.querySelector('line.stop').getAttribute('x1'),frame=document.querySelector('.frame');
      function more(){const wide=gutter.getBBox().width,left=box.scrollLeft+wide,right=box.scrollLeft+box.clientWidth;
      const before=bars.filter(b=>b.to<=left).length,after=bars.filter(b=>b.from>=right).length;
      frame.classList.toggle('left',box.scrollLeft>2);
      frame.classList.toggle('right',box.scrollLeft+box.clientWidth<box.scrollWidth-2);
      const words=[];if(before)words.push(before+' operations further left');if(after)words.push(after+' further right');
      document.getElementById('more').textContent=words.join(', ');}
      function there(){box.scrollLeft=stop-box.clientWidth*.7;}
      box.addEventListener('scroll',()=>{follow();more();});addEventListener('resize',more);
      document.getElementById('there').onclick=there;
      document.getElementById('earlier').onclick=()=>{box.scrollLeft-=box.clientWidth*.6;};
      document.getElementById('later').onclick=()=>{box.scrollLeft+=box.clientWidth*.6;};
      there();follow();more();
      const ops=[...document.querySelectorAll('.op')];
      function show(path){const turn={};path.forEach((p,i)=>turn[p]=i+1);
      ops.forEach(o=>{const n=turn[o.dataset.op];o.classList.toggle('lit',!!n);
      o.classList.toggle('dim',path.length>0&&!n);
      o.querySelector('.turn').textContent=n&&path.length>1?n:'';});}
      document.querySelectorAll('[data-path]').forEach(e=>{const p=e.dataset.path.split(' ');
      for(const on of ['mouseenter','focus'])e.addEventListener(on,()=>show(p));
      for(const off of ['mouseleave','blur'])e.addEventListener(off,()=>show([]));});
      if(location.hash.startsWith('#path')){const all=document.querySelectorAll('section [data-path]');
      const e=all[Number(location.hash.slice(5))];if(e)show(e.dataset.path.split(' '));}
      """;
}
