package phaistos.checker.linearizability;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import phaistos.checker.linearizability.Explanation.Configuration;
import phaistos.checker.linearizability.Explanation.Op;
import phaistos.checker.linearizability.Explanation.Path;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/** An {@link Explanation} as text for a terminal, and as a value for JSON or EDN. */
public final class ExplanationText {
  private static final int PREFIX_SHOWN = 8;

  private ExplanationText() {}

  public static String print(Explanation e) {
    StringBuilder out = new StringBuilder();
    e.key().ifPresent(key -> out.append("Key ").append(EdnWriter.print(key)).append(". "));
    out.append("No order of the operations explains ").append(e.stop()).append(".\n");
    e.previousOk()
        .ifPresent(op -> out.append("The last to return before: ").append(op).append(".\n"));
    out.append("\nRight before it returned the object may have been:\n");
    for (Configuration configuration : e.configurations()) {
      out.append("  ").append(configuration.state()).append('\n');
      for (Path path : configuration.paths()) {
        out.append("    ").append(print(path)).append('\n');
      }
      if (configuration.pathsLeftOut()) {
        out.append("    ... and more ways, left out\n");
      }
    }
    if (e.configurationsLeftOut() > 0) {
      out.append("  ... and ").append(e.configurationsLeftOut()).append(" more, left out\n");
    }
    out.append("\nThe smallest part without an order: ").append(e.minimalNote()).append(".\n\n");
    interleave(e.minimal(), out);
    List<Op> last =
        e.prefix().subList(Math.max(0, e.prefix().size() - PREFIX_SHOWN), e.prefix().size());
    int before = e.prefix().size() + e.prefixLeftOut() - last.size();
    out.append("\nThe longest prefix that has an order (")
        .append(e.prefix().size() + e.prefixLeftOut())
        .append(" operations) ends:\n");
    if (before > 0) {
      out.append("  ... ").append(before).append(" before\n");
    }
    last.forEach(op -> out.append("  ").append(op).append('\n'));
    return out.toString();
  }

  private static String print(Path path) {
    return path.steps().stream()
        .map(step -> step.op().call() + (step.isPossible() ? " -> " : ": ") + step.result())
        .collect(Collectors.joining(", then "));
  }

  private record Row(long index, int column, String text) {}

  /** One column for each process, time downwards. */
  private static void interleave(List<Op> ops, StringBuilder out) {
    List<Long> processes = ops.stream().map(Op::process).distinct().sorted().toList();
    List<Row> rows = new ArrayList<>();
    int width = 12;
    for (Op op : ops) {
      int column = processes.indexOf(op.process());
      String call = (op.isCore() ? "* " : "  ") + op.call();
      width = Math.clamp(call.length() + 2, width, 44);
      rows.add(new Row(op.invokedAt(), column, call));
      if (op.isOk()) {
        rows.add(new Row(op.completedAt(), column, "  ok"));
      }
    }
    rows.sort((a, b) -> Long.compare(a.index, b.index));
    out.append(pad("index", 8));
    for (long process : processes) {
      out.append(pad("process " + process, width));
    }
    out.append('\n');
    boolean[] isOpen = new boolean[processes.size()];
    for (Row row : rows) {
      out.append(pad(String.valueOf(row.index), 8));
      for (int c = 0; c < isOpen.length; c++) {
        out.append(pad(c == row.column ? row.text : isOpen[c] ? "  |" : "", width));
      }
      while (out.charAt(out.length() - 1) == ' ') {
        out.setLength(out.length() - 1);
      }
      out.append('\n');
      isOpen[row.column] = !row.text.equals("  ok");
    }
  }

  private static String pad(String text, int width) {
    String shown = text.length() < width ? text : text.substring(0, width - 2) + "~";
    return shown + " ".repeat(width - shown.length());
  }

  /** Every field, under Knossos' names where it has one. */
  public static Edn.Table value(Explanation e) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    e.key().ifPresent(key -> put(table, "key", key));
    put(table, "op", value(e.stop()));
    e.previousOk().ifPresent(op -> put(table, "previous-ok", value(op)));
    List<Edn> configs = new ArrayList<>();
    List<Edn> paths = new ArrayList<>();
    for (Configuration configuration : e.configurations()) {
      LinkedHashMap<Edn, Edn> config = new LinkedHashMap<>();
      put(config, "model", Edn.of(configuration.state()));
      put(config, "pending", ops(configuration.pending()));
      configs.add(new Edn.Table(config));
      configuration.paths().forEach(path -> paths.add(value(configuration.state(), path)));
    }
    put(table, "configs", new Edn.Vector(configs));
    put(table, "configs-left-out", Edn.of(e.configurationsLeftOut()));
    put(table, "final-paths", new Edn.Vector(paths));
    put(table, "longest-prefix", ops(e.prefix()));
    put(table, "longest-prefix-left-out", Edn.of(e.prefixLeftOut()));
    put(table, "minimal", ops(e.minimal()));
    put(table, "minimal-note", Edn.of(e.minimalNote()));
    return new Edn.Table(table);
  }

  private static Edn value(String start, Path path) {
    List<Edn> steps = new ArrayList<>();
    LinkedHashMap<Edn, Edn> first = new LinkedHashMap<>();
    put(first, "model", Edn.of(start));
    steps.add(new Edn.Table(first));
    for (Explanation.PathStep step : path.steps()) {
      LinkedHashMap<Edn, Edn> each = new LinkedHashMap<>();
      put(each, "op", value(step.op()));
      put(each, step.isPossible() ? "model" : "inconsistent", Edn.of(step.result()));
      steps.add(new Edn.Table(each));
    }
    return new Edn.Vector(steps);
  }

  private static Edn ops(List<Op> ops) {
    return new Edn.Vector(ops.stream().map(ExplanationText::value).toList());
  }

  private static Edn value(Op op) {
    LinkedHashMap<Edn, Edn> table = new LinkedHashMap<>();
    put(table, "process", Edn.of(op.process()));
    put(table, "call", Edn.of(op.call()));
    put(table, "invoked-at", Edn.of(op.invokedAt()));
    put(table, "ok-at", op.isOk() ? Edn.of(op.completedAt()) : Edn.NIL);
    if (op.isCore()) {
      put(table, "core", Edn.TRUE);
    }
    return new Edn.Table(table);
  }

  private static void put(LinkedHashMap<Edn, Edn> table, String key, Edn value) {
    table.put(Edn.of(key), value);
  }
}
