package phaistos.harness.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FeedbackSearchTest {
  /** Runs of the mix of seed 3 pass a point of their own each, all others the same one. */
  private static List<Variant> search(int runs) {
    FeedbackSearch search = new FeedbackSearch(1);
    List<Variant> all = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      Variant next = search.next();
      all.add(next);
      search.ran(next, next.mix() == 3 ? Set.of(1L, 100L + i) : Set.of(1L), 50);
    }
    return all;
  }

  @Test
  void changesWhatPassedSomethingNew() {
    List<Variant> all = search(200);
    List<Variant> changed = all.stream().filter(v -> !v.equals(Variant.of(v.seed()))).toList();
    assertTrue(changed.size() > 60 && changed.size() < 140, changed.size() + " changed");
    // seed 1 was the first to pass the common point; no other mix has passed a new one
    assertTrue(changed.stream().allMatch(v -> v.mix() == 1 || v.mix() == 3), changed.toString());
    assertTrue(changed.stream().filter(v -> v.mix() == 3).count() > changed.size() / 2);
    assertTrue(changed.stream().anyMatch(v -> v.tail().isPresent()));
    assertTrue(changed.stream().flatMap(v -> v.tail().stream()).allMatch(t -> t.fromStep() <= 50));
  }

  @Test
  void isAFunctionOfItsSeedAndOfWhatRunsPass() {
    assertEquals(search(50), search(50));
  }

  @Test
  void aVariantSaysHowItIsRepeated() {
    assertEquals("--seed 7", Variant.of(7).words());
    assertEquals(
        "--mix-seed 3 --seed 7 --tail 40:9",
        new Variant(3, 7, java.util.Optional.of(new phaistos.simulator.Tail(40, 9))).words());
  }
}
