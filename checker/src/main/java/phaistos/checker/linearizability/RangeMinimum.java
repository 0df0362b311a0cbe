package phaistos.checker.linearizability;

import java.util.Arrays;

/** Numbers by place, and the first small one in a range: a tree of minima. */
final class RangeMinimum {
  static final int NOWHERE = -1;

  private final int leaves;
  private final int[] tree;

  RangeMinimum(int[] values, int count) {
    leaves = Math.max(1, Integer.highestOneBit(Math.max(count - 1, 0)) * 2);
    tree = new int[2 * leaves];
    Arrays.fill(tree, Integer.MAX_VALUE);
    System.arraycopy(values, 0, tree, leaves, count);
    for (int node = leaves - 1; node > 0; node--) {
      tree[node] = Math.min(tree[2 * node], tree[2 * node + 1]);
    }
  }

  void set(int place, int value) {
    int node = leaves + place;
    tree[node] = value;
    for (node >>= 1; node > 0; node >>= 1) {
      tree[node] = Math.min(tree[2 * node], tree[2 * node + 1]);
    }
  }

  /** The first place in this range, ends included, whose value is at most this. */
  int first(int from, int to, int atMost) {
    int node = leaves + from;
    while (tree[node] > atMost) {
      while ((node & 1) == 1) {
        node >>= 1;
      }
      if (node == 0) {
        return NOWHERE;
      }
      node++;
    }
    while (node < leaves) {
      node = tree[2 * node] <= atMost ? 2 * node : 2 * node + 1;
    }
    int place = node - leaves;
    return place <= to ? place : NOWHERE;
  }
}
