package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What runs have reached, for a memory of seeds and a curve: each goal and each kind of fault, by
 * the order of magnitude of how often (1, 2, 4, 8, ...), and each kind of violation. Not
 * thread-safe.
 */
final class Features {
  private final Set<String> seen = new HashSet<>();

  /** The features of one run. */
  static List<String> of(RunResult result) {
    List<String> all = new ArrayList<>();
    result.goals().forEach((goal, count) -> add("goal " + goal, count, all));
    result.faults().forEach((fault, count) -> add("fault " + fault, count, all));
    result.violations().forEach(each -> all.add("violation " + each.checker() + each.kind()));
    return all;
  }

  private static void add(String name, int count, List<String> all) {
    if (count > 0) {
      all.add(name + " " + Integer.highestOneBit(count));
    }
  }

  /** Adds a run, and says whether it has reached what none before it had. */
  boolean add(RunResult result) {
    return seen.addAll(of(result));
  }

  int size() {
    return seen.size();
  }

  /** How often each goal and fault was reached in all of these runs, those never reached too. */
  static Reached reached(List<RunResult> results) {
    Reached reached = new Reached(new TreeMap<>(), new TreeMap<>());
    for (RunResult result : results) {
      result.goals().forEach((goal, count) -> reached.goals.merge(goal, count, Integer::sum));
      result.faults().forEach((fault, count) -> reached.faults.merge(fault, count, Integer::sum));
    }
    return reached;
  }

  /** Counts by name. */
  record Reached(TreeMap<String, Integer> goals, TreeMap<String, Integer> faults) {
    /** What no run has reached, one sentence each. */
    List<String> unmet() {
      List<String> unmet = new ArrayList<>();
      goals.forEach(
          (goal, count) -> {
            if (count == 0) {
              unmet.add(goal);
            }
          });
      List<String> without =
          faults.entrySet().stream()
              .filter(entry -> entry.getValue() == 0)
              .map(Map.Entry::getKey)
              .toList();
      if (!without.isEmpty()) {
        unmet.add("an effect of " + String.join(", ", without));
      }
      return unmet;
    }
  }
}
