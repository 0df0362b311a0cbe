package phaistos.checker.transactions;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * Finds a shortest cycle of a class in a component: a breadth-first search from every vertex, over
 * pairs of a vertex and what was seen on the way ({@link CycleClass}), cut off at the length of the
 * best cycle so far. Not thread-safe.
 *
 * <p>Such a search finds closed walks, which may cross themselves; a walk that does is cut into
 * simple cycles, one of which is nearly always of the class. Where none is (a long fork within a
 * component that has worse), a search over simple paths with a bound on its steps follows.
 */
final class CycleSearch {
  private static final int CHECK_EVERY = 4096;
  private static final int STARTS_UNCHECKED = 64;
  private static final int PATH_STEPS_MAX = 2_000_000;

  private final LocalGraph graph;
  private final LongPredicate isOver;
  private final int[] seen;
  private final int[] before;
  private final int[] queue;
  private int round;
  private int steps;
  private boolean timedOut;

  /** {@code isOver} is asked now and then, with {@link System#nanoTime()}, whether to stop. */
  CycleSearch(LocalGraph graph, LongPredicate isOver) {
    this.graph = graph;
    this.isOver = isOver;
    int nodes = Math.multiplyExact(graph.size(), CycleClass.STATES);
    seen = new int[nodes];
    before = new int[nodes];
    queue = new int[nodes];
  }

  /** Whether the last search ended early: its cycle, if any, need not be the shortest. */
  boolean timedOut() {
    return timedOut;
  }

  /** The vertices of a shortest cycle of this class, or nothing. */
  Optional<int[]> shortest(CycleClass wanted) {
    timedOut = false;
    int[] best = null;
    boolean crossed = false;
    for (int start = 0; start < graph.size() && !timedOut; start++) {
      int limit = best == null ? Integer.MAX_VALUE : best.length - 1;
      if (limit < 2) {
        break;
      }
      if (start % STARTS_UNCHECKED == 0 && isOver.test(System.nanoTime())) {
        timedOut = true;
        break;
      }
      int[] walk = walkFrom(wanted, start, limit);
      if (walk != null) {
        int[] cycle = simple(walk, wanted);
        crossed |= cycle == null;
        if (cycle != null && (best == null || cycle.length < best.length)) {
          best = cycle;
        }
      }
    }
    if (best == null && crossed && !timedOut) {
      SimplePaths paths = new SimplePaths(wanted);
      best = paths.search();
      timedOut = best == null && paths.left <= 0;
    }
    return Optional.ofNullable(best);
  }

  /** The vertices of a shortest closed walk from this vertex, at most so long. */
  private int[] walkFrom(CycleClass wanted, int start, int limit) {
    round++;
    int head = 0;
    int tail = 0;
    for (int edge = graph.edges.from(start); edge < graph.edges.to(start); edge++) {
      int state = wanted.begin(graph.label[edge]);
      int node = graph.edges.target(edge) * CycleClass.STATES + state;
      if (state != CycleClass.DEAD && seen[node] != round) {
        seen[node] = round;
        before[node] = -1;
        queue[tail++] = node;
      }
    }
    int levelEnd = tail;
    int length = 1;
    while (head < tail && length < limit) {
      if (head == levelEnd) {
        levelEnd = tail;
        length++;
        continue;
      }
      int node = queue[head++];
      int vertex = node / CycleClass.STATES;
      for (int edge = graph.edges.from(vertex); edge < graph.edges.to(vertex); edge++) {
        int state = wanted.step(node % CycleClass.STATES, graph.label[edge]);
        if (state == CycleClass.DEAD) {
          continue;
        }
        int target = graph.edges.target(edge);
        if (target == start) {
          if (wanted.accepts(state)) {
            return path(start, node, length + 1);
          }
          continue;
        }
        int next = target * CycleClass.STATES + state;
        if (seen[next] != round) {
          seen[next] = round;
          before[next] = node;
          queue[tail++] = next;
        }
      }
      if (++steps % CHECK_EVERY == 0 && isOver.test(System.nanoTime())) {
        timedOut = true;
        return null;
      }
    }
    return null;
  }

  private int[] path(int start, int last, int length) {
    int[] walk = new int[length];
    walk[0] = start;
    int node = last;
    for (int i = length - 1; i > 0; i--) {
      walk[i] = node / CycleClass.STATES;
      node = before[node];
    }
    return walk;
  }

  /** The walk itself, or the shortest simple cycle in it that is of the class; null if none is. */
  private int[] simple(int[] walk, CycleClass wanted) {
    for (int i = 0; i < walk.length; i++) {
      for (int j = i + 1; j < walk.length; j++) {
        if (walk[i] == walk[j]) {
          int[] inner = Arrays.copyOfRange(walk, i, j);
          int[] outer = new int[walk.length - inner.length];
          System.arraycopy(walk, 0, outer, 0, i);
          System.arraycopy(walk, j, outer, i, walk.length - j);
          int[] one = simple(inner, wanted);
          int[] other = simple(outer, wanted);
          if (one == null || other == null) {
            return one == null ? other : one;
          }
          return one.length <= other.length ? one : other;
        }
      }
    }
    return wanted.equals(classOf(walk)) ? walk : null;
  }

  CycleClass classOf(int[] cycle) {
    int[] labels = new int[cycle.length];
    for (int i = 0; i < cycle.length; i++) {
      labels[i] = graph.label(cycle[i], cycle[(i + 1) % cycle.length]);
    }
    return CycleClass.of(labels);
  }

  /** A search over simple paths, shorter ones first, with a bound on its steps. */
  private final class SimplePaths {
    private final CycleClass wanted;
    private final boolean[] onPath = new boolean[graph.size()];
    private final Ints path = new Ints();
    private int left = PATH_STEPS_MAX;

    SimplePaths(CycleClass wanted) {
      this.wanted = wanted;
    }

    int[] search() {
      for (int limit = 2; limit <= graph.size() && left > 0; limit++) {
        for (int start = 0; start < graph.size(); start++) {
          path.clear();
          path.add(start);
          if (extend(start, start, limit, CycleClass.DEAD)) {
            return Arrays.copyOf(path.toArray(), path.size());
          }
        }
      }
      return null;
    }

    private boolean extend(int start, int vertex, int limit, int state) {
      if (left-- <= 0) {
        return false;
      }
      onPath[vertex] = true;
      for (int edge = graph.edges.from(vertex); edge < graph.edges.to(vertex); edge++) {
        int label = graph.label[edge];
        int next = path.size() == 1 ? wanted.begin(label) : wanted.step(state, label);
        int target = graph.edges.target(edge);
        if (next == CycleClass.DEAD) {
          continue;
        }
        if (target == start && path.size() == limit && wanted.accepts(next)) {
          onPath[vertex] = false;
          return true;
        }
        if (!onPath[target] && path.size() < limit) {
          path.add(target);
          if (extend(start, target, limit, next)) {
            onPath[vertex] = false;
            return true;
          }
          path.pop();
        }
      }
      onPath[vertex] = false;
      return false;
    }
  }
}
