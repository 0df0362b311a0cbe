package phaistos.checker.transactions.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Why a few transactions have no order, in words: what follows from what was read, step by step,
 * then both ways in turn where nothing follows. Not thread-safe.
 */
public final class Refutation {
  private static final int LINES_MAX = 60;

  /** How to speak of things. */
  public interface Words {
    String transaction(int t);

    /** A key, by the id that {@link Footprints#keyId} gives it. */
    String key(int keyId);

    /** What this transaction wrote to the key; of {@link Footprints#INITIAL} how it began. */
    String value(int keyId, int writer);
  }

  private final Footprints f;
  private final Rule rule;
  private final Words words;
  private final Closure shape;
  private final List<String> lines = new ArrayList<>();
  private final int nodes;

  private record Edge(int from, int to, String why) {}

  private record Pair(int one, int other, int key) {}

  private Refutation(Footprints f, Rule rule, Words words) {
    this.f = f;
    this.rule = rule;
    this.words = words;
    shape = new Closure(f, rule, () -> false);
    nodes = shape.moments();
  }

  /** The lines of a proof that these transactions have no order. */
  public static List<String> lines(Footprints f, Rule rule, Words words) {
    Refutation refutation = new Refutation(f, rule, words);
    refutation.refute(refutation.base(), refutation.pairs(), "");
    List<String> lines = refutation.lines;
    if (lines.size() > LINES_MAX) {
      List<String> cut = new ArrayList<>(lines.subList(0, LINES_MAX));
      cut.add("- ... and so on, in " + (lines.size() - LINES_MAX) + " more steps.");
      return cut;
    }
    return lines;
  }

  private String name(int t) {
    return words.transaction(t);
  }

  private String key(int key) {
    return words.key(f.keyId()[key]);
  }

  private String value(int key, int writer) {
    return words.value(f.keyId()[key], writer);
  }

