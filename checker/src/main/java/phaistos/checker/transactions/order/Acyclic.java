package phaistos.checker.transactions.order;

import java.util.Arrays;
import phaistos.checker.transactions.Ints;

/**
 * A graph that stays without cycles while edges come and go, with a topological order of it kept up
 * to date (Pearce and Kelly, "A Dynamic Topological Sort Algorithm for Directed Acyclic Graphs",
 * JEA 2007). Edges that came last go first. Not thread-safe.
 */
final class Acyclic {
  private final int[] placeOf;
  private final int[] fixedOutStart;
  private final int[] fixedOut;
  private final int[] fixedInStart;
  private final int[] fixedIn;
  private final int[] outHead;
  private final int[] inHead;
  private final Ints from = new Ints();
  private final Ints to = new Ints();
  private final Ints label = new Ints();
  private final Ints outNext = new Ints();
  private final Ints inNext = new Ints();

  private final int[] seen;
  private int round;
  private final int[] parent;
  private final int[] parentEdge;
  private final int[] forward;
  private final int[] backward;
  private final int[] places;

  /** The fixed edges are those of the closure, and so is the order to begin with. */
  Acyclic(Closure closure) {
    int n = closure.nodes();
    placeOf = new int[n];
    for (int i = 0; i < n; i++) {
      placeOf[closure.order()[i]] = i;
    }
    int[] sources = new int[closure.edgeCount()];
    int[] targets = new int[closure.edgeCount()];
    for (int e = 0; e < sources.length; e++) {
      sources[e] = closure.edgeFrom(e);
      targets[e] = closure.edgeTo(e);
    }
    fixedOutStart = new int[n + 1];
    fixedOut = index(sources, targets, fixedOutStart);
    fixedInStart = new int[n + 1];
    fixedIn = index(targets, sources, fixedInStart);
    outHead = new int[n];
    inHead = new int[n];
    Arrays.fill(outHead, -1);
    Arrays.fill(inHead, -1);
    seen = new int[n];
    parent = new int[n];
    parentEdge = new int[n];
    forward = new int[n];
    backward = new int[n];
    places = new int[n];
  }

  private static int[] index(int[] by, int[] values, int[] starts) {
    for (int node : by) {
      starts[node + 1]++;
    }
    for (int i = 0; i + 1 < starts.length; i++) {
      starts[i + 1] += starts[i];
    }
    int[] next = starts.clone();
    int[] items = new int[by.length];
    for (int e = 0; e < by.length; e++) {
      items[next[by[e]]++] = values[e];
    }
    return items;
  }

  int place(int node) {
    return placeOf[node];
  }

  int edgeCount() {
    return from.size();
  }

  /**
   * Adds an edge. If it closes a cycle it is not added, and {@code cycle} receives the labels of
   * the edges on the way back, this one's aside.
   */
  boolean add(int source, int target, int edgeLabel, Ints cycle) {
    if (placeOf[source] >= placeOf[target]) {
      int reached = forward(source, target, cycle);
      if (reached < 0) {
        return false;
      }
      reorder(reached, backward(source, target));
    }
    int edge = from.size();
    from.add(source);
    to.add(target);
    label.add(edgeLabel);
    outNext.add(outHead[source]);
    inNext.add(inHead[target]);
    outHead[source] = edge;
    inHead[target] = edge;
    return true;
  }

  /** Takes away the edges that came after the first so many. */
  void shrinkTo(int count) {
    while (from.size() > count) {
      outHead[from.pop()] = outNext.pop();
      inHead[to.pop()] = inNext.pop();
      label.pop();
    }
  }

  /** What the target reaches before the source's place; -1 if it reaches the source. */
  private int forward(int source, int target, Ints cycle) {
    round++;
    int limit = placeOf[source];
    if (source == target) {
      return -1;
    }
    int tail = 0;
    forward[tail++] = target;
    seen[target] = round;
    parent[target] = -1;
    for (int head = 0; head < tail; head++) {
      int node = forward[head];
      int fixedEnd = fixedOutStart[node + 1];
      int edge = outHead[node];
      int i = fixedOutStart[node];
      while (i < fixedEnd || edge >= 0) {
        int next;
        int by;
        if (i < fixedEnd) {
          next = fixedOut[i++];
          by = -1;
        } else {
          next = to.get(edge);
          by = edge;
          edge = outNext.get(edge);
        }
        if (seen[next] == round || placeOf[next] > limit) {
          continue;
        }
        seen[next] = round;
        parent[next] = node;
        parentEdge[next] = by;
        if (next == source) {
          collect(source, cycle);
          return -1;
        }
        forward[tail++] = next;
      }
    }
    return tail;
  }

  private void collect(int source, Ints cycle) {
    for (int node = source; parent[node] >= 0; node = parent[node]) {
      if (parentEdge[node] >= 0) {
        cycle.add(label.get(parentEdge[node]));
      }
    }
  }

  private int backward(int source, int target) {
    round++;
    int limit = placeOf[target];
    int tail = 0;
    backward[tail++] = source;
    seen[source] = round;
    for (int head = 0; head < tail; head++) {
      int node = backward[head];
      for (int i = fixedInStart[node]; i < fixedInStart[node + 1]; i++) {
        tail = visitBackward(fixedIn[i], limit, tail);
      }
      for (int edge = inHead[node]; edge >= 0; edge = inNext.get(edge)) {
        tail = visitBackward(from.get(edge), limit, tail);
      }
    }
    return tail;
  }

  private int visitBackward(int node, int limit, int tail) {
    if (seen[node] == round || placeOf[node] < limit) {
      return tail;
    }
    seen[node] = round;
    backward[tail] = node;
    return tail + 1;
  }

  /** Everything behind goes before everything ahead, on the places that both have now. */
  private void reorder(int ahead, int behind) {
    sortByPlace(forward, ahead);
    sortByPlace(backward, behind);
    int size = 0;
    for (int i = 0; i < behind; i++) {
      places[size++] = placeOf[backward[i]];
    }
    for (int i = 0; i < ahead; i++) {
      places[size++] = placeOf[forward[i]];
    }
    Arrays.sort(places, 0, size);
    int next = 0;
    for (int i = 0; i < behind; i++) {
      placeOf[backward[i]] = places[next++];
    }
    for (int i = 0; i < ahead; i++) {
      placeOf[forward[i]] = places[next++];
    }
  }

  private void sortByPlace(int[] items, int size) {
    long[] sorted = new long[size];
    for (int i = 0; i < size; i++) {
      sorted[i] = (long) placeOf[items[i]] << 32 | items[i];
    }
    Arrays.sort(sorted);
    for (int i = 0; i < size; i++) {
      items[i] = (int) sorted[i];
    }
  }
}
