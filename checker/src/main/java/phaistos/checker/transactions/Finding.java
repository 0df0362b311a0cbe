package phaistos.checker.transactions;

import java.util.List;

/**
 * One case of an anomaly, with its proof.
 *
 * @param transactions the indices in the history of the transactions that it consists of; of a
 *     cycle in its order
 * @param edges of a cycle: how each transaction precedes the next ("ww", "wr", "rw", "process",
 *     "realtime"); empty otherwise
 * @param proof the text for people
 * @param ids the same transactions by their numbers in {@link Transactions}
 */
public record Finding(
    Anomaly anomaly,
    List<Integer> transactions,
    List<String> edges,
    String proof,
    List<Integer> ids) {
  public Finding {
    transactions = List.copyOf(transactions);
    edges = List.copyOf(edges);
    ids = List.copyOf(ids);
  }
}
