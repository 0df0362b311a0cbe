package phaistos.checker.transactions;

import java.util.ArrayList;
import java.util.List;

/** Puts cases that are no cycles into words: "Let T1 = ..." and a sentence. */
final class Cases {
  private final Transactions txns;

  Cases(Transactions txns) {
    this.txns = txns;
  }

  /** How much there is to read: the steps of these transactions. */
  int size(int... ids) {
    int size = 0;
    for (int id : ids) {
      size += txns.to(id) - txns.from(id);
    }
    return size;
  }

  Finding one(Anomaly anomaly, int t, String sentence) {
    return of(anomaly, List.of(t), sentence);
  }

  Finding pair(Anomaly anomaly, int first, int second, String sentence) {
    return of(anomaly, List.of(first, second), sentence);
  }

  Finding of(Anomaly anomaly, List<Integer> ids, String sentence) {
    StringBuilder proof = let(txns, ids);
    proof.append("\nThen: ").append(sentence);
    return new Finding(anomaly, indices(txns, ids), List.of(), proof.toString(), ids);
  }

  /** "Let:" and a line for each transaction. */
  static StringBuilder let(Transactions txns, List<Integer> ids) {
    StringBuilder text = new StringBuilder("Let:\n");
    for (int i = 0; i < ids.size(); i++) {
      text.append("  T").append(i + 1).append(" = ").append(txns.print(ids.get(i))).append('\n');
    }
    return text;
  }

  static List<Integer> indices(Transactions txns, List<Integer> ids) {
    List<Integer> indices = new ArrayList<>();
    ids.forEach(id -> indices.add(txns.index[id]));
    return indices;
  }
}
