package phaistos.checker.transactions;

/**
 * Real-time order in linear size: transaction a comes before b if a's ok stands before b's
 * invocation. The completions form a chain of extra vertices; a transaction leads to its own link,
 * and a link to those transactions that were invoked right after it. Numbers of links start after
 * the transactions.
 */
final class Realtime {
  private final int transactions;

  /** For each transaction its link in the chain; -1 for those that never completed ok. */
  private final int[] link;

  private final int[] groupStart;
  private final int[] group;
  private final boolean orders;

  Realtime(Transactions txns) {
    transactions = txns.size();
    link = new int[transactions];
    int events = 0;
    for (int t = 0; t < transactions; t++) {
      events = Math.max(events, Math.max(txns.invokedAt[t], txns.completedAt[t]) + 1);
    }
    if (txns.invocations.length > 0) {
      events = Math.max(events, txns.invocations[txns.invocations.length - 1] + 1);
    }
    int[] oksBefore = new int[events + 1];
    for (int t = 0; t < transactions; t++) {
      if (txns.isOk(t)) {
        oksBefore[txns.completedAt[t] + 1]++;
      }
    }
    for (int place = 0; place < events; place++) {
      oksBefore[place + 1] += oksBefore[place];
    }
    int links = oksBefore[events];
    groupStart = new int[links + 1];
    for (int t = 0; t < transactions; t++) {
      link[t] = txns.isOk(t) ? oksBefore[txns.completedAt[t]] : -1;
      int before = follows(txns, t, oksBefore);
      if (before > 0) {
        groupStart[before]++;
      }
    }
    for (int i = 0; i < links; i++) {
      groupStart[i + 1] += groupStart[i];
    }
    group = new int[groupStart[links]];
    int[] next = groupStart.clone();
    for (int t = 0; t < transactions; t++) {
      int before = follows(txns, t, oksBefore);
      if (before > 0) {
        group[next[before - 1]++] = t;
      }
    }
    int last = txns.invocations.length - 1;
    orders = last >= 0 && oksBefore[txns.invocations[last]] > 0;
  }

  /** How many oks stand before the invocation; 0 for what has none, or failed. */
  private static int follows(Transactions txns, int t, int[] oksBefore) {
    boolean counts = txns.type[t] != Transactions.FAIL && txns.invokedAt[t] >= 0;
    return counts ? oksBefore[txns.invokedAt[t]] : 0;
  }

  /** Whether anything at all was invoked after an ok. */
  boolean orders() {
    return orders;
  }

  int vertexCount() {
    return transactions + groupStart.length - 1;
  }

  /** The vertex of a transaction's link; -1 if it has none. */
  int linkOf(int transaction) {
    return link[transaction] < 0 ? -1 : transactions + link[transaction];
  }

  /** How many vertices a link leads to. */
  int outDegree(int vertex) {
    int i = vertex - transactions;
    return groupStart[i + 1] - groupStart[i] + (i + 2 < groupStart.length ? 1 : 0);
  }

  /** The n-th vertex that a link leads to. */
  int out(int vertex, int n) {
    int i = vertex - transactions;
    int size = groupStart[i + 1] - groupStart[i];
    return n < size ? group[groupStart[i] + n] : vertex + 1;
  }
}
