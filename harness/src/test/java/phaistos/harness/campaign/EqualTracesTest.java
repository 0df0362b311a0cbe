package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EqualTracesTest {
  @Test
  void twoDefectsAreOneIfNoSeedTellsThemApart() {
    DefectRow none = row("no-defect", "mix", "x", "y", "z");
    DefectRow same = row("same", "mix", "x", "y");
    DefectRow other = row("other", "mix", "x", "w");
    DefectRow elsewhere = row("elsewhere", "levels", "x", "y");
    assertEquals(
        List.of("no-defect and same have equal traces on 2 seeds"),
        EqualTraces.of(List.of(none, same, other, elsewhere)));
  }

  @Test
  void withoutACommonSeedNothingIsSaid() {
    DefectRow one = new DefectRow("one", "mix", List.of());
    assertEquals(List.of(), EqualTraces.of(List.of(one, row("two", "mix", "x"))));
  }

  private static DefectRow row(String defect, String cell, String... hashes) {
    List<Trial> trials = new ArrayList<>();
    for (String hash : hashes) {
      trials.add(
          new Trial(trials.size(), false, 0, 1, 1, List.of(), "VALID", Optional.of(hash), false));
    }
    return new DefectRow(defect, cell, trials);
  }
}
