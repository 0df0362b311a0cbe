package phaistos.checker.pages;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import phaistos.histories.Edn;
import phaistos.histories.EdnWriter;

/** Faults in words, from what the nemesis wrote into the history. */
public final class FaultWords {
  private static final Pattern STREAM = Pattern.compile("(\\S+)->(\\S+)(?: .*)?");

  private FaultWords() {}

  /** A clause about the past: "n1 was cut from n2 and n3", "n2 was promoted in place of n1". */
  public static String clause(FaultSpan span) {
    Edn.Table began = span.began();
    if (began.get("what") instanceof Edn.Text(String what)) {
      return what;
    }
    List<String> nodes = texts(began.get("nodes"));
    List<String> streams = texts(began.get("streams"));
    if (!streams.isEmpty()) {
      return span.kind().equals("partition")
          ? cut(streams)
          : span.kind() + " on " + list(plain(streams));
    }
    return switch (span.kind()) {
      case "crash-all" -> "all nodes crashed";
      case "failover" -> failover(began);
      case "kill", "pause", "crash" ->
          onNodes(span.kind(), nodes) + (nodes.isEmpty() ? rest(began) : "");
      default -> span.kind() + (nodes.isEmpty() ? rest(began) : " on " + list(nodes));
    };
  }

  private static String onNodes(String kind, List<String> nodes) {
    if (nodes.isEmpty()) {
      return kind;
    }
    return switch (kind) {
      case "kill" -> list(nodes) + was(nodes) + "killed";
      case "pause" -> list(nodes) + was(nodes) + "paused";
      default -> list(nodes) + (nodes.size() == 1 ? " lost its power" : " lost their power");
    };
  }

  private static String was(List<String> nodes) {
    return nodes.size() == 1 ? " was " : " were ";
  }

  private static String failover(Edn.Table began) {
    if (began.get("operator") instanceof Edn.Table operator
        && operator.get("to") instanceof Edn.Text(String to)
        && operator.get("from") instanceof Edn.Text(String from)) {
      return to + " was promoted in place of " + from;
    }
    return "a failover was tried" + rest(began);
  }

  private static String rest(Edn.Table began) {
    String text = words(began, Set.of("handle", "seed", "effects"));
    return text.isEmpty() ? "" : " (" + text + ")";
  }

  /** What was measured: "stopped n1->n2: 205,220 bytes". */
  public static String effect(FaultSpan span) {
    if (span.effect().entries().isEmpty()) {
      return "no effect was measured";
    }
    String text = words(span.effect(), Set.of("fault", "handle", "effective"));
    return (span.isEffective() ? "" : "no effect")
        + (span.isEffective() || text.isEmpty() ? "" : "; ")
        + text;
  }

  private static String words(Edn.Table table, Set<String> without) {
    List<String> parts = new ArrayList<>();
    for (Map.Entry<Edn, Edn> entry : table.entries().entrySet()) {
      String key =
          entry.getKey() instanceof Edn.Keyword(String name)
              ? name
              : EdnWriter.print(entry.getKey());
      if (!without.contains(key)) {
        parts.add(key.replace('-', ' ') + " " + value(entry.getValue()));
      }
    }
    return String.join("; ", parts);
  }

  private static String value(Edn value) {
    return switch (value) {
      case Edn.Text(String text) -> text;
      case Edn.Keyword(String name) -> name.replace('-', ' ');
      case Edn.Int(long number) -> String.format(Locale.ROOT, "%,d", number);
      case Edn.Bool(boolean yes) -> yes ? "yes" : "no";
      case Edn.Vector vector when vector.items().isEmpty() -> "none";
      case Edn.Vector vector ->
          String.join(", ", vector.items().stream().map(FaultWords::value).toList());
      case Edn.Table table -> "(" + words(table, Set.of()) + ")";
      default -> EdnWriter.print(value);
    };
  }

  private static List<String> texts(Edn value) {
    List<String> texts = new ArrayList<>();
    if (value instanceof Edn.Vector vector) {
      for (Edn item : vector.items()) {
        if (item instanceof Edn.Text(String text)) {
          texts.add(text);
        }
      }
    }
    return texts;
  }

  /** "n1", "n1 and n2", "n1, n2 and n3". */
  static String list(List<String> names) {
    return names.size() < 2
        ? String.join("", names)
        : String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
  }

  private static List<String> plain(List<String> streams) {
    return List.copyOf(
        new LinkedHashSet<>(
            streams.stream()
                .map(stream -> STREAM.matcher(stream))
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1) + "->" + matcher.group(2))
                .toList()));
  }

  private record Way(String from, String to) {}

  private static String cut(List<String> streams) {
    Set<Way> ways = new LinkedHashSet<>();
    for (String stream : plain(streams)) {
      int arrow = stream.indexOf("->");
      ways.add(new Way(stream.substring(0, arrow), stream.substring(arrow + 2)));
    }
    boolean bothWays = ways.stream().allMatch(way -> ways.contains(new Way(way.to, way.from)));
    if (bothWays) {
      for (String hub : hubs(ways)) {
        Set<String> others = new TreeSet<>();
        ways.forEach(way -> others.add(way.from.equals(hub) ? way.to : way.from));
        return hub + " was cut from " + list(List.copyOf(others));
      }
    }
    Set<String> senders = new TreeSet<>();
    Set<String> receivers = new TreeSet<>();
    ways.forEach(way -> senders.add(way.from));
    ways.forEach(way -> receivers.add(way.to));
    if (!bothWays && (senders.size() == 1 || receivers.size() == 1)) {
      return "nothing from "
          + list(List.copyOf(senders))
          + " reached "
          + list(List.copyOf(receivers));
    }
    return "the streams " + list(plain(streams)) + " were cut";
  }

  /** Nodes that every cut link has at one end. */
  private static List<String> hubs(Set<Way> ways) {
    Set<String> nodes = new TreeSet<>();
    ways.forEach(way -> nodes.add(way.from));
    return nodes.stream()
        .filter(node -> ways.stream().allMatch(w -> w.from.equals(node) || w.to.equals(node)))
        .toList();
  }
}
