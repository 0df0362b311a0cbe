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
 * @param statistics how much there was
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
    Statistics statistics)
    implements Result {
  /** Sizes: edges with repetitions; components of two or more transactions. */
  public record Statistics(
      int transactions, int steps, int keys, long edges, int components, int largestComponent) {}
}
