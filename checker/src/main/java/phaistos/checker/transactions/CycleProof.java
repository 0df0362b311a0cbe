package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.List;

/**
 * A cycle in words: who the transactions are, why each precedes the next, and the contradiction.
 */
final class CycleProof {
  private final Analysis analysis;
  private final Transactions txns;
  private final List<Integer> ids = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();

  CycleProof(Analysis analysis, LocalGraph graph, int[] cycle) {
    this.analysis = analysis;
    this.txns = analysis.transactions();
    int[] turned = turn(graph, cycle);
    for (int i = 0; i < turned.length; i++) {
      ids.add(graph.members[turned[i]]);
      labels.add(graph.label(turned[i], turned[(i + 1) % turned.length]));
    }
  }

  /** Starts where the anti-dependency, which most often gives the contradiction, comes last. */
  private static int[] turn(LocalGraph graph, int[] cycle) {
    int n = cycle.length;
    int best = 0;
    int bestRank = -1;
    for (int i = 0; i < n; i++) {
      int last = graph.label(cycle[(i + n - 1) % n], cycle[i]);
      int rank = last == Edges.RW ? 2 : (last & Edges.SESSION) == 0 ? 1 : 0;
      boolean earlier = rank == bestRank && graph.members[cycle[i]] < graph.members[cycle[best]];
      if (rank > bestRank || earlier) {
        best = i;
        bestRank = rank;
      }
    }
    int[] turned = new int[n];
    for (int i = 0; i < n; i++) {
      turned[i] = cycle[(best + i) % n];
    }
    return turned;
  }

  Finding finding(Anomaly of) {
    List<String> words = labels.stream().map(Edges::word).toList();
    return new Finding(of, Cases.indices(txns, ids), words, text(), ids);
  }

  private String text() {
    StringBuilder text = Cases.let(txns, ids).append("\nThen:\n");
    int n = ids.size();
    for (int i = 0; i < n; i++) {
      String a = "T" + (i + 1);
      String b = "T" + ((i + 1) % n + 1);
      String step =
          "%s < %s, because %s"
              .formatted(a, b, reason(labels.get(i), ids.get(i), ids.get((i + 1) % n), a, b));
      boolean isLast = i == n - 1;
      text.append("  - ").append(isLast ? "However, " : "").append(step);
      text.append(isLast ? ": a contradiction!" : ".\n");
    }
    return text.toString();
  }

  private String reason(int label, int a, int b, String nameOfA, String nameOfB) {
    return switch (label) {
      case Edges.PROCESS ->
          "process %s executed %s before %s".formatted(txns.processName(a), nameOfA, nameOfB);
      case Edges.REALTIME ->
          "%s completed at index %d, before the invocation of %s"
              .formatted(nameOfA, txns.index[a], nameOfB);
      default -> analysis.explain(label, a, b, nameOfA, nameOfB);
    };
  }
}
