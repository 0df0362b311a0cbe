package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StrategyRowTest {
  private static final long SECOND = 1_000_000_000L;

  /** Each run costs four seconds; x is a detection. */
  private static DefectRow row(String strategy, String runs) {
    List<Trial> trials = new ArrayList<>();
    for (int i = 0; i < runs.length(); i++) {
      boolean found = runs.charAt(i) == 'x';
      trials.add(
          new Trial(
              i, found, found ? 1 : 0, 4 * SECOND, 0, List.of(), "", Optional.empty(), false));
    }
    return new DefectRow("d", "default mix", strategy, trials);
  }

  @Test
  void aStrategyIsJudgedByWhatItFoundAndHowSoon() {
    List<StrategyRow> rows =
        StrategyRow.of(
            List.of(row("a", ".x"), row("b", "x"), row("a", "..x"), row("a", "..."), row("b", "")));
    assertEquals(
        List.of(
            new StrategyRow("a", 3, 2, 1, 32 * SECOND), new StrategyRow("b", 1, 1, 1, 4 * SECOND)),
        rows);
    assertEquals(225, rows.getFirst().foundPerCpuHour());
  }
}
