package phaistos.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code phaistos defects}. */
class DefectsCommandTest {
  private static Captured run(String cells) {
    return Captured.run(
        "defects",
        "--only",
        "page-before-wal",
        "--cells",
        cells,
        "--seeds",
        1,
        "--time-limit",
        "2s");
  }

  private static List<String> notRun(Captured end) {
    return end.out().lines().filter(line -> line.endsWith("  not run")).toList();
  }

  @Test
  void aCellThatWasNotAskedForIsShownAsNotRun() {
    List<String> own = notRun(run("mix"));
    assertEquals(1, own.size());
    assertTrue(own.getFirst().contains("checkpoint"), own.getFirst());
    List<String> mix = notRun(run("own"));
    assertEquals(1, mix.size());
    assertTrue(mix.getFirst().contains("default mix"), mix.getFirst());
    assertEquals(List.of(), notRun(run("all")));
  }
}
