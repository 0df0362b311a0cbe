package phaistos.checker.durability;

import java.util.List;
import java.util.function.Consumer;
import phaistos.checker.Result;
import phaistos.checker.Verdict;

/**
 * The findings of an audit.
 *
 * @param problems the violations, in the order of the history, up to {@link #MAX_PROBLEMS}
 * @param defects inconsistencies of the files, up to {@link #MAX_DEFECTS}
 * @param moreDefects how many more there are
 * @param assumptions the assumptions of the verdict
 */
public record AuditReport(
    Verdict verdict,
    Counts counts,
    List<TransactionFinding> problems,
    List<Defect> defects,
    int moreDefects,
    List<NodeReport> nodes,
    List<String> assumptions,
    Transactions transactions)
    implements Result {
  public static final int MAX_PROBLEMS = 100_000;
  public static final int MAX_DEFECTS = 1_000;

  /** Every transaction's finding, computed lazily. */
  public interface Transactions {
    int size();

    void forEach(Consumer<TransactionFinding> consumer);
  }

  public AuditReport {
    problems = List.copyOf(problems);
    defects = List.copyOf(defects);
    nodes = List.copyOf(nodes);
    assumptions = List.copyOf(assumptions);
  }

  /** The first screen, without the caller's lines (seed, replay, files). */
  public List<String> firstScreen() {
    return TextReport.firstScreen(this);
  }
}
