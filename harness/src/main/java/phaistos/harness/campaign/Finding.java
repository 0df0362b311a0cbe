package phaistos.harness.campaign;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import phaistos.harness.Violation;

/**
 * Failures with one cause, as far as the cause is known.
 *
 * @param violation what the checkers proved first in each of them
 * @param explanation of one of them
 * @param runs in the order in which they ended
 * @param isNew whether no earlier night had it, and no file names it
 */
record Finding(
    Violation violation,
    Optional<Explainer.Explanation> explanation,
    List<Entry.Run> runs,
    boolean isNew) {
  Finding {
    runs = List.copyOf(runs);
  }

  /** The same for the same cause in every store: for files of known findings. */
  String id() {
    return id(violation, explanation);
  }

  static String id(Violation violation, Optional<Explainer.Explanation> explanation) {
    CRC32C crc = new CRC32C();
    String cause = violation.checker() + "\n" + violation.kind() + "\n" + word(explanation);
    crc.update(cause.getBytes(StandardCharsets.UTF_8));
    return "F%08x".formatted(crc.getValue());
  }

  /**
   * The step if there is one, else the shape of the shrunk schedule; empty if neither is known for
   * sure.
   */
  static String word(Optional<Explainer.Explanation> explanation) {
    return explanation.map(Finding::word).orElse("");
  }

  private static String word(Explainer.Explanation found) {
    return found
        .step()
        .map(step -> "step " + step)
        .orElse(found.isComplete() && !found.shape().isEmpty() ? "faults " + found.shape() : "");
  }

  /** The run to look at: one whose files are kept, of those the quickest. */
  Entry.Run representative() {
    return runs.stream()
        .min(
            Comparator.comparing((Entry.Run run) -> run.result().folder().isEmpty())
                .thenComparing(run -> run.result().realMillis())
                .thenComparing(Entry.Run::number))
        .orElseThrow();
  }

  /** Kinds of faults that had an effect in every one of its runs. */
  List<String> commonFaults() {
    TreeMap<String, Integer> counts = new TreeMap<>();
    for (Entry.Run run : runs) {
      run.result()
          .faults()
          .forEach((fault, count) -> counts.merge(fault, count > 0 ? 1 : 0, Integer::sum));
    }
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() == runs.size())
        .map(TreeMap.Entry::getKey)
        .toList();
  }

  /** "audit after replay: lost: the final read on N does not show its row #". */
  String title() {
    return violation.checker() + ": " + violation.kind();
  }
}
