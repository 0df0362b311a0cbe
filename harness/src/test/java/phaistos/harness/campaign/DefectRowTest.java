package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class DefectRowTest {
  private static final long SECOND = 1_000_000_000L;

  /** Each run costs one second more than the one before; x is a detection. */
  private static DefectRow row(String runs) {
    List<Trial> trials = new ArrayList<>();
    for (int i = 0; i < runs.length(); i++) {
      boolean found = runs.charAt(i) == 'x';
      trials.add(
          new Trial(
              i,
              found,
              found ? 1 : 0,
              (i + 1) * SECOND,
              60 * SECOND,
              found ? List.of(i == 1 ? "a" : "b") : List.of(),
              "run " + i,
              Optional.empty(),
              false));
    }
    return new DefectRow("d", "default mix", trials);
  }

  @Test
  void theCostIsTheMedianOverAllPlacesWhereASearchCanBegin() {
    // from run 0: 1 + 2, from run 1: 2, from run 2: 3 + 4, from run 3: 4
    assertEquals(OptionalDouble.of(3.5), row(".x.x").cpuSeconds());
    assertEquals(OptionalDouble.of(90), row(".x.x").simulatedSeconds());
    // from the last run the search goes on with the first: 3 + 1
    assertEquals(OptionalDouble.of(4), row("x..").cpuSeconds());
    assertEquals(OptionalDouble.of(1), row("x").cpuSeconds());
  }

  @Test
  void withoutADetectionThereIsNoCost() {
    assertEquals(OptionalDouble.empty(), row("..").cpuSeconds());
    assertEquals(0, row("..").share());
    assertEquals(0, row("").share());
    assertEquals("not run", row("").verdict());
    assertEquals("run 0", row("..").verdict());
  }

  @Test
  void theCheckerIsTheOneThatFoundItMostOften() {
    assertEquals(Optional.of("b"), row(".xxx").checker());
    assertEquals("run 1", row(".xxx").verdict());
    assertEquals(0.75, row(".xxx").share());
  }
}
