package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Dependencies by their definitions, pair by pair, and all simple cycles. */
final class Definitions {
  private Definitions() {}

  static int[][] labels(Transactions txns, boolean strict) {
    int n = txns.size();
    int[][] labels = new int[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        if (a == b || txns.type[a] == Transactions.FAIL || txns.type[b] == Transactions.FAIL) {
          continue;
        }
        labels[a][b] = label(txns, strict, a, b);
      }
    }
    return labels;
  }

  /** The first of ww, wr, rw and, if strict, realtime that leads from a to b; 0 if none does. */
  static int label(Transactions txns, boolean strict, int a, int b) {
    int mask = strict && LocalGraph.isBefore(txns, a, b) ? Edges.REALTIME : 0;
    for (int i = txns.from(a); i < txns.to(a); i++) {
      for (int j = txns.from(b); j < txns.to(b); j++) {
        mask |= dependency(txns, a, i, j);
      }
    }
    return Integer.lowestOneBit(mask);
  }

  private static int dependency(Transactions txns, int a, int i, int j) {
    if (txns.stepKey[i] != txns.stepKey[j]) {
      return 0;
    }
    boolean writes = txns.stepKind[i] == Transactions.WRITE;
    boolean thenWrites = txns.stepKind[j] == Transactions.WRITE;
    if (writes && !thenWrites) {
      boolean seen = txns.stepValue[j] != Transactions.NIL;
      return seen && txns.lastVersion(j) == txns.stepValue[i] ? Edges.WR : 0;
    }
    if (!thenWrites) {
      return 0;
    }
    int before = before(txns, txns.stepKey[j], txns.stepValue[j]);
    if (writes) {
      return txns.stepValue[i] == before ? Edges.WW : 0;
    }
    boolean unseen = txns.stepValue[i] == Transactions.NIL && !txns.isOk(a);
    return !unseen && txns.lastVersion(i) == before ? Edges.RW : 0;
  }

  private static int before(Transactions txns, int key, int version) {
    List<Integer> order = new ArrayList<>();
    int longest = txns.states.longest(key);
    if (longest >= 0 && txns.states.depth(longest) > 0) {
      for (int element : txns.states.elements(longest)) {
        if (!order.contains(element)) {
          order.add(element);
        }
      }
    } else {
      List<Integer> appends = new ArrayList<>();
      for (int t = 0; t < txns.size(); t++) {
        for (int s = txns.from(t); s < txns.to(t); s++) {
          if (txns.type[t] != Transactions.FAIL
              && txns.stepKind[s] == Transactions.WRITE
              && txns.stepKey[s] == key) {
            appends.add(txns.stepValue[s]);
          }
        }
      }
      if (appends.size() == 1) {
        order.addAll(appends);
      }
    }
    int place = order.indexOf(version);
    int at = place < 0 ? order.size() - 1 : place - 1;
    return at < 0 ? txns.versions.initial(key) : order.get(at);
  }

  static Map<String, Integer> shortestCycles(int[][] labels) {
    Map<String, Integer> shortest = new HashMap<>();
    for (int start = 0; start < labels.length; start++) {
      List<Integer> path = new ArrayList<>(List.of(start));
      extend(labels, path, new ArrayList<>(), shortest);
    }
    return shortest;
  }

  private static void extend(
      int[][] labels, List<Integer> path, List<Integer> taken, Map<String, Integer> shortest) {
    int last = path.getLast();
    for (int next = path.getFirst(); next < labels.length; next++) {
      int label = labels[last][next];
      if (label == 0) {
        continue;
      }
      taken.add(label);
      if (next == path.getFirst()) {
        int[] cycle = taken.stream().mapToInt(Integer::intValue).toArray();
        shortest.merge(CycleClass.of(cycle).anomaly().label(), cycle.length, Math::min);
      } else if (!path.contains(next)) {
        path.add(next);
        extend(labels, path, taken, shortest);
        path.removeLast();
      }
      taken.removeLast();
    }
  }
}
