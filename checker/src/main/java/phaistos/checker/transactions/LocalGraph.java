package phaistos.checker.transactions;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * One strongly connected component with small vertex numbers, no edge twice, and for each edge,
 * beside all its relationships, the one that explains it best. Immutable.
 */
final class LocalGraph {
  /** The transactions, by vertex. */
  final int[] members;

  final Edges edges;

  /** For each edge the relationship that explains it. */
  final byte[] label;

  private LocalGraph(int[] members, Edges edges, byte[] label) {
    this.members = members;
    this.edges = edges;
    this.label = label;
  }

  /** How much of real-time order becomes edges: none, a transitive reduction of it, all of it. */
  enum RealtimeEdges {
    NONE,
    REDUCED,
    ALL
  }

  static LocalGraph of(
      int[] members, Edges all, Transactions txns, RealtimeEdges realtime, boolean wrFirst) {
    Map<Integer, Integer> vertexOf = HashMap.newHashMap(members.length);
    for (int i = 0; i < members.length; i++) {
      vertexOf.put(members[i], i);
    }
    Ints from = new Ints();
    Ints to = new Ints();
    Ints mask = new Ints();
    Edges.Sink sink =
        (a, b, relationship) -> {
          from.add(a);
          to.add(b);
          mask.add(relationship);
        };
    for (int i = 0; i < members.length; i++) {
      for (int edge = all.from(members[i]); edge < all.to(members[i]); edge++) {
        Integer target = vertexOf.get(all.target(edge));
        if (target != null) {
          sink.edge(i, target, all.mask(edge));
        }
      }
    }
    switch (realtime) {
      case NONE -> {}
      case REDUCED -> reducedRealtime(members, txns, sink);
      case ALL -> allRealtime(members, txns, sink);
    }
    return merged(members, from, to, mask, wrFirst);
  }

  private static void allRealtime(int[] members, Transactions txns, Edges.Sink sink) {
    for (int a = 0; a < members.length; a++) {
      for (int b = 0; b < members.length; b++) {
        if (isBefore(txns, members[a], members[b])) {
          sink.edge(a, b, Edges.REALTIME);
        }
      }
    }
  }

  static boolean isBefore(Transactions txns, int a, int b) {
    return txns.isOk(a) && txns.invokedAt[b] >= 0 && txns.completedAt[a] < txns.invokedAt[b];
  }

  /**
   * From each completion to the invocations after it, up to the next completion of one of those.
   */
  private static void reducedRealtime(int[] members, Transactions txns, Edges.Sink sink) {
    long[] events = new long[2 * members.length];
    int count = 0;
    for (int i = 0; i < members.length; i++) {
      if (txns.invokedAt[members[i]] >= 0) {
        events[count++] = (long) txns.invokedAt[members[i]] << 32 | i;
      }
      if (txns.isOk(members[i])) {
        events[count++] = (long) txns.completedAt[members[i]] << 32 | i;
      }
    }
    Arrays.sort(events, 0, count);
    Ints buffer = new Ints();
    int[][] before = new int[members.length][];
    for (int e = 0; e < count; e++) {
      int place = (int) (events[e] >>> 32);
      int vertex = (int) events[e];
      if (place == txns.invokedAt[members[vertex]]) {
        before[vertex] = Arrays.copyOf(buffer.toArray(), buffer.size());
        for (int i = 0; i < buffer.size(); i++) {
          sink.edge(buffer.get(i), vertex, Edges.REALTIME);
        }
      } else {
        removeAll(buffer, before[vertex]);
        buffer.add(vertex);
      }
    }
  }

  private static void removeAll(Ints buffer, int[] gone) {
    if (gone == null) {
      return;
    }
    int kept = 0;
    int at = 0;
    for (int i = 0; i < buffer.size(); i++) {
      // Both are in the order in which they completed, so one walk suffices.
      if (at < gone.length && buffer.get(i) == gone[at]) {
        at++;
      } else if (contains(gone, at, buffer.get(i))) {
        continue;
      } else {
        buffer.set(kept++, buffer.get(i));
      }
    }
    while (buffer.size() > kept) {
      buffer.pop();
    }
  }

  private static boolean contains(int[] items, int from, int item) {
    for (int i = from; i < items.length; i++) {
      if (items[i] == item) {
        return true;
      }
    }
    return false;
  }

  private static LocalGraph merged(int[] members, Ints from, Ints to, Ints mask, boolean wrFirst) {
    long[] sorted = new long[from.size()];
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = (long) from.get(i) << 37 | (long) to.get(i) << 5 | mask.get(i);
    }
    Arrays.sort(sorted);
    int size = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (size > 0 && sorted[size - 1] >>> 5 == sorted[i] >>> 5) {
        sorted[size - 1] |= sorted[i] & 31;
      } else {
        sorted[size++] = sorted[i];
      }
    }
    int edgeCount = size;
    Edges edges =
        Edges.of(
            members.length,
            sink -> {
              for (int i = 0; i < edgeCount; i++) {
                long edge = sorted[i];
                sink.edge((int) (edge >>> 37), (int) (edge >>> 5), (int) (edge & 31));
              }
            });
    byte[] label = new byte[edgeCount];
    for (int i = 0; i < edgeCount; i++) {
      label[i] = (byte) labelOf(edges.mask(i), wrFirst);
    }
    return new LocalGraph(members, edges, label);
  }

  /** The relationship to explain an edge with: data before session order. */
  static int labelOf(int mask, boolean wrFirst) {
    if (wrFirst && (mask & Edges.WR) != 0) {
      return Edges.WR;
    }
    return Integer.lowestOneBit(mask);
  }

  int size() {
    return members.length;
  }

  /** The label of the edge between two vertices; 0 if there is none. */
  int label(int from, int to) {
    for (int edge = edges.from(from); edge < edges.to(from); edge++) {
      if (edges.target(edge) == to) {
        return label[edge];
      }
    }
    return 0;
  }
}
