package phaistos.harness.campaign;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Defects that cannot be told apart: two whose runs have equal trace hashes on every seed that both
 * ran are one, and one that equals the runs without a defect changes nothing there.
 */
public final class EqualTraces {
  private EqualTraces() {}

  /**
   * One sentence for each equal pair of rows of one cell, "a and b have equal traces on 10 seeds".
   */
  public static List<String> of(List<DefectRow> rows) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      for (int j = i + 1; j < rows.size(); j++) {
        int equal = rows.get(i).cell().equals(rows.get(j).cell()) ? equal(rows, i, j) : 0;
        if (equal > 0) {
          found.add(
              "%s and %s have equal traces on %d seeds"
                  .formatted(rows.get(i).defect(), rows.get(j).defect(), equal));
        }
      }
    }
    return found;
  }

  /** On how many seeds they are equal; 0 if there is one on which they differ. */
  private static int equal(List<DefectRow> rows, int i, int j) {
    Map<Long, String> hashes = new HashMap<>();
    rows.get(i).trials().forEach(t -> t.traceHash().ifPresent(h -> hashes.put(t.seed(), h)));
    int equal = 0;
    for (Trial trial : rows.get(j).trials()) {
      String other = hashes.get(trial.seed());
      if (other == null || trial.traceHash().isEmpty()) {
        continue;
      }
      if (!other.equals(trial.traceHash().get())) {
        return 0;
      }
      equal++;
    }
    return equal;
  }
}
