package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How many goals and kinds of faults with an effect the runs of a night have reached, run by run.
 *
 * @param rises each run, from 1 on, that reached something first, with how many were reached then
 * @param runs how many runs there were, without canaries
 * @param known how many goals and kinds of faults the runs had
 */
record Saturation(List<Rise> rises, int runs, int known) {
  /** After so many runs so many were reached. */
  record Rise(int runs, int reached) {}

  static Saturation of(List<Entry.Run> all) {
    Set<String> known = new HashSet<>();
    Set<String> reached = new HashSet<>();
    List<Rise> rises = new ArrayList<>();
    int runs = 0;
    for (Entry.Run run : all) {
      if (run.why() == Entry.Why.CANARY) {
        continue;
      }
      runs++;
      int before = reached.size();
      add("goal ", run.result().goals(), known, reached);
      add("fault ", run.result().faults(), known, reached);
      if (reached.size() > before) {
        rises.add(new Rise(runs, reached.size()));
      }
    }
    return new Saturation(List.copyOf(rises), runs, known.size());
  }

  private static void add(
      String prefix, Map<String, Integer> counts, Set<String> known, Set<String> reached) {
    counts.forEach(
        (name, count) -> {
          known.add(prefix + name);
          if (count > 0) {
            reached.add(prefix + name);
          }
        });
  }

  /** How many were reached after so many runs. */
  private int after(int count) {
    int reached = 0;
    for (Rise rise : rises) {
      reached = rise.runs <= count ? rise.reached : reached;
    }
    return reached;
  }

  /** The curve at 1, 2, 5, 10, 20, 50 runs and so on, in one line. */
  String line() {
    List<String> points = new ArrayList<>();
    int[] next = {1, 2, 5};
    for (int decade = 1; decade < runs; decade *= 10) {
      for (int each : next) {
        if (each * decade < runs) {
          points.add("%,d: %d".formatted(each * decade, after(each * decade)));
        }
      }
    }
    points.add("%,d: %d of %d".formatted(runs, after(runs), known));
    return "goals and effects reached, by runs: %s; the last new one by run %,d"
        .formatted(String.join(", ", points), rises.isEmpty() ? 0 : rises.getLast().runs);
  }
}
