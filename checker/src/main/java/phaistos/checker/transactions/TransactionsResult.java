package phaistos.checker.transactions;

import java.util.List;
import java.util.Map;
import phaistos.checker.Result;
import phaistos.checker.Verdict;

/**
 * What {@link TransactionChecker} says.
 *
 * @param anomalies the kinds of anomalies to report, by name
 * @param not the weakest models that are ruled out, by everything found, by name
 * @param alsoNot the stronger ones ruled out with them
 * @param possible the models that are not ruled out, the strongest first only
 * @param counts how many cases there are of each reported kind
 * @param findings the smallest cases of each reported kind, at most ten
 * @param notes what else to know: searches that ended early
 * @param components the smallest sets of transactions that depend on each other in cycles
 * @param statistics how much there was
 * @param certificates for each expected model that holds an order that shows it, verified
 */
public record TransactionsResult(
    Verdict verdict,
    List<String> anomalies,
    List<String> not,
    List<String> alsoNot,
    List<String> possible,
    Map<String, Long> counts,
    Map<String, List<Finding>> findings,
    List<String> notes,
    List<Component> components,
    Statistics statistics,
    Map<ConsistencyModel, Certificate> certificates)
    implements Result {
  /**
   * Some transactions, by their numbers in {@link Transactions}, and all edges between them, each
   * as the places of its ends in that list.
   */
  public record Component(List<Integer> ids, List<Edge> edges) {}

  /** {@code kind}: ww, wr, rw, process or realtime. */
  public record Edge(int from, int to, String kind) {}

  /** Sizes: edges with repetitions; components of two or more transactions. */
  public record Statistics(
      int transactions, int steps, int keys, long edges, int components, int largestComponent) {}
}