  private List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < shape.open().size(); i += 2) {
      int one = shape.open().get(i);
      int other = shape.open().get(i + 1);
      pairs.add(new Pair(shape.writer(one), shape.writer(other), f.writeKey()[one]));
    }
    return pairs;
  }

  private List<Edge> base() {
    List<Edge> edges = new ArrayList<>();
    for (int t = 0; t < f.size(); t++) {
      if (rule.hasTwoMoments()) {
        edges.add(new Edge(shape.start(t), shape.commit(t), ""));
      }
      for (int r = f.readStart()[t]; r < f.readStart()[t + 1]; r++) {
        addRead(edges, t, f.readKey()[r], f.readFrom()[r]);
      }
    }
    switch (rule.order()) {
      case NONE -> {}
      case PROCESS ->
          Following.forEachInProcess(
              f, (a, b) -> outside(edges, a, b, "the process of %s ran %s next"));
      case REALTIME -> {
        for (int a = 0; a < f.size(); a++) {
          for (int b = 0; b < f.size(); b++) {
            if (f.isBefore(a, b)) {
              outside(edges, a, b, "%s completed before %s was invoked");
            }
          }
        }
      }
    }
    addKnown(edges);
    return edges;
  }

  private void addRead(List<Edge> edges, int t, int key, int source) {
    if (source != Footprints.INITIAL) {
      String why =
          "%s read key %s = %s, which %s wrote"
              .formatted(name(t), key(key), value(key, source), name(source));
      edges.add(new Edge(shape.commit(source), shape.start(t), why));
      return;
    }
    for (int writer = 0; writer < f.size(); writer++) {
      if (writer != t && f.writes(writer, key)) {
        String why =
            "%s read key %s as it began, %s, before %s wrote %s"
                .formatted(name(t), key(key), value(key, source), name(writer), value(key, writer));
        edges.add(new Edge(shape.start(t), shape.commit(writer), why));
      }
    }
  }

  private void outside(List<Edge> edges, int a, int b, String text) {
    edges.add(new Edge(shape.commit(a), shape.start(b), text.formatted(name(a), name(b))));
  }

  /** Where the place of two writes of a key is known from elsewhere. */
  private void addKnown(List<Edge> edges) {
    for (Pair pair : pairs()) {
      int a = f.writeRank()[f.writeOf(pair.one, pair.key)];
      int b = f.writeRank()[f.writeOf(pair.other, pair.key)];
      if (a != Footprints.FREE && b != Footprints.FREE && a != b) {
        addKnown(edges, a < b ? pair.one : pair.other, a < b ? pair.other : pair.one, pair.key);
      }
    }
    for (int i = 0; i < f.known().length; i += 3) {
      addKnown(edges, f.known()[i], f.known()[i + 1], f.known()[i + 2]);
    }
  }

  private void addKnown(List<Edge> edges, int first, int second, int key) {
    String why =
        "of key %s the write of %s by %s is known to come before that of %s by %s"
            .formatted(key(key), value(key, first), name(first), value(key, second), name(second));
    edges.add(new Edge(shape.commit(first), shape.after(second), why));
  }

  /** Shows that there is no order; the edges and pairs are this call's own. */
  private void refute(List<Edge> edges, List<Pair> pairs, String indent) {
    while (lines.size() <= 4 * LINES_MAX) {
      List<Edge> cycle = cycle(edges);
      if (!cycle.isEmpty()) {
        line(indent, "So " + chain(cycle) + ": a contradiction!");
        return;
      }
      Pair forced = null;
      for (Pair pair : pairs) {
        if (!isOrdered(edges, pair) && (force(edges, pair, indent) || cycleNow)) {
          forced = pair;
          break;
        }
        if (isOrdered(edges, pair) && addReaders(edges, pair)) {
          forced = pair;
          break;
        }
      }
      if (cycleNow) {
        return;
      }
      if (forced == null) {
        split(edges, pairs, indent);
        return;
      }
    }
  }

  private boolean cycleNow;

  private void line(String indent, String text) {
    lines.add(indent + "- " + text);
  }

  private boolean isOrdered(List<Edge> edges, Pair pair) {
    return precedes(edges, pair.one, pair.other) || precedes(edges, pair.other, pair.one);
  }

  private boolean precedes(List<Edge> edges, int a, int b) {
    return !path(edges, shape.commit(a), shape.after(b)).isEmpty();
  }

  /**
   * Adds that readers of the earlier version come before the later write; false if it was known.
   */
  private boolean addReaders(List<Edge> edges, Pair pair) {
    boolean inOrder = precedes(edges, pair.one, pair.other);
    int first = inOrder ? pair.one : pair.other;
    int second = inOrder ? pair.other : pair.one;
    boolean added = false;
    for (Edge edge : readers(first, second, pair.key)) {
      if (path(edges, edge.from, edge.to).isEmpty()) {
        edges.add(edge);
        added = true;
      }
    }
    return added;
  }

  private List<Edge> readers(int first, int second, int key) {
    List<Edge> readers = new ArrayList<>();
    int write = f.writeOf(first, key);
    for (int i = shape.readersFrom(write); i < shape.readersTo(write); i++) {
      int reader = shape.reader(i);
      if (reader != second) {
        String why =
            "%s read key %s = %s of %s, which %s overwrote with %s"
                .formatted(
                    name(reader),
                    key(key),
                    value(key, first),
                    name(first),
                    name(second),
                    value(key, second));
        readers.add(new Edge(shape.start(reader), shape.commit(second), why));
      }
    }
    return readers;
  }

  /** All that the first being first would bring. */
  private List<Edge> ifFirst(int first, int second, int key) {
    List<Edge> all = new ArrayList<>();
    String why = "%s wrote key %s before %s did".formatted(name(first), key(key), name(second));
    all.add(new Edge(shape.commit(first), shape.after(second), why));
    all.addAll(readers(first, second, key));
    return all;
  }

  /** Orders the pair if one way closes a cycle; if both do it says so and there is nothing left. */
  private boolean force(List<Edge> edges, Pair pair, String indent) {
    String notOne = impossible(edges, pair.one, pair.other, pair.key);
    String notOther = impossible(edges, pair.other, pair.one, pair.key);
    if (notOne.isEmpty() && notOther.isEmpty()) {
      return false;
    }
    int first = notOne.isEmpty() ? pair.one : pair.other;
    int second = notOne.isEmpty() ? pair.other : pair.one;
    line(
        indent,
        "%s wrote key %s before %s did: otherwise %s."
            .formatted(
                name(first), key(pair.key), name(second), notOne.isEmpty() ? notOther : notOne));
    if (!notOne.isEmpty() && !notOther.isEmpty()) {
      line(indent, "But then %s: a contradiction!".formatted(notOther));
      cycleNow = true;
      return true;
    }
    edges.addAll(ifFirst(first, second, pair.key));
    return true;
  }

  /** The cycle that this order of two writes would close; empty if none. */
  private String impossible(List<Edge> edges, int first, int second, int key) {
    String best = "";
    int shortest = Integer.MAX_VALUE;
    for (Edge edge : ifFirst(first, second, key)) {
      List<Edge> back = path(edges, edge.to, edge.from);
      if (!back.isEmpty() && back.size() < shortest) {
        shortest = back.size();
        List<Edge> cycle = new ArrayList<>(List.of(edge));
        cycle.addAll(back);
        best = chain(cycle);
      }
    }
    return best;
  }

  private void split(List<Edge> edges, List<Pair> pairs, String indent) {
    for (Pair pair : pairs) {
      if (!isOrdered(edges, pair)) {
        for (int way = 0; way < 2; way++) {
          int first = way == 0 ? pair.one : pair.other;
          int second = way == 0 ? pair.other : pair.one;
          line(
              indent,
              "%s that %s wrote key %s before %s did."
                  .formatted(
                      way == 0 ? "Suppose" : "Suppose instead",
                      name(first),
                      key(pair.key),
                      name(second)));
          List<Edge> more = new ArrayList<>(edges);
          more.addAll(ifFirst(first, second, pair.key));
          refute(more, pairs, indent + "  ");
          cycleNow = false;
        }
        return;
      }
    }
    throw new IllegalStateException("there is an order");
  }

  /** The shortest cycle, if there is one. */
  private List<Edge> cycle(List<Edge> edges) {
    List<Edge> best = List.of();
    for (Edge edge : edges) {
      List<Edge> back = edge.from == edge.to ? List.of() : path(edges, edge.to, edge.from);
      if (!back.isEmpty() && (best.isEmpty() || back.size() + 1 < best.size())) {
        List<Edge> cycle = new ArrayList<>(List.of(edge));
        cycle.addAll(back);
        best = cycle;
      }
    }
    return best;
  }

  /** A shortest path, breadth first; empty if there is none. */
  private List<Edge> path(List<Edge> edges, int from, int to) {
    Edge[] by = new Edge[nodes];
    int[] queue = new int[nodes];
    int tail = 0;
    queue[tail++] = from;
    boolean[] seen = new boolean[nodes];
    seen[from] = true;
    for (int head = 0; head < tail; head++) {
      for (Edge edge : edges) {
        if (edge.from == queue[head] && !seen[edge.to]) {
          seen[edge.to] = true;
          by[edge.to] = edge;
          queue[tail++] = edge.to;
        }
      }
    }
    List<Edge> path = new ArrayList<>();
    for (int at = to; seen[to] && at != from; at = by[at].from) {
      path.addFirst(by[at]);
    }
    return path;
  }

  private String chain(List<Edge> edges) {
    String[] reasons =
        edges.stream().map(Edge::why).filter(why -> !why.isEmpty()).toArray(String[]::new);
    return String.join("; ", Arrays.asList(reasons));
  }
}
