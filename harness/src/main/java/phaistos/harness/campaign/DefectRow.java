package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToLongFunction;

/**
 * The runs with one defect in one cell.
 *
 * @param cell "default mix", or the workload and the faults that the defect's description names
 */
public record DefectRow(String defect, String cell, List<Trial> trials) {
  public DefectRow {
    trials = List.copyOf(trials);
  }

  public int found() {
    return (int) trials.stream().filter(Trial::isFound).count();
  }

  /** The share of the runs that found it, 0 to 1. */
  public double share() {
    return trials.isEmpty() ? 0 : (double) found() / trials.size();
  }

  /** The median CPU time to the first detection, in seconds. */
  public OptionalDouble cpuSeconds() {
    return toFirst(Trial::cpuNanos);
  }

  /** The median simulated time to the first detection, in seconds. */
  public OptionalDouble simulatedSeconds() {
    return toFirst(Trial::simulatedNanos);
  }

  /**
   * The median over all places at which a search could begin: the sum of the runs from there to the
   * first one that finds it. The list of runs is taken as a ring. Empty if no run found it.
   */
  private OptionalDouble toFirst(ToLongFunction<Trial> cost) {
    if (found() == 0) {
      return OptionalDouble.empty();
    }
    List<Long> sums = new ArrayList<>();
    for (int start = 0; start < trials.size(); start++) {
      int at = start;
      long sum = cost.applyAsLong(trials.get(at));
      while (!trials.get(at).isFound()) {
        at = (at + 1) % trials.size();
        sum += cost.applyAsLong(trials.get(at));
      }
      sums.add(sum);
    }
    Collections.sort(sums);
    int middle = sums.size() / 2;
    double median =
        sums.size() % 2 == 1
            ? sums.get(middle)
            : (sums.get(middle - 1) + (double) sums.get(middle)) / 2;
    return OptionalDouble.of(median / 1e9);
  }

  /** The checker that found it most often; the first of a run's checkers counts. */
  public Optional<String> checker() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Trial trial : trials) {
      if (trial.isFound() && !trial.proofs().isEmpty()) {
        counts.merge(trial.proofs().getFirst(), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
  }

  /** The first line of the first run that found it; of the first run if none did. */
  public String verdict() {
    return trials.stream()
        .filter(Trial::isFound)
        .findFirst()
        .or(() -> trials.stream().findFirst())
        .map(Trial::verdict)
        .orElse("not run");
  }
}
